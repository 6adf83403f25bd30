"""Pictures of the queues and of the requests, wide and narrow, with the same content always."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pane_app import PaneApp
from queue_samples import QUEUES
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.laravel.queues import Queues
from devkit.logs.stored import stored
from devkit.setup.project import Project
from devkit.tui.pane import TABS
from devkit.tui.session import Session
from devkit.tui.widgets.table import Table

pytestmark = pytest.mark.unit

WIDE, NARROW = (140, 45), (80, 24)
ROUTES = (("GET", "/orders/%d", 200, 3), ("POST", "/orders", 302, 5), ("GET", "/", 200, 2), ("GET", "/broken", 500, 17))


def pane_app(project: Project, tab: str) -> PaneApp:
    return PaneApp(project, next(one for one in TABS if one.id == tab))


def is_still(pilot: Pilot[None]) -> bool:
    """Whether rows are there, and none are read any more."""
    titles = [str(title.render()) for title in pilot.app.query(Static) if str(title.id).endswith("-title")]
    return any(table.row_count for table in pilot.app.query(Table)) and not any("reading" in title for title in titles)


def settled(keys: str = "") -> Callable[[Pilot[None]], Any]:
    """Wait until the first look was taken, and press the keys."""

    async def run_before(pilot: Pilot[None]) -> None:
        async with asyncio.timeout(20):
            while not is_still(pilot):
                await pilot.pause(0.05)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return run_before


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> None:
    async def queues(*_: Any) -> Queues:
        return QUEUES

    monkeypatch.setattr(Session, "app_container", "the-app")
    monkeypatch.setattr("devkit.tui.panes.queue.queues", queues)


@pytest.fixture
def requested(project: Project) -> Project:
    """An hour of requests in the store, besides the two minutes that are there."""
    session = pane_app(project, "requests").session
    for second in range(0, 3600, 7):
        method, path, status, share = ROUTES[second % len(ROUTES)]
        fields = {
            "request": {"method": method, "uri": path % second if "%" in path else path},
            "duration": (second % 100 + 10) * share / 10_000,
            "status": status,
            "uuid": f"0191a1f2-3b4c-7d5e-8f60-{second:012}",
        }
        moment = b"2026-01-31T12:%02d:%02d.000000000Z" % (second // 60, second % 60)
        session.store.write(session.store.source("app-1"), stored("o", moment, json.dumps(fields).encode()))
    session.close()
    return project


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_queues(project: Project, snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(pane_app(project, "queue"), terminal_size=size, run_before=settled())


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_requests_by_route(requested: Project, snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(pane_app(requested, "requests"), terminal_size=size, run_before=settled("P"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_one_request(requested: Project, snap_compare: Any, size: tuple[int, int]) -> None:
    async def opened(pilot: Pilot[None]) -> None:
        await settled()(pilot)
        await pilot.press("enter", "enter")
        async with asyncio.timeout(20):
            while pilot.app.screen.lines is None:  # type: ignore[attr-defined]
                await pilot.pause(0.05)
        await pilot.pause()

    assert snap_compare(pane_app(requested, "requests"), terminal_size=size, run_before=opened)
