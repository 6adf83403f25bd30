"""`devkit scaffold devcontainer`: files that a project has only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; exit 1 where a file is there that devkit never wrote, which stays as it is."""
    parser = CommandParser("scaffold")
    parser.add_argument("what", choices=("devcontainer",), help="which files")
    context, _options = parser.read(context, arguments)
    from devkit.setup.devcontainer import write_devcontainer
    from devkit.setup.project import open_project

    said = narrator(context)
    files = write_devcontainer(open_project(context.directory), on_wait=said.warning)
    for file in files:
        said.mark("skipped" if file.status == "kept" else "done", f"{file.path} {file.status}")
    if context.json:
        print_json({"files": [{"path": file.path, "status": file.status} for file in files]})
    return ExitStatus.DONE
