"""The card below the list of services: what there is to know of the chosen one."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static


class ServiceCard(VerticalScroll, can_focus=False):
    """Shown below the list of services, which has the keys that scroll it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = Text()

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static("", markup=False)

    def show(self, text: Text) -> None:
        """Show this, if it is another text than before."""
        if text != self.text:
            self.text = text
            self.query_one(Static).update(text)
