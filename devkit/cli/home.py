"""`devkit` alone: the terminal UI."""

from __future__ import annotations

import gc
import os
import sys

from devkit.cli.context import Context, is_terminal
from devkit.cli.exit_status import ExitStatus
from devkit.cli.output import print_json, status_text
from devkit.project.errors import UsageError


def run(context: Context) -> int:
    """Open it; exit 2 without a terminal, 4 outside a project. A terminal that cannot be drawn on gets the status."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)) and not context.json:
        raise UsageError("devkit alone needs a terminal", "name a command; devkit --help lists them")
    gc.disable()  # while much is loaded and nothing is thrown away; the app turns it on again
    from devkit.setup.project import open_project

    project = open_project(context.directory)
    if not context.json and os.environ.get("TERM", "dumb") != "dumb":
        return context.ui(project)
    from devkit.setup import stack

    report = stack.status(project)
    if context.json:
        print_json(report.to_json())
    else:
        print(status_text(report))
    return ExitStatus.DONE
