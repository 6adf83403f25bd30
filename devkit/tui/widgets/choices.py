"""A list to choose from, by the keys of lists everywhere in the app."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from devkit.tui.keys.lists import LISTS


class Choices(OptionList):
    """Textual's list, which knows the arrows, with vim's and less's letters besides."""

    BINDINGS: ClassVar[list[BindingType]] = [*LISTS]

    DEFAULT_CSS = """
    Choices { height: 1fr; border: none; padding: 0; background: transparent; }
    Choices:focus { border: none; }
    Choices > .option-list--option-highlighted { background: $foreground 12%; color: $foreground; text-style: none; }
    Choices:focus > .option-list--option-highlighted {
        background: $primary 30%; color: $foreground; text-style: none;
    }
    Choices:focus:ansi > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """
