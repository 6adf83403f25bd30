"""The lines of a timeline on the screen: a pager that stands at the end, or wherever a person has gone.

It knows no row numbers: rows are read from a position backwards until the screen is full. So a million lines behind it
cost nothing, and wrapping, folding and filters need no index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from devkit.logs.spill import Place
from devkit.logs.timeline import Entry, Position, Timeline
from devkit.tui.log_rows import Painter, Row, View, rows_of
from devkit.tui.strips import strip_of
from devkit.tui.themes import cursor_style

_SLICE = 256 * 1024
"""Bytes that are looked at before others get their turn: a few milliseconds."""

_AT_ONCE = 5000
_KEPT_SCREENS = 4
"""Entries that are kept beyond the screen, for rows may be folded; more, where so many fold to less than a screen."""

_MOST_WRAPPED = 20
"""Rows that one wrapped line takes at most; the detail has all of it."""

UPDATE_SECONDS = 1 / 15
_RUSH_SECONDS = 1 / 5
"""The same while each time all that was shown has gone: nobody reads that, and keys are answered sooner."""

_MANY = 16 * 1024
"""Bytes of new lines from which on the screen is filled from the end: most of them would not be seen."""

Key = tuple[str, Place]


class LogView(Widget, can_focus=True):
    """Shows what `timeline` has, the newest line at the bottom."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="log.up", tooltip="The line above"),
        Binding("down,j", "move(1)", "Down", show=False, id="log.down", tooltip="The line below"),
        Binding("pageup,ctrl+b", "page(-1.0)", "Page up", show=False, id="log.page-up", tooltip="A screen up"),
        Binding(
            "pagedown,ctrl+f,space", "page(1.0)", "Page down", show=False, id="log.page-down", tooltip="A screen down"
        ),
        Binding("ctrl+u", "page(-0.5)", "Half up", show=False, id="log.half-up", tooltip="Half a screen up"),
        Binding("ctrl+d", "page(0.5)", "Half down", show=False, id="log.half-down", tooltip="Half a screen down"),
        Binding("g,home", "top", "Oldest", show=False, id="log.top", tooltip="The oldest line"),
        Binding("G,end", "follow_end", "Newest", show=False, id="log.end", tooltip="The newest line, and follow"),
        Binding("enter", "detail", "Detail", id="log.detail", tooltip="All of the line, with its trace"),
    ]

    follow: reactive[bool] = reactive(True)
    """Whether the newest line stays on the screen."""

    class Opened(Message):
        """A person wants to see all of a line."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class Moved(Message):
        """What is shown changed: where it stands, and whether it follows."""

    def __init__(self, timeline: Timeline, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.timeline = timeline
        self.view = View()
        self.rows: list[Row] = []
        self.cursor: int | None = None
        """The row under the cursor; None while it follows."""
        self.searching = False
        """Whether lines are still looked through that a filter leaves out."""
        self._bottom: Position = timeline.end
        self._marked: set[Key] = set()
        self._strips: list[Strip] = []
        self._plain: list[str] = []
        self._owners: list[int] = []
        self._painter = Painter()
        self._painted_in = ("", Style.null())
        self.laid_out = asyncio.Event()
        """Set once there is something to show, if only that there are no lines."""
        self._update_waits = False
        self._rushes = False
        """Whether more lines came than are shown, the last time."""
        self._wanted: Key | None = None
        self._entries: list[Entry] = []
        self._covered: Position = self._bottom
        """What was looked at, up to here; behind it are lines that are new."""

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor, or the newest."""
        if not self.rows:
            return None
        return self.rows[-1 if self.cursor is None else min(self.cursor, len(self.rows) - 1)].entry

    @property
    def position(self) -> Position:
        """Before the entry under the cursor; the end while it follows."""
        return self._bottom if self.cursor is None or self.entry is None else self.entry.before

    def show(self, timeline: Timeline) -> None:
        """Show other lines: other sources, or others of their lines. The place stays where it can."""
        entry = self.entry
        self.timeline = timeline
        if self.follow or entry is None:
            self.follow_end()
        else:
            self.go_to(timeline.at(entry.line.time))

    def changed(self) -> None:
        """There are more lines; they are on the screen within a moment."""
        if self._update_waits or not self.is_mounted:
            return
        self._update_waits = True
        self.set_timer(_RUSH_SECONDS if self._rushes else UPDATE_SECONDS, self._update)

    def set_view(self, view: View) -> None:
        """Show the same lines in another way."""
        self.view = view
        self._lay_out()

    def mark(self) -> None:
        """Mark the line under the cursor, or take its mark away."""
        if self.entry is not None:
            self._marked ^= {self.entry.key}
            self._lay_out()

    def go_to(self, position: Position) -> None:
        """Put the line behind a position under the cursor, in the middle of the screen."""
        self.follow = False
        page = self.timeline.after(position, max(1, self.size.height // 2))
        self._bottom = page.entries[-1].behind if page.entries else self.timeline.end
        self._read(page.entries[0].key if page.entries else None)

    def follow_end(self) -> None:
        """Show the newest line, and those that follow."""
        self.follow = True
        self.cursor = None
        self._read(None)

    action_follow_end = follow_end

    def action_move(self, rows: int) -> None:
        """The cursor up or down by rows."""
        if not self.rows:
            return
        if self.cursor is None:
            if rows > 0:
                return
            self.follow = False
            self._bottom = self.rows[-1].entry.behind
            self.cursor = len(self.rows) - 1
        target = self.cursor + rows
        if 0 <= target < len(self.rows):
            self.cursor = target
            self._lay_out()
            return
        self._scroll(-1 if target < 0 else 1)

    def action_page(self, screens: float) -> None:
        """Screens up or down."""
        if not self.rows or (self.follow and screens > 0):
            return
        self.follow = False
        count = max(1, int(self.size.height * abs(screens)) - 1)
        if screens < 0:
            anchor = self.rows[0].entry if screens <= -1 else self.rows[max(0, len(self.rows) - 1 - count)].entry
            page = self.timeline.before(anchor.before, 1, budget=_SLICE)
            if not page.entries:
                self.cursor = 0
                self._lay_out()
                return
            self._bottom = anchor.behind
        else:
            page = self.timeline.after(self._bottom, count)
            if page.is_end and len(page.entries) < count:
                self.follow_end()
                return
            self._bottom = page.entries[-1].behind
        self._read(None)

    def action_top(self) -> None:
        """The oldest line."""
        self.follow = False
        page = self.timeline.after(self.timeline.start, max(1, self.size.height))
        self._bottom = page.entries[-1].behind if page.entries else self.timeline.end
        self._read(page.entries[0].key if page.entries else None)

    def action_detail(self) -> None:
        """All of the line under the cursor."""
        if self.entry is not None:
            self.post_message(self.Opened(self.entry))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up, the cursor along."""
        event.stop()
        for _ in range(3):
            self._scroll_view(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down; at the end it follows again."""
        event.stop()
        for _ in range(3):
            self._scroll_view(1)

    def on_click(self, event: events.Click) -> None:
        """The line that was clicked gets the cursor; twice opens it."""
        if event.y < len(self._owners):
            if self.follow:
                self._bottom = self.rows[-1].entry.behind
                self.follow = False
            self.cursor = self._owners[event.y]
            self._lay_out()
            if event.chain == 2:
                self.action_detail()

    def on_resize(self) -> None:
        """As many lines as there is room for."""
        self._read(self._wanted or (self.entry.key if self.cursor is not None and self.entry else None))

    def watch_has_focus(self, has_focus: bool) -> None:
        """The row with the cursor stands out."""
        super().watch_has_focus(has_focus)
        if self.cursor is not None:
            self._lay_out()

    def notify_style_update(self) -> None:
        """Another theme: rows are painted in its colours. The focus changes styles too, and colours no row."""
        super().notify_style_update()
        if self.is_mounted and self.rows and self._painted_in != (self.app.theme, self.rich_style):
            self._lay_out()

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._strips[y]
        if (selection := self.text_selection) is not None and (span := selection.get_span(y)) is not None:
            start, end = span
            text = Text(self._plain[y], end="")
            text.stylize(self.screen.get_component_rich_style("screen--selection"), start, None if end < 0 else end)
            strip = strip_of(text, self.app.console, self.size.width, self.rich_style)
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was selected with the mouse."""
        return selection.extract("\n".join(line.rstrip() for line in self._plain)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Show what is selected now."""
        self.refresh()

    def _update(self) -> None:
        """New lines are put behind those that are shown: a filter has not to look through the old ones again."""
        self._update_waits = self._rushes = False
        if not self.follow:
            self.post_message(self.Moved())
            return
        if self.searching:
            self.changed()
            return
        many = self.timeline.is_whole and self.timeline.bytes_after(self._covered) > _MANY
        page = None if many else self.timeline.after(self._covered, _AT_ONCE, budget=_SLICE)
        if page is None or not page.is_end:
            self._rushes = True
            self._read(None)  # so many that none of those that are shown will be
            return
        self._covered = page.reached
        if page.entries:
            self._place(self._with(page.entries)[-max(1, self.size.height) :], None)
        else:
            self.post_message(self.Moved())  # more of the history may be there

    def _with(self, entries: Sequence[Entry]) -> list[Row]:
        """The rows with these behind them. The oldest entries are let go of as long as the rest fills the screen."""
        height = max(1, self.size.height)
        known = [*self._entries, *entries][-_AT_ONCE:]
        self._entries = known[-_KEPT_SCREENS * height :]
        rows = rows_of(self._entries, self.view)
        if len(rows) < height and len(known) > len(self._entries):
            self._entries = known
            rows = rows_of(known, self.view)
        return rows

    def _scroll(self, direction: int) -> None:
        """One line beyond what is shown."""
        if direction < 0:
            page = self.timeline.before(self.rows[0].entry.before, 1, budget=_SLICE)
            if not page.entries:
                return
            self._bottom = self.rows[-1].entry.before
            self._read(page.entries[0].key)
        else:
            page = self.timeline.after(self._bottom, 1)
            if not page.entries:
                self.follow_end()
                return
            self._bottom = page.entries[0].behind
            self._read(page.entries[0].key)

    def _scroll_view(self, direction: int) -> None:
        if not self.rows or (self.follow and direction > 0):
            return
        if self.follow:
            self._bottom = self.rows[-1].entry.behind
            self.follow = False
            self.cursor = len(self.rows) - 1
        self._scroll(direction)

    def _read(self, wanted: Key | None) -> None:
        """Fill the screen with what comes before the bottom; the line `wanted` gets the cursor."""
        if self.follow:
            self._bottom = self._covered = self.timeline.end
        self._wanted = wanted
        if self.size.height:
            self._fill(wanted)

    @work(exclusive=True, group="read", exit_on_error=False)
    async def _fill(self, wanted: Key | None) -> None:
        entries: list[Entry] = []
        position = self._covered = self._bottom
        while True:
            missing = self.size.height - len(rows_of(entries, self.view))
            page = self.timeline.before(position, max(1, missing), budget=_SLICE)
            entries = [*page.entries, *entries]
            position = page.reached
            rows = rows_of(entries, self.view)
            done = page.is_end or len(rows) >= self.size.height
            self._entries = entries
            self.searching = not done
            if done or page.entries:
                self._place(rows, wanted)
            if done:
                self._wanted = None
                return
            await asyncio.sleep(0)  # keys and new lines have their turn

    def _place(self, rows: list[Row], wanted: Key | None) -> None:
        self.rows = rows
        if self.follow:
            self.cursor = None
        elif rows:
            places = [row.entry.key for row in rows]
            if wanted in places:
                self.cursor = places.index(wanted)
            else:
                self.cursor = min(self.cursor if self.cursor is not None else len(rows) - 1, len(rows) - 1)
        self._lay_out()

    def _lay_out(self) -> None:
        """The rows as strips, from the bottom up, as many as there is room for."""
        width, height = self.size
        console, style = self.app.console, self.rich_style
        name_width = min(14, max((len(row.entry.source) for row in self.rows), default=0))
        strips: list[tuple[Strip, str, int]] = []
        for index in range(len(self.rows) - 1, -1, -1):
            text = self._painter.paint(self.rows[index], self.view, name_width)
            if self.rows[index].entry.key in self._marked:
                text.stylize_before("reverse")
            if index == self.cursor:
                text.stylize_before(cursor_style(self.app, focused=self.has_focus))
                text.pad_right(max(0, width - text.cell_len))
            pieces = [text]
            if self.view.wrap and text.cell_len > width:
                pieces = list(text.wrap(console, width, no_wrap=False))[:_MOST_WRAPPED]
            strips += [(strip_of(piece, console, width, style), piece.plain, index) for piece in reversed(pieces)]
            if len(strips) >= height and (self.cursor is None or index <= self.cursor):
                break
        strips = strips[:height][::-1]
        self._strips = [strip for strip, _, _ in strips]
        self._plain = [plain for _, plain, _ in strips]
        self._owners = [owner for _, _, owner in strips]
        self._painted_in = (self.app.theme, style)
        self.laid_out.set()
        self.refresh()
        self.post_message(self.Moved())
