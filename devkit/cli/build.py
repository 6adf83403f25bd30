"""`devkit build [STAGE]`: build the images that compose needs, or one stage of the Dockerfile."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; the result says how many steps came from the cache."""
    parser = CommandParser("build")
    parser.add_argument("stage", nargs="?", metavar="STAGE", help="a stage, such as app (default: development)")
    context, options = parser.read(context, arguments)
    from devkit.setup.building import build
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    try:
        report = build(project, options.stage, on_line=said.progress)
    finally:
        said.clear()
    result = report.to_json()
    if context.json:
        print_json(result)
    else:
        said.mark("done", f"{result['hits']} of {result['total']} steps cached, {result['seconds']:.1f} s")
        print(result["image"])
    return ExitStatus.DONE
