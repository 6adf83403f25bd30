"""Pictures of the Artisan tab, its form and its question, wide and narrow, with the same content always."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from artisan_project import COMMANDS, with_catalogue
from pane_app import PaneApp
from textual.pilot import Pilot

from devkit.laravel.artisan_history import Ran, note, toggle_favourite
from devkit.setup.project import Project
from devkit.tui.artisan_run import Call, Run
from devkit.tui.pane import ARTISAN, TABS
from devkit.tui.panes.artisan import ArtisanPane
from devkit.tui.screens.artisan_form import ArtisanForm
from devkit.tui.screens.loss_question import LossQuestion

pytestmark = pytest.mark.unit

WIDE, NARROW = (140, 45), (80, 24)
STATUS = (
    b"\x1b[1m$ php artisan migrate:status\x1b[0m",
    b"",
    b"  \x1b[90mMigration name\x1b[39m ................................ \x1b[90mBatch / Status\x1b[39m",
    b"  0001_01_01_000000_create_users_table ................. [1] \x1b[32;1mRan\x1b[39;22m",
    b"  2026_01_31_100041_create_orders_table ............... \x1b[33;1mPending\x1b[39;22m",
    b"",
)
Before = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture
def app(project: Project) -> PaneApp:
    with_catalogue(project.paths.root)
    note(project.paths, Ran("migrate", {"--seed": True}, 1.0, 0, 1.0), lambda _name, _value: False)
    toggle_favourite(project.paths, "queue:work")
    return PaneApp(project, next(one for one in TABS if one.id == ARTISAN))


async def pane_of(pilot: Pilot[None]) -> ArtisanPane:
    pane = pilot.app.query_one(ArtisanPane)
    while not pane.commands.rows:
        await pilot.pause(0.01)
    return pane


def ended(pane: ArtisanPane) -> None:
    """A run that has just ended, whatever the clock says."""
    call = Call(COMMANDS[6], {}, ("migrate:status",), ("migrate:status",))
    run = Run(call, (), pane.runs.changed)
    for line in STATUS:
        run.lines.append(line)
    run.status, run._ended = 0, run._began + 0.4
    pane.runs.show(run)


async def shown(pilot: Pilot[None]) -> None:
    ended(await pane_of(pilot))
    await pilot.pause()


async def found(pilot: Pilot[None]) -> None:
    await pane_of(pilot)
    await pilot.press("slash", *"migst")
    await pilot.pause()


async def filled(pilot: Pilot[None]) -> None:
    pane = await pane_of(pilot)
    await pane.open_form("mail:send")
    await pilot.pause()
    form = pilot.app.screen
    assert isinstance(form, ArtisanForm)
    form.query("Input").first().cursor_blink = False  # type: ignore[attr-defined]
    await pilot.press(*"ada", "tab", "tab", "space")
    await pilot.pause()


async def asked(pilot: Pilot[None]) -> None:
    pane = await pane_of(pilot)
    await pane.open_form("migrate:fresh")
    await pilot.press("ctrl+r")
    while not isinstance(pilot.app.screen, LossQuestion):
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("before", [shown, found, filled, asked], ids=["run", "search", "form", "question"])
def test_the_tab_looks_as_it_did(app: PaneApp, snap_compare: Any, before: Before, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=before)
