"""`devkit restart`: restart services and wait until they are healthy."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; with --json the result is what `status` says."""
    parser = CommandParser("restart")
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="default: all")
    context, options = parser.read(context, arguments)
    from devkit.setup import stack
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    try:
        stack.restart(project, options.services, on_change=said.service, on_line=said.progress, on_wait=said.warning)
    finally:
        said.clear()
    if context.json:
        print_json(stack.status(project).to_json())
    return ExitStatus.DONE
