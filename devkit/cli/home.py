"""`devkit` alone: what runs in this project, and what could be done next."""

from __future__ import annotations

import sys

from devkit.cli.context import Context, is_terminal
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json, status_text
from devkit.project.errors import UsageError


def run(context: Context) -> int:
    """Say it; exit 2 without a terminal, 4 outside a project."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)) and not context.json:
        raise UsageError("devkit alone needs a terminal", "name a command; devkit --help lists them")
    from devkit.setup import stack

    report = stack.status(stack.open_project(context.directory))
    if context.json:
        print_json(report.to_json())
        return ExitStatus.DONE
    print(status_text(report))
    running = any(service.state == "running" for service in report.services)
    narrator(context).say(
        "\n  devkit logs --follow   devkit open   devkit down   devkit --help"
        if running
        else "\n  devkit up starts it   devkit doctor   devkit --help"
    )
    return ExitStatus.DONE
