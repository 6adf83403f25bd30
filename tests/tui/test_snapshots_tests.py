"""How the tests look, wide and narrow: what a run told, at a time that is always the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from opened_app import settled
from recorded_runs import PHPUNIT
from textual.pilot import Pilot

from devkit.laravel.test_run import TestRun
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.tests import TestsPane

pytestmark = pytest.mark.unit

SnapCompare = Callable[..., bool]


def after_a_run(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        app = cast(DevkitApp, pilot.app)
        await settled(pilot)
        await app.open_pane(next(tab for tab in TABS if tab.id == "tests"))
        await settled(pilot)
        pane = app.query_one(TestsPane)
        told = pane.runner.run_of = TestRun(pane.runner.tree)
        for line in PHPUNIT.encode().split(b"\n"):
            told.take(line)
        told.end(2, stopped=False)
        pane.runner.title, pane.runner.database = "all tests", "sqlite :memory:"
        pane.runner.took = 0.482
        app.add_class("-zoomed")
        app.query_one("#tabs").display = False  # others' tabs are not what is looked at here
        app.say("shop")
        app.say = _nothing  # type: ignore[method-assign]  # the engine's trouble names a directory of this run
        pane.draw()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()

    return run


def _nothing(*_arguments: Any, **_more: Any) -> None:
    return


def test_the_tests_wide(project: Project, snap_compare: SnapCompare) -> None:
    assert snap_compare(DevkitApp(project), terminal_size=(140, 45), run_before=after_a_run())


def test_the_tests_narrow_with_the_detail_alone(project: Project, snap_compare: SnapCompare) -> None:
    assert snap_compare(DevkitApp(project), terminal_size=(80, 24), run_before=after_a_run("n", "enter"))
