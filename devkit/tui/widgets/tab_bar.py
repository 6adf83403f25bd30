"""The names of the tabs in one row; the open one stands out. A narrow row cuts names, and leaves out far ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

from devkit.tui.pane import Tab

_SHORTEST = 3
"""Letters of a name that are always there."""

_NO_BADGE = ("", "")
_BEFORE, _BEHIND = "‹", "›"  # noqa: RUF001


@dataclass(frozen=True)
class Cell:
    """What stands in the row for a tab: its text with the spaces around it, and the tab that a click opens."""

    at: int
    text: str
    badge: str = ""

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.text) + len(self.badge)


class TabBar(Static):
    """One row; a click opens a tab, the wheel the one beside."""

    class Chosen(Message):
        """This tab is to be opened."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: Sequence[Tab], *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._tabs = tuple(tabs)
        self._chosen = 0
        self._badges: dict[str, tuple[str, str]] = {}
        self._cells: tuple[Cell, ...] = ()

    def show(self, chosen: str) -> None:
        """Let this one stand out."""
        self._chosen = next(at for at, tab in enumerate(self._tabs) if tab.id == chosen)
        self._paint()

    def badge(self, tab: str, text: str, style: str = "bold red") -> None:
        """A few signs behind a tab's name, for what is wrong there or goes on; empty for nothing."""
        if (text, style) != self._badges.get(tab, _NO_BADGE):
            self._badges[tab] = (text, style)
            self._paint()

    def on_resize(self) -> None:
        """Names for this width."""
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """The tab under the pointer."""
        if (offset := event.get_content_offset(self)) is None:
            return
        end = 0
        for cell in self._cells:
            end += cell.width
            if offset.x < end:
                self.post_message(self.Chosen(self._tabs[cell.at]))
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The tab at the right."""
        self._scrolled(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The tab at the left."""
        self._scrolled(event, -1)

    def _scrolled(self, event: events.MouseEvent, steps: int) -> None:
        event.stop()
        at = max(0, min(len(self._tabs) - 1, self._chosen + steps))
        if at != self._chosen:
            self.post_message(self.Chosen(self._tabs[at]))

    def _paint(self) -> None:
        titles = [tab.title for tab in self._tabs]
        badges = [self._badges.get(tab.id, _NO_BADGE)[0] for tab in self._tabs]
        self._cells = cells(titles, badges, self._chosen, self.size.width or sum(map(len, titles)) * 2)
        row = Text(no_wrap=True, end="")
        for cell in self._cells:
            style = "bold reverse" if cell.at == self._chosen and cell.text not in (_BEFORE, _BEHIND) else ""
            row.append(cell.text, style)
            row.append(cell.badge, self._badges.get(self._tabs[cell.at].id, _NO_BADGE)[1])
        self.update(row)


def cells(titles: Sequence[str], badges: Sequence[str], chosen: int, width: int) -> tuple[Cell, ...]:
    """The row for so many columns: whole names, else cut ones beside the chosen, else only those around it."""
    names = list(titles)

    def made() -> list[Cell]:
        return [
            Cell(at, f" {name} ", f"{badge} " if badge else "")
            for at, (name, badge) in enumerate(zip(names, badges, strict=True))
        ]

    def total(row: Sequence[Cell]) -> int:
        return sum(cell.width for cell in row)

    while total(made()) > width:
        longest = max((at for at in range(len(names)) if at != chosen), key=lambda at: len(names[at]), default=chosen)
        if longest == chosen or len(names[longest]) <= _SHORTEST:
            break
        names[longest] = names[longest][:-1]
    row = made()
    first, last = 0, len(row) - 1
    while total(row[first : last + 1]) + (first > 0) + (last < len(row) - 1) > width and first < last:
        if chosen - first > last - chosen:
            first += 1
        else:
            last -= 1
    before = [Cell(first - 1, _BEFORE)] if first > 0 else []
    behind = [Cell(last + 1, _BEHIND)] if last < len(row) - 1 else []
    return (*before, *row[first : last + 1], *behind)
