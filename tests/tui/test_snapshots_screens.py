"""Pictures of the main screen, help, palette, settings and doctor, wide and narrow, with fixed content."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from opened_app import settled
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.widgets.key_row import KeyRow

pytestmark = pytest.mark.unit

Compare = Callable[..., bool]
WIDE, NARROW = (140, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
FOUND = [
    ("docker", "Docker answers", "ok", "", "", False),
    ("engine", "Docker Engine", "ok", "29.1.0", "", False),
    ("app_key", "APP_KEY", "problem", "APP_KEY in .env is empty", "devkit doctor --fix makes one", True),
    ("hot", "public/hot", "warning", "a Vite server that does not answer", "devkit doctor --fix removes it", True),
    ("user", "User of the app", "skipped", "the app is not running", "", False),
]


@pytest.fixture
def app(project: Project, monkeypatch: pytest.MonkeyPatch) -> DevkitApp:
    """The app of a project whose engine is nowhere, wherever the tests run, and with these two tabs alone."""

    async def found(_root: Path, _words: list[str], on_line: Callable[[bytes], None]) -> int:
        for check in FOUND:
            names = ("id", "title", "status", "why", "fix", "fixable")
            on_line(json.dumps(dict(zip(names, check, strict=True))).encode())
        return 1

    tabs = tuple(tab for tab in TABS if tab.id in ("logs", "doctor"))
    monkeypatch.setattr("devkit.tui.app.TABS", tabs)
    monkeypatch.setattr("devkit.tui.palette.TABS", tabs)
    monkeypatch.setattr("devkit.setup.child.run", found)
    monkeypatch.setattr(Input, "cursor_blink", False)
    docker = Docker(Path("/nowhere/docker"), Endpoint("unix:///nowhere/docker.sock", "default"))
    return DevkitApp(replace(project, docker=docker))


def after(*keys: str) -> Callable[[Pilot[None]], Any]:
    """Press these once services and lines are there, and wait until what they open is drawn."""

    async def run(pilot: Pilot[None]) -> None:
        app = cast(DevkitApp, pilot.app)
        await settled(pilot)
        while not app.services.services or app.session.snapshot.connected:
            await pilot.pause(0.01)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        if isinstance(pilot.app.screen, CommandPalette):
            while not pilot.app.screen.query_one(OptionList).option_count:
                await pilot.pause(0.01)
        while not any(row.keys for row in pilot.app.screen_stack[0].query(KeyRow)):
            await pilot.pause(0.01)
        await pilot.pause()

    return run


@SIZES
def test_main_screen(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, run_before=after("down"), terminal_size=size)


@SIZES
def test_main_screen_in_the_light_theme(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    app.theme = "devkit-light"
    assert snap_compare(app, run_before=after("tab", "slash", *"Oops", "enter"), terminal_size=size)


@SIZES
def test_help(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, run_before=after("question_mark", "slash", *"copy comm", "enter"), terminal_size=size)


@SIZES
def test_palette(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, run_before=after("colon", *"theme: "), terminal_size=size)


@SIZES
def test_settings(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    keys = ["comma", "j", "j", "enter", "slash", *"app.", "enter", "j"]
    assert snap_compare(app, run_before=after(*keys), terminal_size=size)


@SIZES
def test_doctor(snap_compare: Compare, app: DevkitApp, size: tuple[int, int]) -> None:
    keys = ["colon", *"tab: doctor", "enter"]
    assert snap_compare(app, run_before=after(*keys), terminal_size=size)
