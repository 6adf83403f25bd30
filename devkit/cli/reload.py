"""`devkit reload`: the workers take up new code; with --watch, containers follow their files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.errors_shown import one_line
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json

if TYPE_CHECKING:
    from devkit.setup.following import Followed
    from devkit.setup.project import Project

_EPILOG = """\
With --watch, until Ctrl-C:
  code, .env                        workers and queue worker restarted
  docker/Caddyfile                  reloaded, without an interruption
  docker/php/*.ini                  PHP restarted
  composer.lock, package-lock.json  installed
  Dockerfile, compose.yaml          a rebuild is offered"""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; exit 1 where the new code answers with an error."""
    parser = CommandParser("reload", epilog=_EPILOG)
    parser.add_argument("--watch", "-w", action="store_true", help="follow the files until interrupted")
    context, options = parser.read(context, arguments)
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    return _watch(context, project, said) if options.watch else _once(context, project, said)


def _once(context: Context, project: Project, said: Narrator) -> int:
    from devkit.setup.reload import reload

    done = reload(project)
    if done.services:
        said.mark("done", f"{', '.join(done.services)} begins anew after the present job")
    if context.json:
        print_json(done.to_json())
    elif done.seconds is None:
        print("classic mode: each request reads the code, there is nothing to restart")
    else:
        print(f"workers restarted; the new code answered {done.status} after {done.seconds:.2f} s")
    if done.broken:
        said.mark("failed", "the new code answers with an error: devkit logs app")
    return ExitStatus.FAILED if done.broken else ExitStatus.DONE


def _watch(context: Context, project: Project, said: Narrator) -> int:
    from devkit.setup.following import Told, follow

    def followed(one: Followed) -> None:
        said.clear()
        if context.json:
            print_json(one.to_json())
            return
        files = ", ".join(one.files[:3]) + (f" and {len(one.files) - 3} more" if len(one.files) > 3 else "")
        took = f" ({one.seconds:.2f} s)" if one.seconds else ""
        said.mark("failed" if one.failed else "done", one_line(f"{files}: {one.outcome}{took}"))
        if one.reaction.name == "REBUILD" and not one.seconds and context.may_ask():
            said.say("  y and Enter builds it now")

    told = Told(
        followed,
        said.service,
        said.progress,
        said.warning,
        ready=lambda: said.say("following the project's files; Ctrl-C ends"),
    )
    follow(project, told, answers=sys.stdin.fileno() if context.may_ask() else None)
    return ExitStatus.DONE
