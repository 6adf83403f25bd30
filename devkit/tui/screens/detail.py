"""All of one line: as it came, or as the record that it is, with its trace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from devkit.logs.escapes import printable
from devkit.logs.fold import folded
from devkit.logs.monolog import continues_trace
from devkit.logs.stored import TEXT_AT
from devkit.logs.timeline import Entry, Timeline
from devkit.tui.log_rows import record_of, service_of

_MOST_LINES = 2000
_SHOWN = 200_000
"""Signs of a line that are shown; saving the log keeps all of it."""


class Detail(ModalScreen[None]):
    """Closed with escape, q or enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="detail.close", tooltip="Back to the lines"),
        Binding("y,c", "copy", "Copy", id="detail.copy", tooltip="Copy the line as it came"),
    ]

    def __init__(self, entry: Entry, trace: Sequence[str] = ()) -> None:
        super().__init__()
        self.entry = entry
        self.trace = tuple(trace)

    def compose(self) -> ComposeResult:
        """Head, message and context."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(detail_text(self.entry, self.trace))

    def action_copy(self) -> None:
        """The line as it came, to the clipboard."""
        self.app.copy_to_clipboard(self.entry.line.text.decode("utf-8", errors="replace"))
        self.notify("copied")


def trace_of(timeline: Timeline, entry: Entry) -> list[str]:
    """The lines behind an entry that belong to it: the stack trace of an exception, line by line."""
    source = next(source for source in timeline.sources if source.name == entry.source)
    lines: list[str] = []
    for place, line in source.after(entry.place):
        text = line[TEXT_AT:].decode("utf-8", errors="replace")
        if place != entry.place:
            if len(lines) == _MOST_LINES or not continues_trace(text):
                break
            lines.append(text)
    return lines


def detail_text(entry: Entry, trace: Sequence[str] = ()) -> Text:
    """The record for reading, with its trace folded to the application's own frames behind it."""
    record = record_of(entry)
    text = Text(no_wrap=False)
    head = [entry.line.time.decode(), service_of(entry.source), entry.line.stream, record.level or ""]
    text.append("  ".join(part for part in head if part) + "\n\n", "dim")
    text.append(printable(record.message)[:_SHOWN])
    if record.context:
        shown = json.dumps(dict(record.context), indent=2, ensure_ascii=False, default=str)
        text.append("\n\n" + "\n".join(map(printable, shown[:_SHOWN].splitlines())), "cyan")
    frames = [line for line in trace if line.startswith("#")]
    if frames:
        text.append("\n\n" + "\n".join(map(printable, folded(frames))), "yellow")
        text.append("\n\n" + "\n".join(map(printable, frames)), "dim")
    return text
