"""Colours can be read in every theme, and the app runs in each of them."""

from __future__ import annotations

import os
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.themes import DARK_TERMINAL, LIGHT_TERMINAL, THEMES, cursor_style

pytestmark = pytest.mark.unit

EXACT = [theme for theme in (*THEMES.values(), *BUILTIN_THEMES.values()) if not theme.ansi]
GREYS = (0, 7, 8, 15)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def luminance(colour: tuple[int, ...]) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [value / 255 for value in colour[:3]]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", EXACT, ids=lambda theme: theme.name)
def test_the_colours_of_rows_can_be_read_on_the_background(theme: Theme) -> None:
    background = Color.parse(theme.to_color_system().generate()["background"]).rgb
    terminal = DARK_TERMINAL if theme.dark else LIGHT_TERMINAL
    for number in range(16):
        least = 3.0 if number in GREYS else 4.5
        assert contrast(terminal.ansi_colors[number], background) >= least, number


@pytest.mark.anyio
async def test_the_app_is_drawn_in_every_theme_with_a_cursor_that_leaves_colours_readable(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        app = cast(DevkitApp, pilot.app)
        await pilot.press("tab", "up")
        for theme in app.available_themes.values():
            app.theme = theme.name
            await settled(pilot)
            for focused in (True, False):
                ground = cursor_style(app, focused=focused).bgcolor
                if theme.ansi:
                    assert ground is None
                    continue
                assert ground is not None and ground.triplet is not None
                for number in range(1, 7):
                    assert contrast(app.ansi_theme.ansi_colors[number], tuple(ground.triplet)) >= 3.0, theme.name


@pytest.mark.anyio
async def test_rows_take_the_colours_of_another_theme_at_once(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        app = cast(DevkitApp, pilot.app)
        row = app.logs.lines.render_line(0)
        services = app.services.render_line(0)
        app.theme = "devkit-light"
        await settled(pilot)
        assert app.logs.lines.render_line(0) != row
        assert app.services.render_line(0) != services


@pytest.mark.anyio
async def test_without_colours_there_are_none_and_children_are_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = DevkitApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert os.environ["NO_COLOR"] == "1"
        drawn = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
        colours = {colour.triplet for style in drawn if style for colour in (style.color, style.bgcolor) if colour}
        assert len(colours) > 2
        assert all(one is not None and one.red == one.green == one.blue for one in colours)
