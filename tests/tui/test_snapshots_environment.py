"""Pictures of the Environment tab, wide and narrow: its names, one that is revealed, and what a pull would change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from env_stand_in import DIFF, LOCAL, stand_in
from pane_app import PaneApp
from textual.pilot import Pilot

from devkit.secrets.comparison import comparison_in
from devkit.setup.project import Project
from devkit.tui.pane import TABS
from devkit.tui.panes.environment import EnvironmentPane
from devkit.tui.screens.question import Question

pytestmark = pytest.mark.unit

ENV = """\
APP_NAME=Shop
APP_ENV=local
APP_KEY=base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
DB_CONNECTION=mysql
DB_PASSWORD=of-the-volume
STRIPE_SECRET=sk_test_of_this_machine
OLD_TOKEN=old
LOCAL_ONE=mine
EMPTY_ONE=
SIGNING_KEY="-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----\\n"
PUSHER_APP_KEY=same
"""
DIFFERENCE = {**DIFF, "local_only": ["LOCAL_ONE", "EMPTY_ONE", "DB_CONNECTION"]}
KEYS: dict[str, tuple[str, ...]] = {"names": (), "revealed": ("slash", *"signing", "enter", "v"), "pull": ("p",)}


def tab_with(source: dict[str, Any], keys: tuple[str, ...]) -> Callable[[Pilot[None]], Any]:
    async def shown(pilot: Pilot[None]) -> None:
        pane = cast(EnvironmentPane, cast(PaneApp, pilot.app).pane)
        async with asyncio.timeout(20):
            while not pane.keeper.compared:
                await pilot.pause(0.01)
            while pane.names.row_count < 10:
                await pilot.pause(0.01)
            await pilot.press(*keys)
            while "p" in keys and not isinstance(pilot.app.screen, Question):
                await pilot.pause(0.01)
        await pilot.pause()
        assert pane.keeper.comparison is not None
        assert pane.keeper.comparison.standings == comparison_in(source, 0).standings

    return shown


@pytest.fixture
def tab(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaneApp:
    project.paths.env.write_text(ENV)
    (project.paths.settings).write_text('schema = 1\n[project]\nname = "shop"\n[services]\ndatabase = "mysql"\n')
    stand_in(tmp_path / "program", project.paths.env, monkeypatch).says_difference(DIFFERENCE)
    return PaneApp(project, next(tab for tab in TABS if tab.id == "environment"))


@pytest.mark.parametrize("size", [(120, 40), (54, 21)], ids=["wide", "narrow"])
@pytest.mark.parametrize("what", KEYS)
def test_the_tab_looks_like_this(tab: PaneApp, snap_compare: Any, what: str, size: tuple[int, int]) -> None:
    assert snap_compare(tab, terminal_size=size, run_before=tab_with(DIFFERENCE, KEYS[what]))


def test_without_doppler_it_looks_like_this(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snap_compare: Any
) -> None:
    project.paths.env.write_text(ENV)
    stand_in(tmp_path / "program", project.paths.env, monkeypatch).says_difference(LOCAL)
    app = PaneApp(project, next(tab for tab in TABS if tab.id == "environment"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=tab_with(LOCAL, ()))
