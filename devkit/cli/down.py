"""`devkit down`: stop and remove the containers; the data only when that is said."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; --volumes asks first, for it destroys databases."""
    parser = CommandParser("down")
    parser.add_argument("--volumes", "-v", action="store_true", help="the data of databases and caches too")
    context, options = parser.read(context, arguments)
    from devkit.setup import stack
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    name = project.settings.name
    if options.volumes and not agree(context, f"Delete every volume of {name}: databases, caches, mails?"):
        raise FailedError("nothing was stopped or deleted", "without --volumes the data is kept")
    try:
        stack.down(project, volumes=options.volumes, on_line=said.progress, on_wait=said.warning)
    finally:
        said.clear()
    said.mark("done", f"{name} is down" + (", its data deleted" if options.volumes else ""))
    if context.json:
        print_json({"project": name, "volumes_deleted": options.volumes})
    return ExitStatus.DONE
