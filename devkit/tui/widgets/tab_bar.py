"""The names of the tabs in one row; the open one stands out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

from devkit.tui.pane import Tab


class TabBar(Static):
    """One row; a click opens a tab."""

    class Chosen(Message):
        """This tab is to be opened."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: Sequence[Tab], *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._tabs = tuple(tabs)

    def show(self, chosen: str) -> None:
        """Let this one stand out."""
        row = Text(no_wrap=True, end="")
        for tab in self._tabs:
            row.append(f" {tab.title} ", "bold reverse" if tab.id == chosen else "")
        self.update(row)

    def on_click(self, event: events.Click) -> None:
        """The tab under the pointer."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        ends = accumulate(len(tab.title) + 2 for tab in self._tabs)
        found = next((tab for tab, end in zip(self._tabs, ends, strict=True) if offset.x < end), None)
        if found is not None:
            self.post_message(self.Chosen(found))
