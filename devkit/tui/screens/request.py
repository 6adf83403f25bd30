"""One request: what Caddy says of it, and beside it what the application wrote meanwhile."""

from __future__ import annotations

import asyncio
import json
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from devkit.logs.escapes import one_line, printable
from devkit.logs.request_lines import RequestLines, lines_of
from devkit.logs.requests import Request
from devkit.logs.spill import Spill
from devkit.logs.stored import TEXT_AT
from devkit.logs.timeline import Entry
from devkit.project.services import APP
from devkit.secrets.masking import Masker
from devkit.setup.masked import secrets_masker
from devkit.setup.project import Project
from devkit.tui.keys.requests import REQUEST
from devkit.tui.log_rows import Painter, View, rows_of, service_of
from devkit.tui.request_rows import clock, milliseconds, status_text

_NARROW = 100
_NO_ID = "This request has no id: `devkit upgrade` brings the Caddyfile that gives each one."
_BY_TIME = (
    "by time: written while it was answered, by whichever request. Laravel's lines have an id with "
    "Context::add('request_id', request()->header('X-Request-Id'))."
)


class RequestScreen(ModalScreen[None]):
    """Closed with escape or q."""

    BINDINGS: ClassVar[list[BindingType]] = [*REQUEST]
    DEFAULT_CSS = """
    RequestScreen Horizontal { width: 95%; height: 90%; background: $surface; border: round $accent; }
    RequestScreen #request-fields { width: 38%; height: 1fr; padding: 0 1; border-right: solid $panel; }
    RequestScreen #request-side { width: 1fr; height: 1fr; }
    RequestScreen #request-how { height: auto; padding: 0 1; background: $panel; color: $text-muted; }
    RequestScreen #request-lines { height: 1fr; padding: 0 1; }
    RequestScreen.-narrow Horizontal { layout: vertical; width: 100%; height: 100%; }
    RequestScreen.-narrow #request-fields { width: 1fr; height: 35%; border-right: none; border-bottom: solid $panel; }
    """

    def __init__(self, project: Project, request: Request, sources: Sequence[Spill], others: Sequence[Request]) -> None:
        super().__init__()
        self.project = project
        self.request = request
        self.lines: RequestLines | None = None
        self._sources = tuple(sources)
        self._others = tuple(one.id for one in others if one.id and one.id != request.id)
        self._view = View(wrap=True)

    def compose(self) -> ComposeResult:
        """Fields at the left, lines at the right."""
        with Horizontal():
            with VerticalScroll(id="request-fields"):
                yield Static("", id="request-about", markup=False)
            with Vertical(id="request-side"):
                yield Static("looking for its lines …", id="request-how", markup=False)
                with VerticalScroll(id="request-lines"):
                    yield Static("", id="request-text", markup=False)

    def on_mount(self) -> None:
        """Both are read from the store."""
        self.query_one("#request-lines").focus()
        self._read()

    def on_resize(self) -> None:
        """One above the other on a narrow terminal."""
        self.set_class(self.size.width < _NARROW, "-narrow")

    def action_fold(self) -> None:
        """All frames, or those of the application alone."""
        self._view = replace(self._view, fold=not self._view.fold)
        self._show_lines()

    def action_copy(self) -> None:
        """The lines, as they came."""
        entries = self.lines.entries if self.lines else ()
        self.app.copy_to_clipboard("\n".join(entry.line.text.decode("utf-8", errors="replace") for entry in entries))
        self.notify(f"{len(entries)} lines are copied")

    def action_browser(self) -> None:
        """Ask for it again, in the browser."""
        if url := url_of(self.project, self.request):
            webbrowser.open(url)
        else:
            self.notify("only a GET can be opened in a browser")

    @work(group="request-lines", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        fields, self.lines = await asyncio.to_thread(self._looked_up)
        self.query_one("#request-about", Static).update(about(self.request, fields))
        self._show_lines()

    def _looked_up(self) -> tuple[dict[str, Any], RequestLines]:
        masker = secrets_masker(self.project.paths)
        application = [one.name for one in self._sources if service_of(one.name) == APP or one.name.endswith(".log")]
        lines = lines_of(self.request, self._sources, application, self._others)
        entries = tuple(_masked(masker, entry) for entry in lines.entries)
        return masker.value(fields_of(self.request, self._sources)), replace(lines, entries=entries)

    def _show_lines(self) -> None:
        if self.lines is None:
            return
        how = "by id: what carries the request's id" if self.lines.by_id else _BY_TIME
        if not self.lines.by_id and not self.request.id:
            how = f"{_NO_ID}\n{how}"
        if self.lines.cut:
            how += f"\nthe first {len(self.lines.entries):,} lines; there are more"
        self.query_one("#request-how", Static).update(how)
        self.query_one("#request-text", Static).update(lines_text(self.lines, self._view))


def _masked(masker: Masker, entry: Entry) -> Entry:
    text = entry.line.text.decode("utf-8", errors="replace")
    return entry._replace(line=entry.line._replace(text=masker.text(text).encode()))


def url_of(project: Project, request: Request) -> str:
    """The address of a request on this machine; empty where a browser cannot ask for it again."""
    return project.url + request.path if request.method in ("GET", "HEAD") and request.path[:1] == "/" else ""


def lines_text(lines: RequestLines, view: View) -> Text:
    """The lines as the logs have them."""
    rows = rows_of(lines.entries, view)
    if not rows:
        return Text("no line", "dim")
    painter, width = Painter(), min(14, max(len(row.entry.source) for row in rows))
    return Text("\n").join(painter.paint(row, view, width) for row in rows)


def fields_of(request: Request, sources: Sequence[Spill]) -> dict[str, Any]:
    """All that the request's line in the access log says; empty where the line is gone for the disk budget."""
    source = next((one for one in sources if one.name == request.source), None)
    found = next(source.after(request.place), None) if source is not None else None
    if found is None or found[0] != request.place:
        return {}
    try:
        fields = json.loads(found[1][TEXT_AT:])
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def about(request: Request, fields: dict[str, Any]) -> Text:
    """What Caddy says of a request; it leaves out what cookies and passwords are itself."""
    asked = fields.get("request")
    asked = asked if isinstance(asked, dict) else {}
    path = str(asked.get("uri") or request.path)
    text = Text(end="").append(f"{request.method} ", "bold").append(printable(path) + "\n")
    text.append_text(status_text(request.status)).append(f"  {milliseconds(request.seconds)}  ")
    text.append(clock(request.time) + "\n", "dim")
    rows = [("id", request.id), ("container", request.source)]
    rows += [(name, asked.get(name, "")) for name in ("host", "proto", "remote_ip")]
    rows += [("size", fields.get("size", "")), ("bytes read", fields.get("bytes_read", ""))]
    for name, value in rows:
        if value not in ("", None):
            text.append(f"\n{name:<11}", "dim").append(one_line(str(value)))
    for title, headers in (("asked with", asked.get("headers")), ("answered with", fields.get("resp_headers"))):
        if isinstance(headers, dict) and headers:
            text.append(f"\n\n{title}", "dim")
            for name, values in headers.items():
                shown = ", ".join(map(str, values)) if isinstance(values, list) else str(values)
                text.append(f"\n{one_line(str(name))}: ", "cyan").append(one_line(shown)[:1000])
    return text
