"""The help and the palette, driven by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.command import CommandPalette
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from devkit.tui.app import DevkitApp
from devkit.tui.screens.help import HelpScreen
from devkit.tui.screens.settings import SettingsScreen

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await settled(pilot)


def lines(pilot: Pilot[None]) -> list[str]:
    """What the screen on top shows."""
    widget = pilot.app.screen.query_one("#keys")
    return ["".join(part.text for part in widget.render_line(y)).rstrip() for y in range(widget.size.height)]


def offset(pilot: Pilot[None]) -> float:
    return pilot.app.screen.query_one("#scroll").scroll_offset.y


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_help_has_the_keys_of_where_one_is_first_and_closes_by_the_same_key(opened: Opened, key: str) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, key)
        assert isinstance(pilot.app.screen, HelpScreen)
        shown = lines(pilot)
        assert shown[0].split() == ["Services", "here"]
        assert any(line.startswith("s ") and "Stop/start  Stop it, or start it" in line for line in shown)
        assert shown.index(next(line for line in shown if "Doctor" in line)) > shown.index(
            next(line for line in shown if line.split() == ["Everywhere", "here"])
        )
        await press(pilot, key)
        assert not isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, "tab", key)
        assert lines(pilot)[0].split() == ["Logs", "here"]


async def test_help_is_searched_and_escape_leads_out(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, "question_mark", "slash", *"copy comm", "enter")
        assert [line for line in lines(pilot) if "Copy command" in line]
        assert not [line for line in lines(pilot) if "Restart" in line]
        await press(pilot, "slash", "escape")
        assert [line for line in lines(pilot) if "Restart" in line]
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("j", "k"),
        ("down", "up"),
        ("pagedown", "pageup"),
        ("space", "ctrl+b"),
        ("ctrl+d", "ctrl+u"),
        ("ctrl+f", "pageup"),
        ("G", "g"),
        ("end", "home"),
    ],
)
async def test_help_is_scrolled_by_keys(opened: Opened, there: str, back: str) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, "question_mark", there)
        assert offset(pilot) > 0
        await press(pilot, back)
        assert offset(pilot) == 0


async def test_help_is_scrolled_by_the_wheel_and_closed_by_q(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, "question_mark")
        await pilot._post_mouse_events([MouseScrollDown], "#scroll")
        await pilot.pause(0.3)
        assert offset(pilot) > 0
        await press(pilot, "q")
        assert not isinstance(pilot.app.screen, HelpScreen)


async def found(pilot: Pilot[None], text: str) -> list[str]:
    """The palette's entries for a text."""
    screen = pilot.app.screen
    assert isinstance(screen, CommandPalette)
    screen.query_one(Input).value = text
    options = screen.query_one(OptionList)
    while (
        not options.option_count
        or text.lower().replace(" ", "")[0] not in str(options.get_option_at_index(0).prompt).lower()
    ):
        await pilot.pause(0.02)
    await settled(pilot)
    return [str(option.prompt) for option in options.options]


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_service_is_restarted_by_name(opened: Opened, key: str) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while not app.services.services:
            await pilot.pause(0.01)
        await press(pilot, key)
        first = (await found(pilot, "build and recreate redis"))[0]
        assert first == (
            "Build and recreate: redis\ndocker compose up --detach --build --force-recreate --no-deps redis"
        )
        await press(pilot, "enter")
        await pilot.pause(0.1)
        await settled(pilot)
        assert app.command == "docker compose up --detach --build --force-recreate --no-deps redis"


async def test_every_action_of_a_key_is_found_with_its_key_and_done_where_it_belongs(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        await press(pilot, "colon")
        assert "Logs: Wrap\nw   Long lines over several rows" in await found(pilot, "logs: wrap")
        await press(pilot, "enter")
        await settled(pilot)
        assert app.logs.lines.view.wrap
        await press(pilot, "tab", "colon")
        assert any(one.startswith("Services: Last\n") for one in await found(pilot, "services: last"))


async def test_tabs_themes_presets_and_settings_are_found(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "colon")
        assert (await found(pilot, "theme: nord"))[0].startswith("theme: nord")
        await press(pilot, "enter")
        await settled(pilot)
        assert pilot.app.theme == "nord"
        await press(pilot, "colon")
        assert (await found(pilot, "keys like vim"))[0].startswith("keys like vim")
        await press(pilot, "enter")
        await settled(pilot)
        assert cast(DevkitApp, pilot.app).preferences.settings.preset == "vim"
        await press(pilot, "colon")
        assert (await found(pilot, "tab: logs"))[0].startswith("tab: Logs")
        assert (await found(pilot, "everywhere: settings"))[0].startswith("Everywhere: Settings\n, f2 ")
        await press(pilot, "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, SettingsScreen)


async def test_everything_is_listed_before_anything_is_typed(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "colon")
        options = pilot.app.screen.query_one(OptionList)
        while options.option_count < 60:
            await pilot.pause(0.02)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, CommandPalette)


@pytest.mark.parametrize("keys", [["y"], ["Y"], ["tab", "Y"]])
async def test_the_command_behind_the_last_action_is_copied(opened: Opened, keys: list[str]) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while not app.services.services:
            await pilot.pause(0.01)
        await press(pilot, "down", "R")
        assert app.command.startswith("docker compose up")
        assert app.command in str(app.query_one("#status").render()) or not app.session.snapshot.connected
        await press(pilot, *keys)
        assert app.clipboard == app.command


async def test_nothing_is_copied_before_anything_was_done_and_in_the_logs_y_copies_the_line(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "y")
        assert pilot.app.clipboard == ""
        await press(pilot, "tab", "up", "y")
        assert pilot.app.clipboard.startswith('{"level"')


async def test_a_command_of_the_team_is_found_with_its_line(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        settings = replace(app.project.settings, commands={"lint": "vendor/bin/pint"})
        app.project = replace(app.project, settings=settings)
        monkeypatch.setattr(app, "hand_over", lambda _command, plain: handed.append(plain))
        await press(pilot, "colon")
        assert (await found(pilot, "team: lint"))[0] == "team: lint\nvendor/bin/pint"
        await press(pilot, "enter")
        await settled(pilot)
        assert handed == ["devkit lint"]
