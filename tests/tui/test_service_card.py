"""The card says why a service is not well."""

from __future__ import annotations

import pytest

from devkit.engine.containers import Inspection, Probe
from devkit.engine.live_services import LiveService
from devkit.engine.state import PublishedPort, ServiceState
from devkit.tui.widgets.service_card import card, why

pytestmark = pytest.mark.unit


def inspection(state: ServiceState, **more: object) -> Inspection:
    given = {
        "service": state,
        "name": "shop-app-1",
        "restart_policy": "no",
        "restarts": 0,
        "started": 1000.0,
        "out_of_memory": False,
        "start_error": "",
        "probes": (),
        **more,
    }
    return Inspection(**given)  # type: ignore[arg-type]


def test_a_failing_health_check_is_quoted_with_its_streak() -> None:
    state = ServiceState("app", "running", "unhealthy", container="c")
    found = inspection(
        state, failing_streak=4, probes=(Probe("1", 0, "fine"), Probe("2", 3, "a\n\x1b[31mno database\n"))
    )
    assert why(found) == ["health check failed 4 times, status 3:", "a", "no database"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"out_of_memory": True}, "ended: out of memory"),
        ({}, "ended with status 137"),
        ({"start_error": "port is taken"}, "port is taken"),
    ],
)
def test_an_end_has_its_reason(more: dict[str, object], said: str) -> None:
    found = inspection(ServiceState("app", "exited", exit_code=137, container="c"), **more)
    assert why(found) == [said]


def test_a_service_that_is_well_has_no_reason_and_shows_where_it_is() -> None:
    port = PublishedPort("127.0.0.1", 8000, 8080)
    state = ServiceState("app", "running", "healthy", image="shop-app:development", ports=(port,), container="c")
    text = card(LiveService("app", (inspection(state, restarts=2),)), ["a line"], now=1125.0).plain
    assert "up 2 min, restarted 2 times" in text
    assert "127.0.0.1:8000 → 8080/tcp" in text
    assert "a line" not in text


def test_a_service_that_is_not_ready_shows_its_last_lines() -> None:
    state = ServiceState("app", "exited", exit_code=1, container="c")
    assert "cannot connect" in card(LiveService("app", (inspection(state),)), ["cannot connect"], now=0).plain
