"""devkit's own themes, and what the sixteen colours of a terminal look like in a dark and in a light one.

Rows of logs and services name these colours (`red`, `bright_cyan`), as the programs in the containers do. In a theme of
exact colours they are painted as said here, readable on the background of every theme that Textual brings; the `ansi`
themes leave them to the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

DARK = "devkit"
LIGHT = "devkit-light"

_OWN = (
    Theme(
        name=DARK,
        primary="#4C9BE8",
        secondary="#7A8CA8",
        accent="#F2A65A",
        warning="#F2C14E",
        error="#E5566D",
        success="#6CC57B",
        foreground="#DDE3EA",
        background="#12161B",
        surface="#1A2027",
        panel="#242C35",
        variables={
            "block-cursor-background": "#2F5D8C",
            "block-cursor-foreground": "#FFFFFF",
            "footer-key-foreground": "#F2A65A",
        },
    ),
    Theme(
        name=LIGHT,
        primary="#1F5FA8",
        secondary="#5A6B82",
        accent="#9A4D00",
        warning="#8A5A00",
        error="#B3213B",
        success="#1E7A34",
        foreground="#1B222B",
        background="#FBFBFA",
        surface="#F0F1F2",
        panel="#E2E5E9",
        dark=False,
        variables={
            "block-cursor-background": "#BBD4F0",
            "block-cursor-foreground": "#10161D",
            "footer-key-foreground": "#9A4D00",
        },
    ),
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in _OWN}

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)

DARK_TERMINAL = TerminalTheme(
    (18, 22, 27),
    (221, 227, 234),
    [
        (122, 130, 142),
        (255, 133, 148),
        (138, 214, 120),
        (242, 193, 78),
        (122, 182, 255),
        (218, 166, 255),
        (103, 212, 232),
        (221, 227, 234),
    ],
    [
        (150, 158, 170),
        (255, 158, 170),
        (165, 232, 148),
        (255, 215, 120),
        (156, 202, 255),
        (230, 190, 255),
        (140, 228, 244),
        _WHITE,
    ],
)
"""Normal and bright: black, red, green, yellow, blue, magenta, cyan, white. Black is a grey, as text on dark."""

LIGHT_TERMINAL = TerminalTheme(
    (251, 251, 250),
    (27, 34, 43),
    [
        _BLACK,
        (160, 24, 44),
        (22, 92, 38),
        (112, 72, 0),
        (24, 74, 150),
        (112, 40, 140),
        (0, 84, 112),
        (82, 90, 100),
    ],
    [
        (74, 82, 92),
        (146, 30, 30),
        (34, 88, 20),
        (122, 62, 0),
        (38, 66, 168),
        (130, 30, 120),
        (0, 82, 102),
        (56, 64, 74),
    ],
)
"""The same on light; white is a grey."""


FOUND = Style(color="#000000", bgcolor="#F2C14E")
"""A place that a search found: the same in every theme."""

_FOCUSED, _BLURRED = 0.22, 0.10


def cursor_style(app: App[object], *, focused: bool) -> Style:
    """What lies under the row with the cursor: near the background, so that every colour on it can be read."""
    if app.native_ansi_color:
        return Style(reverse=True) if focused else Style(bold=True, underline=True)
    variables = app.theme_variables
    with suppress(KeyError, ColorParseError):
        mixed = Color.parse(variables["primary" if focused else "foreground"])
        ground = Color.parse(variables["background"])
        return Style(bgcolor=ground.blend(mixed, _FOCUSED if focused else _BLURRED).rich_color)
    return Style(reverse=True)
