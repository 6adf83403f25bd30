"""The logs at the right: title, lines and prompt, and what a person does with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from devkit.logs.query import Query, parse_query
from devkit.logs.search import Counted, count, find_after, find_before
from devkit.logs.stored import stored_time
from devkit.logs.timeline import Timeline
from devkit.project.errors import UsageError
from devkit.project.services import APP
from devkit.tui.log_choice import LogChoice
from devkit.tui.log_rows import service_of
from devkit.tui.pane import Host, Pane
from devkit.tui.widgets.log_view import LogView

_BLOCKS_AT_ONCE = 16
_PLACEHOLDERS = MappingProxyType(
    {
        "search": "search all lines",
        "filter": "only lines with this; ! for lines without",
        "time": "only lines since 10m, 14:30 or 2026-01-31T10:00; from..to; nothing for all",
    }
)


class LogsPane(Pane):
    """The lines of the project's store, which may get more sources; what is saved goes to `.devkit/saved`."""

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.choice = LogChoice()
        self.searched: Query | None = None
        self._asking = ""
        self._known: tuple[str, ...] = ()
        self._found = ""
        self._note = ""

    def compose(self) -> ComposeResult:
        """Title, lines, prompt."""
        yield Static("", id="title", markup=False)
        yield LogView(self._timeline(), id="lines")
        yield Input(id="prompt", compact=True)

    def on_mount(self) -> None:
        """The newest line first; nothing where the app is left while it is made."""
        for lines in self.query(LogView):
            lines.follow_end()
            self.show_title()

    def shown(self) -> None:
        """The lines have the keys."""
        self.lines.focus()

    @property
    def lines(self) -> LogView:
        """The lines themselves."""
        return self.query_one("#lines", LogView)

    def lines_came(self) -> None:
        """There are more lines, perhaps of a new source."""
        names = tuple(source.name for source in self.host.session.store.sources)
        if names != self._known:
            self._known = names
            self.lines.show(self._timeline())
        self.lines.changed()

    def choose_service(self, name: str | None) -> None:
        """The lines of one service, or of all."""
        self._choose(replace(self.choice, service=name))

    def ask(self, what: str) -> None:
        """Ask for a text at the bottom: `search`, `filter` or `time`."""
        prompt = self.query_one("#prompt", Input)
        self._asking = what
        prompt.placeholder = _PLACEHOLDERS[what]
        former = {"search": self.searched, "filter": self.choice.filter}.get(what)
        prompt.value = ("!" if former and former.inverted else "") + (former.text if former else "")
        prompt.display = True
        self.screen.set_focus(prompt)  # at once: the next keys may be there already

    def back(self) -> None:
        """Close the prompt; else forget search, filter, level and time; else follow again."""
        if self._asking:
            if self._asking == "filter":
                self._choose(replace(self.choice, filter=None))
            self._close_prompt()
        elif self.searched is not None or not self.choice.is_everything:
            self.searched, self._found, self._note = None, "", ""
            self.lines.set_view(replace(self.lines.view, query=None))
            self._choose(LogChoice(self.choice.service))
        else:
            self.lines.follow_end()

    def search_next(self, direction: int) -> None:
        """The next place: upwards in time, as the newest lines are at the bottom."""
        if self.searched is not None:
            self._search(self.searched, forwards=direction < 0)

    def next_level(self) -> None:
        """The next step of the levels."""
        self._choose(self.choice.next_level())

    def toggle_follow(self) -> None:
        """Follow, or stay here."""
        if self.lines.follow:
            self.lines.action_move(-1)
        else:
            self.lines.follow_end()

    def toggle_view(self, what: str) -> None:
        """Another way to show lines."""
        self.lines.set_view(self.lines.view.toggled(what))
        if what == "fold":
            self.lines.show(self.lines.timeline)

    def mark(self) -> None:
        """Mark the line."""
        self.lines.mark()

    def clear(self) -> None:
        """Only what comes from now on; nothing is deleted."""
        self._choose(replace(self.choice, since=stored_time(datetime.now(UTC)), until=b""))
        self.lines.follow_end()

    def copy(self) -> None:
        """The line under the cursor, as it came."""
        if (entry := self.lines.entry) is not None:
            self.app.copy_to_clipboard(entry.line.text.decode("utf-8", errors="replace"))
            self.notify("the line is copied; over SSH by OSC 52, if the terminal takes that")

    def edit(self) -> None:
        """Open what the line under the cursor points to in the editor: a frame, or the place of an exception."""
        from devkit.tui.open_place import open_place
        from devkit.tui.screens.detail import trace_of

        if (entry := self.lines.entry) is not None:
            text = entry.line.text.decode("utf-8", errors="replace")
            lines = [text, *trace_of(self.lines.timeline, entry)]
            service = APP if entry.source.endswith(".log") else service_of(entry.source)
            open_place(self, self.host, lines, service)

    @work(exclusive=True, group="save", exit_on_error=False)
    async def save(self) -> None:
        """All lines that are shown, to a file in the project."""
        from devkit.tui.log_saving import save

        try:
            path, lines = await asyncio.to_thread(save, self.lines.timeline, self.host.project.paths.state / "saved")
        except OSError as error:
            self.notify(f"not saved: {error.strerror}", severity="error", markup=False)
            return
        self.notify(f"{lines:,} lines in {path}", markup=False)

    def show_title(self) -> None:
        """What is shown, how much of it there is, and whether it follows."""
        sources = self.lines.timeline.sources
        state = "following" if self.lines.follow else "paused: f follows"
        parts = [str(self.choice), state, f"{sum(source.lines for source in sources):,} lines"]
        if forgotten := sum(source.forgotten for source in sources):
            parts.append(f"{forgotten:,} older ones deleted: the disk budget is used")
        if self.searched is not None:
            parts.append(" ".join(filter(None, (f"/{self.searched.text}", self._found, self._note))))
        if any(source.filling for source in sources):
            parts.append("older lines are being read …")
        if self.lines.searching:
            parts.append("looking through older lines …")
        self.query_one("#title", Static).update("   ".join(parts), layout=False)

    @on(LogView.Opened)
    def _line_opened(self, event: LogView.Opened) -> None:
        from devkit.tui.screens.detail import Detail, trace_of

        self.app.push_screen(Detail(event.entry, trace_of(self.lines.timeline, event.entry)))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self.show_title()

    @on(Input.Submitted, "#prompt")
    def _answered(self, event: Input.Submitted) -> None:
        asked = self._asking
        self._close_prompt()
        if asked == "filter":
            self._choose(replace(self.choice, filter=parse_query(event.value)))
        elif asked == "time":
            self._choose_time(event.value)
        elif (query := parse_query(event.value)) is not None:
            self.searched, self._found, self._note = query, "", ""
            self.lines.set_view(replace(self.lines.view, query=query))
            self._search(query, forwards=False)
            self._count(query)

    @on(Input.Changed, "#prompt")
    def _typed(self, event: Input.Changed) -> None:
        if self._asking == "filter":
            self._choose(replace(self.choice, filter=parse_query(event.value)))

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self, query: Query, *, forwards: bool) -> None:
        lines = self.lines
        position = lines.position
        if forwards and lines.cursor is not None and lines.entry is not None:
            position = lines.entry.behind
        find = find_after if forwards else find_before
        found = await asyncio.to_thread(find, lines.timeline, position, query, self.choice.wanted)
        if found is None:
            self._note = "no further place"
            self.show_title()
        else:
            self._note = ""
            if not self._asking:  # a person may ask for the next text already
                lines.focus()
            lines.go_to(found)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def _count(self, query: Query) -> None:
        counting = count(self.lines.timeline, query, self.choice.wanted)

        def some() -> Counted | None:
            last = None
            for _ in range(_BLOCKS_AT_ONCE):
                last = next(counting, last)
            return last

        former = None
        while (counted := await asyncio.to_thread(some)) is not None and counted != former:
            former = counted
            more = "" if counted.done >= counted.size else " so far"
            self._found = f"{counted.lines:,} lines{more}"
            self.show_title()

    def _choose_time(self, text: str) -> None:
        try:
            self._choose(self.choice.of_time(text, datetime.now(UTC)))
        except UsageError as error:
            self.notify(f"{error.message}: {error.hint}", severity="error", markup=False)

    def _choose(self, choice: LogChoice) -> None:
        self.choice = choice
        self.lines.show(self._timeline())
        self.show_title()

    def _timeline(self) -> Timeline:
        return self.choice.timeline(self.host.session.store.sources)

    def _close_prompt(self) -> None:
        self._asking = ""
        self.query_one("#prompt", Input).display = False
        self.screen.set_focus(self.lines)
