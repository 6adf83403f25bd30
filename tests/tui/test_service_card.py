"""The card says how a service does, why it is not well, and what would help."""

from __future__ import annotations

from pathlib import Path

import pytest
from opened_app import Opened, at, settled
from sample_services import service, show

from devkit.engine.containers import Probe
from devkit.engine.state import PublishedPort
from devkit.logs.store import LogStore
from devkit.logs.stored import stored
from devkit.tui.ailments import Ailment, Ailments
from devkit.tui.card_text import card, project_card
from devkit.tui.widgets.service_card import ServiceCard
from devkit.tui.widgets.service_row import Badge

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def probe(second: int, status: int, output: str) -> Probe:
    moment = at(second).decode()
    return Probe(moment, status, output, moment)


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    made = LogStore(tmp_path / "logs")
    lines = ((10, b"listening"), (20, b"SQLSTATE[HY000] [1045] Access denied for user"), (90, b"a later line"))
    for second, text in lines:
        made.write(made.source("app-1"), stored("e", at(second), text))
    made.write(made.source("redis-1"), stored("o", at(20), b"of another one"))
    return made


def test_a_failing_health_check_comes_with_streak_output_log_before_it_and_the_likely_fix(store: LogStore) -> None:
    probes = (probe(20, 0, "fine"), probe(30, 3, "a\n\x1b[31mno database\n"), probe(40, 3, "a\n\x1b[31mno database\n"))
    ill = service("app", health="unhealthy", failing_streak=7, probes=probes)
    text = card(ill, now=1125.0, ailment=Ailments().of(ill, store.sources)).plain
    assert "app  running, unhealthy" in text
    assert "failed its health check 7 times in a row" in text
    assert "likely: the password in .env is not the one" in text
    assert "check: status 3, 2 times\n  a\n  no database" in text
    assert "log before it:\n  listening\n  SQLSTATE" in text
    assert "a later line" not in text
    assert "of another one" not in text


def test_the_moment_it_began_is_remembered_when_the_engine_has_forgotten_it(store: LogStore) -> None:
    ailments = Ailments()
    ailments.of(service("app", health="unhealthy", failing_streak=1, probes=(probe(30, 1, "x"),)), store.sources)
    later = service("app", health="unhealthy", failing_streak=99, probes=(probe(100, 1, "x"),))
    found = ailments.of(later, store.sources)
    assert found is not None
    assert "a later line" not in found.diagnosis.log_lines


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"out_of_memory": True}, "was killed for lack of memory"),
        ({}, "was killed (status 137)"),
        ({"start_error": "port is already allocated"}, "could not be started\nport is already allocated"),
    ],
)
def test_an_end_has_its_reason_and_its_last_lines(store: LogStore, more: dict[str, object], said: str) -> None:
    ended = service("app", "exited", exit_code=137, **more)
    text = card(ended, now=0, ailment=Ailments().of(ended, store.sources)).plain
    assert said in text
    assert "log:" in text
    assert "a later line" in text


def test_what_was_stopped_on_purpose_is_not_ill(store: LogStore) -> None:
    assert Ailments().of(service("app", "exited", exit_code=0), store.sources) is None
    assert Ailments().of(service("app", health="starting"), store.sources) is None
    assert Ailments().of(service("app", "missing"), store.sources) is None


def test_a_service_that_is_well_shows_where_it_is_and_since_when() -> None:
    port = PublishedPort("127.0.0.1", 8000, 8080)
    text = card(service("app", health="healthy", ports=(port,), restarts=2), now=1125.0).plain
    assert "up 2 min, restarted 2 times" in text
    assert "127.0.0.1:8000 → 8080/tcp" in text
    assert "app:1" in text


def test_a_scaled_service_has_a_line_for_each_of_its_containers(store: LogStore) -> None:
    many = service("queue", containers=2)
    ended = service("queue", "exited", exit_code=1).containers[0]
    mixed = type(many)("queue", (*many.containers, ended))
    ailment = Ailments().of(mixed, store.sources)
    assert isinstance(ailment, Ailment)
    text = card(mixed, now=1125.0, ailment=ailment).plain
    assert "2 of 3 ready" in text
    assert " 1 running, up 2 min" in text
    assert " 2 running, up 2 min" in text
    assert " 1 exited 1" in text
    assert "number 1 exited with status 1" in text


def test_a_service_of_a_profile_says_how_it_starts() -> None:
    assert "starts with its profile tools" in card(service("debug", "missing", profiles=("tools",)), now=0).plain


def test_badges_are_said_in_words() -> None:
    badge = Badge("↑2", "yellow", "2 migrations are pending")
    assert "2 migrations are pending" in card(service("app"), now=0, badges=[badge]).plain
    assert "2 migrations are pending" in project_card([service("app")], "http://x", [badge]).plain


def test_the_card_of_all_services_has_the_address_and_what_is_wrong() -> None:
    text = project_card([service("app"), service("redis", "exited", exit_code=1)], "http://localhost:8000", []).plain
    assert text == "http://localhost:8000\nredis exited with status 1"


async def test_the_card_of_an_ill_service_is_seen_and_scrolled(opened: Opened) -> None:
    probes = tuple(probe(second, 1, f"line one\nline two\nline {second}") for second in range(50, 55))
    ill = service("app", health="unhealthy", failing_streak=9, probes=probes)
    async with opened(80, 24) as pilot:
        app = await show(pilot, ill)
        await pilot.press("down")
        await pilot.pause()
        shown = app.query_one(ServiceCard)
        assert "failed its health check 9 times in a row" in shown.text.plain
        assert shown.scroll_offset.y == 0
        await pilot.press("J")
        await pilot.pause()
        assert shown.scroll_offset.y > 3
        await pilot.press("K")
        await pilot.pause()
        assert shown.scroll_offset.y == 0
        await pilot.press("up")
        await settled(pilot)
        assert "http://localhost" in shown.text.plain


def test_without_a_known_cause_none_is_invented(store: LogStore) -> None:
    ill = service("redis", health="unhealthy", failing_streak=1, probes=(probe(30, 1, "PONG is missing"),))
    text = card(ill, now=1125.0, ailment=Ailments().of(ill, store.sources)).plain
    assert "likely" not in text
    assert "no known cause: i shows its check" in text
