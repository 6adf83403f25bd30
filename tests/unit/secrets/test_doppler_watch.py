"""A config that changes is told of: by the stream, after the stream was lost, and where there is none."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator

import pytest
from fake_doppler import SECRETS, WATCH, FakeDoppler, faults

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.watch import Changes, Rhythm, changes, events

pytestmark = pytest.mark.unit

QUICK = Rhythm(again=0.001, longest=0.01, poll=0.01, answer=60, silence=60)


@pytest.fixture
def fake() -> Iterator[FakeDoppler]:
    with FakeDoppler() as running:
        running.add_config("shop", "dev", {"A": "a"})
        yield running


def watching(
    fake: FakeDoppler, token: str = "", project: str = "shop", config: str = "dev", rhythm: Rhythm = QUICK
) -> Changes:
    access = Access(Token(token or fake.personal_token(), "DOPPLER_TOKEN"), project, config, fake.url)
    return changes(access, rhythm=rhythm)


def connected(fake: FakeDoppler, watched: Changes) -> None:
    """The first thing that is told is that it is watched."""
    next(watched)
    fake.wait_for_watchers(1)


def test_the_first_is_told_as_soon_as_it_is_watched_and_then_each_change(fake: FakeDoppler) -> None:
    with watching(fake) as watched:
        connected(fake, watched)
        for number in range(3):
            fake.set_secrets("shop", "dev", {"A": str(number)})
            next(watched)
    assert [seen.path for seen in fake.requests] == [WATCH]
    assert fake.requests[0].headers["accept"] == "text/event-stream"


def test_what_is_no_change_is_not_told_of(fake: FakeDoppler) -> None:
    told = threading.Semaphore(0)
    with watching(fake) as watched:

        def count() -> None:
            for _ in watched:
                told.release()

        counting = threading.Thread(target=count)
        counting.start()
        assert told.acquire(timeout=60)
        fake.wait_for_watchers(1)
        for _ in range(5):
            fake.ping()
            fake.tell_watchers(b"event: message\ndata: no JSON\n\n: a comment\n\nretry: 7\n\n")
        fake.set_secrets("shop", "prd", {"A": "b"})
        fake.set_secrets("shop", "dev", {"A": "b"})
        assert told.acquire(timeout=60)
        watched.close()
        counting.join(60)
        assert not told.acquire(blocking=False)


def test_a_stream_that_was_lost_is_opened_again_and_what_was_missed_is_told_of(fake: FakeDoppler) -> None:
    with watching(fake) as watched:
        connected(fake, watched)
        for opened in (2, 3):
            fake.cut_watchers()
            next(watched)
            fake.wait_for_requests(opened, WATCH)
            fake.wait_for_watchers(1)
        fake.set_secrets("shop", "dev", {"A": "b"})
        next(watched)


def test_a_stream_that_goes_silent_is_taken_for_dead(fake: FakeDoppler) -> None:
    with watching(fake, rhythm=Rhythm(again=0.001, silence=0.05)) as watched:
        connected(fake, watched)
        next(watched)
        fake.wait_for_requests(2, WATCH)


@pytest.mark.parametrize(
    "fault",
    [faults.Status(503), faults.Status(429, retry_after=0), faults.CloseAtOnce(), faults.Reset()],
    ids=["503", "429", "closed", "reset"],
)
def test_what_passes_is_waited_for(fake: FakeDoppler, fault: faults.Fault) -> None:
    fake.fail(fault, times=3)
    with watching(fake) as watched:
        connected(fake, watched)
    assert len(fake.requests_for(WATCH)) == 4


@pytest.mark.parametrize("fault", [faults.Status(403), faults.Status(404, "Not Found"), faults.Page()], ids=repr)
def test_where_there_is_no_stream_the_config_is_looked_at_now_and_then(fake: FakeDoppler, fault: faults.Fault) -> None:
    fake.fail(fault, path=WATCH)
    with watching(fake) as watched:
        next(watched)
        fake.wait_for_requests(3, SECRETS)
        fake.set_secrets("shop", "dev", {"A": "b"})
        next(watched)
        fake.fail(faults.Status(503), path=SECRETS, times=1)
        fake.set_secrets("shop", "dev", {"A": "c"})
        next(watched)
    assert len(fake.requests_for(WATCH)) == 1


def test_it_is_looked_no_more_often_than_doppler_likes() -> None:
    assert Rhythm().poll >= 30


def test_a_service_token_watches_what_it_opens(fake: FakeDoppler) -> None:
    with watching(fake, fake.service_token("shop", "dev"), "", "") as watched:
        connected(fake, watched)
        fake.set_secrets("shop", "dev", {"A": "b"})
        next(watched)
    assert dict(fake.requests[0].query) == {}


def test_a_token_that_is_revoked_ends_it(fake: FakeDoppler) -> None:
    token = fake.personal_token()
    with watching(fake, token) as watched:
        connected(fake, watched)
        fake.revoke(token)
        fake.cut_watchers()
        with pytest.raises(SecretsError, match=r"does not take the token from DOPPLER_TOKEN \(401\)"):
            next(watched)
        with pytest.raises(StopIteration):
            next(watched)


def test_a_config_that_is_not_there_ends_it(fake: FakeDoppler) -> None:
    with (
        watching(fake, config="nope") as watched,
        pytest.raises(SecretsError, match="project shop has no config nope"),
    ):
        next(watched)


def test_a_config_has_to_be_named(fake: FakeDoppler) -> None:
    with pytest.raises(SecretsError, match="no config of Doppler's is named"):
        watching(fake, config="")


def test_closing_ends_the_wait_of_another_thread_and_the_stream(fake: FakeDoppler) -> None:
    watched = watching(fake)
    connected(fake, watched)
    waiting = threading.Thread(target=lambda: list(watched), daemon=True)
    waiting.start()
    watched.close()
    waiting.join(60)
    assert not waiting.is_alive()
    fake.wait_for_watchers(0)
    with pytest.raises(StopIteration):
        next(watched)


def test_closing_ends_a_wait_for_the_first_answer(fake: FakeDoppler) -> None:
    fake.fail(faults.Hang())
    watched = watching(fake)
    waiting = threading.Thread(target=lambda: list(watched), daemon=True)
    waiting.start()
    fake.wait_for_requests(1)
    watched.close()
    waiting.join(60)
    assert not waiting.is_alive()


def test_ctrl_c_does_not_have_to_wait(fake: FakeDoppler) -> None:
    with watching(fake) as watched:
        connected(fake, watched)
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            next(watched)
    fake.wait_for_watchers(0)


def test_one_that_was_never_asked_starts_nothing(fake: FakeDoppler) -> None:
    watching(fake).close()
    assert fake.requests == []


@pytest.mark.parametrize(
    ("stream", "kinds"),
    [
        (b"", []),
        (b'event: message\ndata: {"type":"connected"}\n\n', ["connected"]),
        (b'data:{"type":"ping"}\r\n\r\ndata: {"type":\r\ndata: "secrets.update"}\r\n\r\n', ["ping", "secrets.update"]),
        (b": comment\n\nid: 1\n\nretry: 5\n\n", []),
        (b"data: {}\n\ndata: []\n\ndata: 7\n\ndata: {\n\n" + b'data: {"type": 7}\n\n', [""] * 5),
        (b'data: {"type":"secrets.update"}\n', []),  # cut before it was whole
        (b'data: "' + b"x" * 70_000 + b'\n\ndata: {"type":"ping"}\n\n', []),
        (b"data: 1\n" * 100 + b'\ndata: {"type":"ping"}\n\n', []),
    ],
)
def test_events_are_read_from_a_stream(stream: bytes, kinds: list[str]) -> None:
    assert list(events(io.BytesIO(stream).readline)) == kinds
