"""All of one line: as it came, or as the record that it is, with its trace."""

from __future__ import annotations

import json
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from devkit.logs.escapes import printable
from devkit.logs.timeline import Entry
from devkit.tui.log_rows import record_of, service_of

_SHOWN = 200_000
"""Signs of a line that are shown; saving the log keeps all of it."""


class Detail(ModalScreen[None]):
    """Closed with escape, q or enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="detail.close", tooltip="Back to the lines"),
        Binding("y,c", "copy", "Copy", id="detail.copy", tooltip="Copy the line as it came"),
    ]

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def compose(self) -> ComposeResult:
        """Head, message and context."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(detail_text(self.entry))

    def action_copy(self) -> None:
        """The line as it came, to the clipboard."""
        self.app.copy_to_clipboard(self.entry.line.text.decode("utf-8", errors="replace"))
        self.notify("copied")


def detail_text(entry: Entry) -> Text:
    """The record for reading."""
    record = record_of(entry)
    text = Text(no_wrap=False)
    head = [entry.line.time.decode(), service_of(entry.source), entry.line.stream, record.level or ""]
    text.append("  ".join(part for part in head if part) + "\n\n", "dim")
    text.append(printable(record.message)[:_SHOWN])
    if record.context:
        shown = json.dumps(dict(record.context), indent=2, ensure_ascii=False, default=str)
        text.append("\n\n" + "\n".join(map(printable, shown[:_SHOWN].splitlines())), "cyan")
    return text
