"""`devkit poweroff`: stop whatever runs of all projects of this machine."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.paths import machine_paths


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; nothing is removed, so nobody is asked."""
    context, _options = CommandParser("poweroff").read(context, arguments)
    from devkit.setup.machine_projects import power_off

    said = narrator(context)
    stopped = power_off(
        machine_paths(), on_stop=lambda name: said.mark("done", f"{name} stopped"), on_wait=said.warning
    )
    if context.json:
        print_json({"stopped": stopped})
    elif not stopped:
        said.say("  nothing ran")
    return ExitStatus.DONE
