"""`devkit reload`: the workers take up new code; with --watch, containers follow their files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.errors_shown import one_line
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError

if TYPE_CHECKING:
    from devkit.setup.followed import Followed
    from devkit.setup.following import Following, State
    from devkit.setup.project import Project

_ANSWER = 256

_EPILOG = """\
With --watch, until Ctrl-C:
  code, .env                        workers and queue worker restarted
  docker/Caddyfile                  reloaded, without an interruption
  docker/php/*.ini                  PHP restarted
  composer.lock, package-lock.json  installed
  Dockerfile, compose.yaml          a rebuild is offered

One process follows: where the terminal UI does already, what it does is told here."""


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
    import asyncio

    asyncio.run(_follow(context, project, said))
    return ExitStatus.DONE


async def _follow(context: Context, project: Project, said: Narrator) -> None:
    from devkit.setup.following import Following, Told
    from devkit.setup.reload import app_among, running_containers

    if app_among(await running_containers(project)) is None:
        raise FailedError("the app does not run: nothing would follow its files", "start it with: devkit up")
    told = Told(
        lambda one: _tell(context, said, one),
        lambda state: said.say(_words(state)),
        said.progress,
    )
    following = Following(project, told, command="reload --watch", switched=False)
    with _answers(following) if context.may_ask() else nullcontext():
        await following.run()


@contextmanager
def _answers(following: Following) -> Iterator[None]:
    """A line `y` at the terminal agrees to what was offered."""
    import asyncio

    loop, terminal = asyncio.get_running_loop(), sys.stdin.fileno()

    def answered() -> None:
        said = os.read(terminal, _ANSWER)
        if not said:
            loop.remove_reader(terminal)
        elif said.strip().lower() in (b"y", b"yes"):
            following.rebuild()

    loop.add_reader(terminal, answered)
    try:
        yield
    finally:
        loop.remove_reader(terminal)


def _tell(context: Context, said: Narrator, one: Followed) -> None:
    said.clear()
    if context.json:
        print_json(one.to_json())
        return
    files = ", ".join(one.files[:3]) + (f" and {len(one.files) - 3} more" if len(one.files) > 3 else "")
    took = f" ({one.seconds:.2f} s)" if one.seconds else ""
    mark = "failed" if one.failed else "warning" if one.offer else "done"
    said.mark(mark, one_line(f"{files or 'asked for'}: {one.outcome}{took}"))
    if one.offer and context.may_ask():
        said.say("  y and Enter does it now")


def _words(state: State) -> str:
    if state.holder is None:
        return "following the project's files; Ctrl-C ends"
    return f"{state.holder} follows the files already: what it does is told here, and this goes on when it has ended"
