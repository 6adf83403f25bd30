"""`devkit scaffold WHAT`: files that a project has only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json

_NEXT = {
    "github": "what GitHub has to know (environments, the cluster, secrets) stands at the head of delivery.yml",
    "gitlab": "what GitLab has to know (the cluster, secrets) stands at the head of .gitlab-ci.yml",
    "kubernetes": "what a cluster has to have before the first release stands in kubernetes/README.md",
}
_WHAT = ("devcontainer", *_NEXT)


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; exit 1 where a file is there that devkit never wrote, which stays as it is."""
    parser = CommandParser("scaffold")
    parser.add_argument("what", choices=_WHAT, help="which files")
    context, options = parser.read(context, arguments)
    from devkit.setup.asked_for import what_to_know, write_asked_for
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    files = write_asked_for(project, options.what, on_wait=said.warning)
    for file in files:
        said.mark("skipped" if file.status == "kept" else "done", f"{file.path} {file.status}")
    if options.what in _NEXT and any(file.status == "written" for file in files):
        said.say(f"  {_NEXT[options.what]}")
    warnings = what_to_know(options.what, project.settings)
    for warning in warnings:
        said.warning(warning)
    if context.json:
        print_json({"files": [{"path": file.path, "status": file.status} for file in files], "warnings": warnings})
    return ExitStatus.DONE
