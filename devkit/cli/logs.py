"""`devkit logs`: what the services and Laravel write, one record a line, traces folded."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser, positive
from devkit.cli.context import Context, is_terminal
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus

if TYPE_CHECKING:
    from devkit.logs.record import LogRecord

_COLOURS = ("36", "34", "35", "32", "96", "94")
_BAD, _UNUSUAL, _DIM = "31", "33", "2"
_EPILOG = "laravel.log stands for storage/logs/laravel.log and its daily files."


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; with --json each line is an object of its own."""
    parser = CommandParser("logs", epilog=_EPILOG)
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="services, or laravel.log (default: all)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with what comes")
    parser.add_argument("--since", metavar="WHEN", help="a time (14:30, 2026-01-31T10:00:00) or an age (10m, 2h, 1d)")
    parser.add_argument("--tail", "-n", type=positive, metavar="N", help="the last N lines of each")
    parser.add_argument("--level", metavar="LEVEL", help="this severe or more: debug info notice warning error …")
    parser.add_argument("--grep", metavar="REGEX", help="whose message or trace matches")
    parser.add_argument("--trace", action="store_true", help="every frame of a trace")
    context, options = parser.read(context, arguments)
    from devkit.logs.select import selection
    from devkit.setup.logs import log_names, read_logs
    from devkit.setup.project import open_project

    wanted = selection(since=options.since, level=options.level, grep=options.grep)
    project = open_project(context.directory)
    width = max(len(name) for name in options.services or log_names(project))
    show = _as_json if context.json else _as_text(width, colour=_colour(), whole=options.trace)
    read_logs(project, options.services, show, selection=wanted, follow=options.follow, tail=options.tail)
    return ExitStatus.DONE


def _as_json(record: LogRecord) -> None:
    print(json.dumps(record.to_json()), flush=True)


def _as_text(width: int, *, colour: bool, whole: bool) -> Callable[[LogRecord], None]:
    """Records as `service | message`; what a container wrote cannot send escape sequences to the terminal."""
    colours: dict[str, str] = {}

    def paint(text: str, code: str | None) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour and code else text

    def show(record: LogRecord) -> None:
        code = colours.setdefault(record.service, _COLOURS[len(colours) % len(_COLOURS)])
        name = paint(record.service.ljust(width), code)
        for number, line in enumerate(_lines(record, whole=whole)):
            print(name, "|", paint(printable(line), _DIM if number else _colour_of(record)), flush=True)

    return show


def _lines(record: LogRecord, *, whole: bool) -> Iterator[str]:
    from devkit.logs.fold import folded

    exception = record.context.get("exception")
    level = f"{record.level.upper()} " if record.level and record.context.get("channel") else ""
    first, *more = record.message.splitlines() or [""]
    yield level + first
    yield from (f"  {line}" for line in more)
    if isinstance(exception, dict) and "class" in exception:
        place = str(exception["file"]).removeprefix("/app/")
        yield f"  {exception['class']} at {place}:{exception['line']}"
    yield from (f"  {frame}" for frame in (record.trace if whole else folded(record.trace)))


def _colour_of(record: LogRecord) -> str | None:
    from devkit.logs.record import severity

    if severity(record.level) >= severity("error"):
        return _BAD
    return _UNUSUAL if severity(record.level) == severity("warning") else None


def _colour() -> bool:
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
