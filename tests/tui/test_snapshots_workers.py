"""The Workers tab as it looks, wide and narrow."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from pane_app import PaneApp
from textual.pilot import Pilot
from worker_samples import NOW, READING

from devkit.laravel.reactions import Reaction
from devkit.laravel.workers import Thread
from devkit.setup.followed import Followed
from devkit.setup.following import State
from devkit.setup.project import Project
from devkit.tui.pane import TABS, WORKERS
from devkit.tui.panes.workers import WorkersPane

pytestmark = pytest.mark.unit

EVENTS = (
    Followed(Reaction.CODE, ("app/Models/Order.php",), "new code answered 200; queue restarted", 0.31, time=NOW),
    Followed(
        Reaction.CADDYFILE,
        ("docker/Caddyfile",),
        "the former Caddyfile goes on: adapting config using caddyfile: syntax error at /app/docker/Caddyfile:85",
        0.21,
        failed=True,
        time=NOW + 60,
    ),
    Followed(Reaction.REBUILD, ("Dockerfile",), "takes a rebuild: devkit up", 0.0, offer=True, time=NOW + 120),
    Followed(Reaction.CODE, (), "new code answered 200", 0.28, time=NOW + 180),
)


async def shown(pilot: Pilot[None]) -> None:
    """Threads of a moment, in the place of an engine's."""
    pane = cast(WorkersPane, cast(PaneApp, pilot.app).pane)
    pane.hidden()
    files = pane.host.session.files
    files.events.extend(EVENTS)
    files.state = State(follows=True)
    pane.files_followed()
    later = tuple(replace(thread, requests=thread.requests + 40) for thread in READING.threads)
    starting = Thread(4, READING.threads[1].name, "booting", True, 0, 0)
    pane.show(READING, NOW)
    pane.show(replace(READING, threads=(*later, starting), moment=READING.moment + 4), NOW)
    await pilot.pause()


@pytest.fixture(autouse=True)
def times_of_nowhere(project: Project) -> Iterator[None]:
    """The project's TZ is UTC; the C library has to be told."""
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "narrow"])
def test_the_tab_looks_like_this(project: Project, snap_compare: Callable[..., Any], size: tuple[int, int]) -> None:
    tab = next(tab for tab in TABS if tab.id == WORKERS)
    assert snap_compare(PaneApp(project, tab), terminal_size=size, run_before=shown)
