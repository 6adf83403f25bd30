"""What a program writes, as it comes: colours kept, everything else that a terminal would obey taken off."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from devkit.tui.kept_lines import KeptLines
from devkit.tui.keys import output as keys
from devkit.tui.log_rows import SHOWN, coloured

UPDATE_SECONDS = 1 / 15
_SIDEWAYS = 8
_KEPT_STRIPS = 500


class OutputView(ScrollView, can_focus=True):
    """Shows `lines`, and follows their end until a person scrolls up; lines that are too long are scrolled sideways."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.OUTPUT]
    DEFAULT_CSS = "OutputView { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.lines = KeptLines()
        self._follow = True
        self._left = 0
        self._dropped = 0
        self._waits = False
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(_KEPT_STRIPS)

    def show(self, lines: KeptLines) -> None:
        """Show these lines, from their end."""
        self.lines = lines
        self._strips.clear()
        self._left, self._dropped, self._follow = 0, lines.dropped, True
        self._update()

    def changed(self) -> None:
        """There are more lines; they are on the screen within a moment."""
        if not self._waits and self.is_mounted:
            self._waits = True
            self.set_timer(UPDATE_SECONDS, self._update)

    def text(self) -> str:
        """All lines that are there, as they are shown."""
        return "\n".join(coloured(line).plain for line in self.lines)

    def action_line(self, rows: int) -> None:
        """Up or down."""
        self._scroll_by(rows)

    def action_page(self, screens: float) -> None:
        """Screens up or down."""
        self._scroll_by(int((self.size.height - 1) * screens))

    def action_start(self) -> None:
        """The first line that is there."""
        self._follow = False
        self.scroll_to(y=0, animate=False, force=True, immediate=True)

    def action_end(self) -> None:
        """The last line, and those that follow."""
        self._follow = True
        self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)

    def action_sideways(self, direction: int) -> None:
        """What stands further at the left or the right."""
        self._left = max(0, self._left + direction * _SIDEWAYS)
        self.refresh()

    def on_resize(self) -> None:
        """The same lines for this size."""
        self._update()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls up is left alone, whoever comes to the end follows again."""
        super().watch_scroll_y(old_value, new_value)
        self._follow = new_value >= self.max_scroll_y

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        index = int(self.scroll_offset.y) + y
        width = self.size.width
        if index >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        strip = self._strip(index)
        if (selection := self.text_selection) is not None and (span := selection.get_span(index)) is not None:
            strip = self._selected(index, *span)
        strip = strip.crop_extend(self._left, self._left + width, self.rich_style)
        return strip.apply_style(self.rich_style).apply_offsets(self._left, index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was selected with the mouse."""
        return selection.extract(self.text()), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Show what is selected now."""
        self.refresh()

    def _update(self) -> None:
        self._waits = False
        follow, gone = self._follow, self.lines.dropped - self._dropped
        self._dropped = self.lines.dropped
        self.virtual_size = Size(self.size.width, len(self.lines))
        if follow:
            self.action_end()
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True, immediate=True)
        self.refresh()

    def _scroll_by(self, rows: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False, force=True, immediate=True)

    def _strip(self, index: int) -> Strip:
        key = (self.lines.dropped + index, self.size.width)
        if (kept := self._strips.get(key)) is None:
            kept = self._strips[key] = self._drawn(self._text(index))
        return kept

    def _selected(self, index: int, start: int, end: int) -> Strip:
        text = Text(self._text(index).plain, end="")
        style: Style = self.screen.get_component_rich_style("screen--selection")
        text.stylize(style, start, None if end < 0 else end)
        return self._drawn(text)

    def _text(self, index: int) -> Text:
        return coloured(self.lines[index][:SHOWN])

    def _drawn(self, text: Text) -> Strip:
        return Strip(text.render(self.app.console))
