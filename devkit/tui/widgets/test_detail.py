"""What a test said, below the list or instead of it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from devkit.tui.keys.tests import TEST_DETAIL


class TestDetail(VerticalScroll):
    """Scrolls; shows the begin of another test, and stays where it is for the same one."""

    __test__ = False  # pytest would take it for a test of its own

    BINDINGS: ClassVar[list[BindingType]] = [*TEST_DETAIL]

    class Closed(Message):
        """Back to the list."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._key = ""
        self._text = Text()

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static(id="test-said", markup=False)

    def show(self, key: str, text: Text) -> None:
        """Show this; `key` says whether it is still the same test."""
        if key != self._key:
            self._key = key
            self.scroll_home(animate=False)
        if text != self._text or text.spans != self._text.spans:
            self._text = text
            self.query_one("#test-said", Static).update(text)

    def action_close(self) -> None:
        """Back to the list."""
        self.post_message(self.Closed())
