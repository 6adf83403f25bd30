"""`devkit status`: what runs, and where. Exit 0 also when services are down."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.output import print_json, status_text


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    context, _options = CommandParser("status").read(context, arguments)
    from devkit.setup import stack
    from devkit.setup.project import open_project

    report = stack.status(open_project(context.directory))
    if context.json:
        print_json(report.to_json())
    else:
        print(status_text(report))
    return ExitStatus.DONE
