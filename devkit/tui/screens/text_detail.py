"""A longer text over everything else, to be read and copied."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from devkit.tui.keys.details import DETAIL


class TextDetail(ModalScreen[None]):
    """Closed with escape, q or enter."""

    BINDINGS: ClassVar[list[BindingType]] = [*DETAIL]

    def __init__(self, text: Text, copied: str) -> None:
        super().__init__()
        self.text = text
        self.copied = copied

    def compose(self) -> ComposeResult:
        """The text."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(self.text, markup=False)

    def action_copy(self) -> None:
        """What it is made of, to the clipboard."""
        self.app.copy_to_clipboard(self.copied)
        self.notify("copied")
