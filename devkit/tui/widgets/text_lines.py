"""Lines of text that are scrolled, searched and selected: for what is read and not followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from devkit.tui.keys.text_lines import TEXT_LINES
from devkit.tui.strips import strip_of


class TextLines(ScrollView, can_focus=True):
    """Shows `lines`, those that are too long over several rows; places that were searched for stand out."""

    DEFAULT_CSS = (
        "TextLines { overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; scrollbar-size-vertical: 1; }"
    )
    BINDINGS: ClassVar[list[BindingType]] = [*TEXT_LINES]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[Text, ...] = ()
        self.query_text = ""
        self.place: int | None = None
        """Which of the places that were found is looked at, from 0."""
        self._rows: list[Text] = []
        self._places: list[tuple[int, int]] = []

    @property
    def plain(self) -> str:
        """All of it as text."""
        return "\n".join(line.plain.rstrip() for line in self.lines)

    @property
    def places(self) -> int:
        """How many places were found."""
        return len(self._places)

    def show(self, lines: Sequence[Text], *, top: bool = True) -> None:
        """Show these; from the top, or from where it stands."""
        self.lines = tuple(lines)
        self._lay_out()
        if top:
            self.place = None
            self.scroll_home(animate=False)

    def search(self, text: str) -> None:
        """Let every place with this text stand out, whatever its case, and go to the first one."""
        self.query_text = text
        self.place = None
        self._find()
        self.search_next(1)

    def search_next(self, direction: int) -> None:
        """The next place, or the former one; behind the last one the first."""
        if not self._places:
            self.refresh()
            return
        self.place = 0 if self.place is None else (self.place + direction) % len(self._places)
        row = self._places[self.place][0]
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, row - self.size.height // 2), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        at, width = y + self.scroll_offset.y, self.size.width
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        text = self._rows[at].copy()
        for place, (row, column) in enumerate(self._places):
            if row == at:
                text.stylize("reverse" if place == self.place else "black on yellow", column, self._behind(column))
        if (selection := self.text_selection) is not None and (span := selection.get_span(at)) is not None:
            start, end = span
            style = self.screen.get_component_rich_style("screen--selection")
            text.stylize(style, start, None if end < 0 else end)
        return strip_of(text, self.app.console, width, self.rich_style).apply_offsets(0, at)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was selected with the mouse."""
        return selection.extract("\n".join(row.plain.rstrip() for row in self._rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Show what is selected now."""
        self.refresh()

    def on_resize(self) -> None:
        """Rows for this width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = max(1, self.scrollable_content_region.width)
        self._rows = []
        for line in self.lines:
            fits = line.cell_len <= width
            self._rows += [line] if fits else list(line.wrap(self.app.console, width, no_wrap=False))
        self.virtual_size = Size(width, len(self._rows))
        self._find()
        self.refresh()

    def _find(self) -> None:
        wanted = self.query_text.lower()
        self._places = []
        for row, text in enumerate(self._rows if wanted else ()):
            plain, at = text.plain.lower(), -1
            while (at := plain.find(wanted, at + 1)) >= 0:
                self._places.append((row, at))
        if self.place is not None and self.place >= len(self._places):
            self.place = None

    def _behind(self, column: int) -> int:
        return column + len(self.query_text)
