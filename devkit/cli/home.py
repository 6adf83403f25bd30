"""`devkit` alone: the terminal UI."""

from __future__ import annotations

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
    from devkit.setup import stack
    from devkit.setup.project import open_project

    project = open_project(context.directory)
    if context.json:
        print_json(stack.status(project).to_json())
        return ExitStatus.DONE
    if os.environ.get("TERM", "dumb") == "dumb":
        print(status_text(stack.status(project)))
        return ExitStatus.DONE
    return context.ui(project)
