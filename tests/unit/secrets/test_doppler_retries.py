"""What is asked again, after how long, and when it is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devkit.secrets.doppler.exchange import Answer, Kind, NoAnswerError
from devkit.secrets.doppler.retries import Backoff, persist, retry_after

pytestmark = pytest.mark.unit

BUSY = Answer(503, {}, b"")
MANY = Answer(429, {}, b"")
FINE = Answer(200, {}, b"{}")


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self, seconds: float = 9.0) -> None:
        self.left = seconds
        self.waits: list[float] = []
        self.called_off = False

    def pause(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.left -= seconds
        return self.called_off


def in_turn(*outcomes: Answer | NoAnswerError) -> Callable[[], Answer]:
    """Each of them once, in this order."""
    rest = iter(outcomes)

    def ask() -> Answer:
        outcome = next(rest)
        if isinstance(outcome, NoAnswerError):
            raise outcome
        return outcome

    return ask


def asked(clock: Clock, *outcomes: Answer | NoAnswerError, changes: bool = False) -> Answer:
    backoff = Backoff(attempts=4, first=1.0, chance=lambda: 0.5)
    return persist(in_turn(*outcomes), changes=changes, backoff=backoff, left=lambda: clock.left, pause=clock.pause)


def test_a_fault_is_asked_again_after_waits_that_double() -> None:
    clock = Clock()
    assert asked(clock, BUSY, NoAnswerError("refused"), BUSY, FINE) is FINE
    assert clock.waits == [1, 2, 4]


def test_the_last_answer_is_given_after_four_times() -> None:
    clock = Clock()
    assert asked(clock, BUSY, BUSY, BUSY, BUSY, FINE) is BUSY
    assert len(clock.waits) == 3


def test_waits_differ_by_chance_so_that_many_do_not_come_back_together() -> None:
    low, high = Backoff(first=1.0, chance=lambda: 0.0), Backoff(first=1.0, chance=lambda: 1.0)
    assert low.pause(1) < 1 < high.pause(1) < low.pause(2) < high.pause(2)


def test_the_time_the_server_asks_for_is_waited() -> None:
    clock = Clock()
    assert asked(clock, Answer(429, {"retry-after": "3"}, b""), FINE) is FINE
    assert clock.waits == [3]


def test_a_wait_that_does_not_fit_into_the_time_is_not_begun() -> None:
    clock = Clock(9)
    late = Answer(429, {"retry-after": "37"}, b"")
    assert asked(clock, late, FINE) is late
    assert clock.waits == []


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 409, 422, 501])
def test_an_answer_that_stays_the_same_is_given_at_once(status: int) -> None:
    clock = Clock()
    final = Answer(status, {}, b"")
    assert asked(clock, final, FINE) is final
    assert clock.waits == []


@pytest.mark.parametrize("kind", ["name", "certificate", "tls", "trust", "proxy", "gibberish"])
def test_what_another_try_cannot_mend_is_told_at_once(kind: Kind) -> None:
    clock = Clock()
    with pytest.raises(NoAnswerError):
        asked(clock, NoAnswerError(kind), FINE)
    assert clock.waits == []


def test_a_change_that_may_have_arrived_is_not_sent_again() -> None:
    clock = Clock()
    with pytest.raises(NoAnswerError):
        asked(clock, NoAnswerError("broken", sent=True), FINE, changes=True)
    assert asked(clock, BUSY, FINE, changes=True) is BUSY
    assert clock.waits == []


def test_a_change_that_did_not_arrive_is_sent_again() -> None:
    assert asked(Clock(), NoAnswerError("refused"), MANY, FINE, changes=True) is FINE


def test_nothing_is_asked_again_once_nobody_waits() -> None:
    clock = Clock()
    clock.called_off = True
    assert asked(clock, BUSY, FINE) is BUSY
    with pytest.raises(NoAnswerError):
        asked(clock, NoAnswerError("refused"), FINE)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": "Wed, 21 Oct 2015 07:27:23 GMT"}, 37),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000", "date": "yesterday"}, 0),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date_by_the_servers_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(Answer(429, headers, b"")) == seconds
