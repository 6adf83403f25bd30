"""`devkit scaffold devcontainer`: files that a project has only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; exit 1 where a file is there that devkit never wrote, which stays as it is."""
    parser = CommandParser("scaffold")
    parser.add_argument("what", choices=("devcontainer",), help="which files")
    context, _options = parser.read(context, arguments)
    from devkit.scaffold.plan import apply_plan
    from devkit.setup.rendering import plan_devcontainer
    from devkit.setup.stack import open_project

    said = narrator(context)
    project = open_project(context.directory)
    files = plan_devcontainer(project.paths.root, project.settings)
    apply_plan(project.paths.root, files)
    refused = [file for file in files if file.status == "conflict"]
    for file in refused:
        said.say("\n".join(printable(line) for line in file.diff.splitlines()))
    if refused:
        raise FailedError(
            f"{refused[0].path} stays as it is: it says something else than devkit would write",
            "the difference stands above; move the file away to have devkit's",
        )
    for file in files:
        said.mark("skipped" if file.status == "kept" else "done", f"{file.path} {file.status}")
    if context.json:
        print_json({"files": [{"path": file.path, "status": file.status} for file in files]})
    return ExitStatus.DONE
