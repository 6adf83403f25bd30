"""`devkit build [STAGE]`: build the image that compose needs, or one stage of the Dockerfile, and push it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus, status_of
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import DevkitError

if TYPE_CHECKING:
    from devkit.setup.build_request import BuildRequest
    from devkit.setup.project import Project


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; the result says how many steps came from the cache, and what was pushed."""
    parser = CommandParser("build")
    parser.add_argument(
        "stage", nargs="?", metavar="STAGE", help="a stage, such as app (default: development; to push or attest, app)"
    )
    parser.add_argument("--no-cache", action="store_true", help="build every step anew")
    parser.add_argument("--tag", action="append", default=[], metavar="NAME", help="one more name of the image")
    parser.add_argument("--push", action="store_true", help="push it under the names of --tag; the digest is printed")
    parser.add_argument("--platform", default="", metavar="LIST", help="such as linux/amd64,linux/arm64")
    parser.add_argument("--attest", action="store_true", help="push with a list of contents (SBOM) and provenance")
    parser.add_argument("--lines", action="store_true", help="each event as a JSON object on a line, when it happens")
    context, options = parser.read(context, arguments)
    from devkit.cli.build_summary import summary_lines
    from devkit.cli.build_view import BuildView
    from devkit.delivery.build_words import result_line
    from devkit.engine.push import pushed_reference
    from devkit.setup.build_request import BuildRequest, read_platforms
    from devkit.setup.building import build
    from devkit.setup.project import open_project

    request = BuildRequest(
        no_cache=options.no_cache,
        push=options.push,
        tags=tuple(options.tag),
        platforms=read_platforms(options.platform),
        attest=options.attest,
    )
    request.check()
    project = open_project(context.directory)
    if options.lines:
        return _tell(project, options.stage, request)
    said = narrator(context)
    with BuildView(said) as view:
        record = build(project, options.stage, view.on_event, request)
    for line in summary_lines(record):
        said.say(f"  {line}")
    said.mark("done", result_line(record))
    if context.json:
        print_json(record.to_json())
        return ExitStatus.DONE
    pushed = [pushed_reference(tag, record.pushed) for tag in request.tags] if record.pushed else []
    for name in pushed or [record.image]:
        print(name)
    return ExitStatus.DONE


def _tell(project: Project, stage: str | None, request: BuildRequest) -> int:
    """Build it, with each event as a line on stdout; why it failed is one of them."""
    from devkit.delivery.build_lines import BuildFailed, ToldEvent, event_to_json
    from devkit.setup.building import build

    def on_event(event: ToldEvent) -> None:
        print_json(event_to_json(event))

    try:
        build(project, stage, on_event, request)
    except DevkitError as error:
        on_event(BuildFailed(error.message, error.hint, tuple(error.detail.splitlines())))
        return status_of(error)
    return ExitStatus.DONE
