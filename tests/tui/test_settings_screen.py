"""The settings, driven by keys."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from opened_app import settled
from textual.pilot import Pilot

from devkit.setup.stack import Project
from devkit.tui.app import DevkitApp
from devkit.tui.screens.press_key import PressKey
from devkit.tui.screens.settings import SettingsScreen

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

OpenedBy = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


@pytest.fixture
def opened_by(project: Project, file: Path) -> OpenedBy:
    """The app of a person with this config.toml."""

    @asynccontextmanager
    async def open_app(text: str = "", width: int = 120, height: int = 30) -> AsyncIterator[Pilot[None]]:
        if text:
            write(file, text)
        app = DevkitApp(project, file)
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            await settled(pilot)
            yield pilot

    return open_app


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def app_of(pilot: Pilot[None]) -> DevkitApp:
    return cast(DevkitApp, pilot.app)


def written(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text()) if file.exists() else {}


def told(pilot: Pilot[None]) -> list[str]:
    return [one.message for one in pilot.app._notifications]


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await settled(pilot)


async def test_a_theme_is_seen_while_it_is_looked_for_and_kept_with_enter(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        assert pilot.app.theme == "devkit"
        await press(pilot, "comma")
        assert isinstance(pilot.app.screen, SettingsScreen)
        await press(pilot, "enter", "down")
        assert pilot.app.theme == "devkit-light"
        await press(pilot, "escape")
        assert pilot.app.theme == "devkit"
        await press(pilot, "l", "G", "enter")
        chosen = pilot.app.theme
        assert chosen != "devkit"
        await press(pilot, "k", "escape", "escape")
        assert pilot.app.theme == chosen
        assert not isinstance(pilot.app.screen, SettingsScreen)
    assert written(file) == {"ui": {"theme": chosen}}
    async with opened_by() as pilot:
        assert pilot.app.theme == chosen


async def test_a_preset_changes_the_keys_at_once_and_in_the_footer(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        await press(pilot, "f2", "j", "enter", "j", "j", "enter", "h", "escape")
        assert written(file) == {"ui": {"preset": "k9s"}}
        await press(pilot, "slash", "x")
        assert app_of(pilot).logs._asking == "filter"
    async with opened_by() as pilot:
        shown = {one.binding.id: key for key, one in pilot.app.screen.active_bindings.items()}
        assert shown["service.toggle"] == "ctrl+k"
        await press(pilot, "f2", "j", "enter", "g", "enter", "escape", "escape", "slash")
        assert app_of(pilot).logs._asking == "search"
        assert written(file) == {"ui": {}}


async def test_a_single_key_is_pressed_for_added_and_reset(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        await press(pilot, "comma", "j", "j", "enter", "slash", *"zoom", "enter", "j", "enter")
        assert isinstance(pilot.app.screen, PressKey)
        await press(pilot, "f8")
        assert written(file) == {"keys": {"app.zoom": "f8"}}
        await press(pilot, "a", "f9")
        assert written(file) == {"keys": {"app.zoom": ["f8", "f9"]}}
        await press(pilot, "escape", "escape", "f9")
        assert pilot.app.has_class("-zoomed")
        await press(pilot, "z")
        assert pilot.app.has_class("-zoomed")
        await press(pilot, "comma", "j", "j", "l", "slash", *"zoom", "enter", "j", "backspace", "escape", "escape", "z")
        assert not pilot.app.has_class("-zoomed")
        assert written(file) == {"keys": {}}


async def test_a_key_that_is_taken_is_refused_at_once_and_escape_leaves_it(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        await press(pilot, "comma", "j", "j", "enter", "slash", *"log.filter", "enter", "j", "enter", "n")
        assert isinstance(pilot.app.screen, PressKey)
        said = str(pilot.app.screen.query_one("#refused").render())
        assert said == "n is Next (log.next) already"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SettingsScreen)
        assert written(file) == {}


async def test_the_editor_is_kept(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        await press(pilot, "comma", "G", "enter", *"code", "space", *"-w", "enter")
        assert written(file) == {"ui": {"editor": "code -w"}}
        assert app_of(pilot).preferences.settings.editor == "code -w"
        await press(pilot, "escape", "escape")
        assert not isinstance(pilot.app.screen, SettingsScreen)


async def test_wrong_values_are_said_and_the_app_starts_with_its_own(opened_by: OpenedBy, file: Path) -> None:
    text = '[ui]\ntheme = "nrd"\npreset = "emacs"\n[keys]\n"log.serach" = "f5"\n"log.filter" = "n"\n"app.zoom" = "f8"\n'
    async with opened_by(text) as pilot:
        assert pilot.app.theme == "devkit"
        lines = told(pilot)
        assert any(line.startswith(f'{file}: ui.theme: there is no theme "nrd"; there are ansi-dark') for line in lines)
        assert f"{file}: unknown ui.preset 'emacs'; there are lazydocker, k9s, vim" in lines
        assert f'{file}: keys."log.serach": no binding has this id; did you mean log.search?' in lines
        assert f'{file}: keys."log.filter": n is Next (log.next) already; it stays F' in lines
        assert len(lines) == 4
        await press(pilot, "f8")
        assert pilot.app.has_class("-zoomed")
        await press(pilot, "F")
        assert app_of(pilot).logs._asking == "filter"


async def test_a_file_that_cannot_be_written_is_said(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by("[ui\n") as pilot:
        assert len(told(pilot)) == 1
        await press(pilot, "comma", "enter", "j", "enter")
        assert any("not written" in line and "correct the file" in line for line in told(pilot))
        assert pilot.app.theme == "devkit-light"
    assert file.read_text() == "[ui\n"  # noqa: ASYNC240


async def test_the_mouse_chooses_sections_and_themes(opened_by: OpenedBy, file: Path) -> None:
    async with opened_by() as pilot:
        await press(pilot, "comma")
        await pilot.click("#sections", offset=(2, 1))
        await pilot.pause()
        assert pilot.app.screen.query_one("#presets").display
        await pilot.click("#sections", offset=(2, 0))
        await pilot.pause()
        await pilot.click("#themes", offset=(2, 1))
        await settled(pilot)
        assert written(file) == {"ui": {"theme": "devkit-light"}}
