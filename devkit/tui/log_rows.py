"""Entries of a timeline as rows for the screen: parsed, folded, coloured, and harmless to the terminal.

Only what stands on the screen comes here, so a line may cost as much as a parser takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rich.style import Style
from rich.text import Span, Text

from devkit.logs.escapes import printable
from devkit.logs.parse import parse_line
from devkit.logs.query import Query
from devkit.logs.record import LogRecord, severity
from devkit.logs.timeline import Entry
from devkit.tui.themes import FOUND

SHOWN = 4000
"""Signs of a line that are laid out at most; the detail has all of it."""

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
_VENDOR = re.compile(rb"\s*#\d+ (?:/app/vendor/|\[internal function\]|\{main\}|/app/public/|/app/artisan)")
_LEVEL_STYLES = {
    "warning": "yellow",
    "error": "red",
    "critical": "bold red",
    "alert": "bold red",
    "emergency": "bold red",
}
_NO_COLOUR = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""Every escape sequence but those that set colours (ECMA-48)."""

_STATUS = ((500, "red"), (400, "yellow"), (300, "cyan"), (200, "green"))


@dataclass(frozen=True)
class Row:
    """One row: the entry that it shows, and how many lines of packages it stands for besides (`folded`)."""

    entry: Entry
    folded: int = 0


@dataclass(frozen=True)
class View:
    """How lines are shown."""

    time: bool = True
    pretty: bool = True
    fold: bool = True
    wrap: bool = False
    query: Query | None = None

    def toggled(self, what: str) -> View:
        """The other state of `time`, `pretty`, `fold` or `wrap`."""
        return View(**{**vars(self), what: not getattr(self, what)})


def rows_of(entries: Iterable[Entry], view: View) -> list[Row]:
    """A row for each entry; neighbours that are frames of packages become one where they are folded."""
    rows: list[Row] = []
    for entry in entries:
        if view.fold and not entry.line.is_marker and _VENDOR.match(entry.line.text):
            if rows and rows[-1].folded and rows[-1].entry.source == entry.source:
                rows[-1] = Row(rows[-1].entry, rows[-1].folded + 1)
            else:
                rows.append(Row(entry, 1))
        else:
            rows.append(Row(entry))
    return rows


def record_of(entry: Entry) -> LogRecord:
    """What a line says, parsed."""
    text = entry.line.text.decode("utf-8", errors="replace").rstrip("\r")
    return parse_line(entry.line.time.decode(), service_of(entry.source), entry.line.stream, text)


def service_of(source: str) -> str:
    """The service of a source: `app` of `app-1`; a file is its own."""
    name, _, number = source.rpartition("-")
    return name if name and number.isdecimal() else source


class Painter:
    """Makes the text of rows. Each source keeps the colour that it had first."""

    def __init__(self) -> None:
        self._colours: dict[str, str] = {}

    def paint(self, row: Row, view: View, name_width: int) -> Text:
        """The row on one line, however long."""
        entry = row.entry
        head = Text(no_wrap=True, end="")
        if view.time:
            head.append(local_time(entry.line.time) + " ", "dim")
        name = service_of(entry.source)
        head.append(f"{name[:name_width]:<{name_width}} ", self._colour(name))
        if row.folded:
            return head.append(f"… {row.folded} frame{'s' if row.folded > 1 else ''} of packages", "dim italic")
        if entry.line.is_marker:
            return head.append(f"── {_safe(entry.line.text.decode(errors='replace'))} ──", "bold yellow")
        body = self._body(entry, view)
        if view.query is not None:
            for start, end in view.query.spans(body.plain):
                body.stylize(FOUND, start, end)
        return head.append_text(body)

    def _body(self, entry: Entry, view: View) -> Text:
        if not view.pretty:
            return coloured(entry.line.text[:SHOWN])
        record = record_of(entry)
        if "milliseconds" in record.context and "status" in record.context:
            return _access(record)
        if record.message == "" or not _is_structured(entry.line.text):
            body = coloured(entry.line.text[:SHOWN])
        else:
            body = Text(_safe(record.message)[:SHOWN], end="")
            if exception := record.context.get("exception"):
                body.append(f"  {exception['class']} at {_short(exception['file'])}:{exception['line']}", "dim")
        if style := _LEVEL_STYLES.get(record.level or ""):
            body.stylize_before(style)
        elif severity(record.level) == 0:
            body.stylize_before("dim")
        if _is_structured(entry.line.text) and record.level and severity(record.level) >= severity("notice"):
            return Text(f"{record.level.upper()} ", f"bold {_LEVEL_STYLES.get(record.level, '')}", end="").append_text(
                body
            )
        return body

    def _colour(self, name: str) -> str:
        return self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])


def coloured(text: bytes) -> Text:
    """A line with the colours that its program gave it, and nothing else of what a terminal would obey."""
    shown = text.decode("utf-8", errors="replace").rstrip("\r").rpartition("\r")[2]
    if "\x1b" not in shown:
        return Text(_safe(shown), end="")
    found = Text.from_ansi(_NO_COLOUR.sub("", shown), end="")
    found.expand_tabs(8)
    plain = _safe(found.plain)
    if plain != found.plain:
        return Text(plain, end="")
    found.spans = [Span(span.start, span.end, _without_link(span.style)) for span in found.spans]
    return found


def _safe(text: str) -> str:
    return printable(text).expandtabs(8)


def local_time(time: bytes) -> str:
    """A stored time on this machine's clock: `10:00:00.123`."""
    try:
        moment = datetime.fromisoformat(time[:23].decode() + "+00:00").astimezone()
    except ValueError:
        return " " * 12
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def _without_link(style: str | Style) -> Style:
    """The style without a link that the program hid in it."""
    if isinstance(style, str):
        return Style.null()
    return Style(color=style.color, bgcolor=style.bgcolor, bold=style.bold, dim=style.dim, italic=style.italic)


def _access(record: LogRecord) -> Text:
    status = int(record.context["status"])
    colour = next((colour for least, colour in _STATUS if status >= least), "dim")
    body = Text(end="").append(f"{status} ", colour).append(f"{_safe(str(record.context['method']))} ", "bold")
    body.append(_safe(str(record.context["path"]))[:SHOWN])
    return body.append(f" {record.context['milliseconds']:g} ms", "dim")


def _is_structured(text: bytes) -> bool:
    return text[:1] in b"{[" if text else False


def _short(path: str) -> str:
    return path.removeprefix("/app/")
