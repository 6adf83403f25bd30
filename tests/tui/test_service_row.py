"""One row of the list, as much of it as there is room for."""

from __future__ import annotations

import pytest
from sample_services import service

from devkit.engine.state import PublishedPort
from devkit.engine.stats import Sample
from devkit.tui.widgets.service_row import Badge, Facts, all_row, profile_row, service_row

pytestmark = pytest.mark.unit

SAMPLE = Sample(0.0, 12.5, 100 * 1024 * 1024, 0, 0, 0, 0, 0, 1)
PORT = PublishedPort("127.0.0.1", 8000, 8080)


def facts(width: int, **more: object) -> Facts:
    return Facts(width, now=1125.0, **{"samples": (SAMPLE,), "spark": "▁▂▃▄▅▆▇█", **more})  # type: ignore[arg-type]


def test_the_usual_width_has_figures_and_the_curve() -> None:
    assert service_row(service("app"), facts(37)).plain == "● app            12.5%  100M ▁▂▃▄▅▆▇█"


def test_a_wide_one_has_uptime_and_port_too() -> None:
    row = service_row(service("app", ports=(PORT,)), facts(55)).plain
    assert row.startswith("● app            12.5%  100M ▁▂▃▄▅▆▇█")
    assert row.endswith("2 min :8000 ")
    assert len(row) == 55


@pytest.mark.parametrize("width", [23, 37, 55])
def test_badges_are_seen_at_every_width_and_the_curve_makes_room(width: int) -> None:
    badges = (Badge("↑2", "yellow", ""), Badge("✗3", "red", ""))
    row = service_row(service("meilisearch"), facts(width, badges=badges)).plain
    assert "↑2 ✗3" in row
    assert len(row) <= width


def test_containers_of_a_scaled_service_count_together() -> None:
    row = service_row(service("queue", containers=2), facts(37, samples=(SAMPLE, SAMPLE))).plain
    assert row.startswith("● queue x2       25.0%  200M")


def test_a_service_with_a_container_that_is_not_ready_stands_out() -> None:
    mixed = type(service("a"))("a", (*service("a").containers, *service("a", "exited", exit_code=1).containers))
    assert service_row(mixed, facts(37)).style == "yellow"


@pytest.mark.parametrize(
    ("state", "said"), [("exited", "○ app            exited 3"), ("missing", "· app            missing")]
)
def test_what_does_not_run_says_how_it_is(state: str, said: str) -> None:
    assert service_row(service("app", state, exit_code=3), facts(37)).plain == said


def test_a_marked_one_has_a_sign() -> None:
    assert service_row(service("app"), facts(37, marked=True)).plain.startswith("●✓app")


def test_profiles_that_are_off_are_not_counted_as_missing() -> None:
    services = [service("app"), service("redis", "exited"), service("debug", "missing", profiles=("tools",))]
    assert all_row(services).plain == "≡ all services 1/2"
    assert profile_row(("tools", "more")).plain == "  profile tools, more"
