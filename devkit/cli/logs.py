"""`devkit logs`: what the services write, one record a line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser, positive
from devkit.cli.commands import COMMANDS
from devkit.cli.context import Context, is_terminal
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus

if TYPE_CHECKING:
    from devkit.engine.logs import LogRecord

_COLOURS = ("36", "33", "32", "35", "34", "31")


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; with --json each line is an object of its own."""
    parser = CommandParser("logs", f"{COMMANDS['logs'].capitalize()}.")
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="default: all")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with what comes")
    parser.add_argument("--since", metavar="WHEN", help="a time (2026-01-31T10:00:00) or an age (10m, 2h)")
    parser.add_argument("--tail", "-n", type=positive, metavar="N", help="the last N lines of each service")
    context, options = parser.read(context, arguments)
    from devkit.setup import stack

    project = stack.open_project(context.directory)
    width = max(len(name) for name in project.service_names)
    show = _as_json if context.json else _as_text(width, colour=_colour())
    stack.logs(
        project,
        options.services,
        follow=options.follow,
        since=options.since,
        tail=options.tail,
        on_record=show,
    )
    return ExitStatus.DONE


def _as_json(record: LogRecord) -> None:
    print(json.dumps(record.to_json()), flush=True)


def _as_text(width: int, *, colour: bool) -> Callable[[LogRecord], None]:
    """Records as `service | message`; what a container wrote cannot send escape sequences to the terminal."""
    colours: dict[str, str] = {}

    def show(record: LogRecord) -> None:
        code = colours.setdefault(record.service, _COLOURS[len(colours) % len(_COLOURS)])
        name = record.service.ljust(width)
        print(f"\x1b[{code}m{name}\x1b[0m" if colour else name, "|", printable(record.message), flush=True)

    return show


def _colour() -> bool:
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
