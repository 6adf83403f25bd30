"""`devkit list`: the projects of this machine, and what runs of them."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json, table
from devkit.project.paths import machine_paths


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; it needs no project, and no engine."""
    context, _options = CommandParser("list").read(context, arguments)
    from devkit.setup.machine_projects import projects

    found = projects(machine_paths())
    if context.json:
        print_json({"projects": [project.to_json() for project in found]})
    elif found:
        print(table([(one.name, _state(one.running, one.containers), one.url, str(one.directory)) for one in found]))
    else:
        narrator(context).say("no project here yet: devkit init makes one")
    return ExitStatus.DONE


def _state(running: int | None, containers: int | None) -> str:
    if running is None:
        return "?"
    return f"{running} of {containers} running" if running else "down"
