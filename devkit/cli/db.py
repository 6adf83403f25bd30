"""`devkit db ACTION`: the database's shell, exports and imports, snapshots, and its address."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context, is_terminal
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json, table
from devkit.project.errors import FailedError, UsageError

if TYPE_CHECKING:
    from devkit.database.work import DatabaseWork
    from devkit.setup.project import Project

_TAKES: Mapping[str, tuple[int, int, str]] = {
    "shell": (0, 0, ""),
    "export": (0, 1, "[FILE]"),
    "import": (1, 1, "FILE"),
    "snapshot": (0, 1, "[NAME]"),
    "snapshots": (0, 0, ""),
    "restore": (0, 1, "[NAME]"),
    "fresh": (0, 0, ""),
    "url": (0, 0, ""),
}
"""How many words each action takes, and what they are."""

_EPILOG = """\
actions:
  shell            the database's own client, as the application's user
  export [FILE]    all of it as a dump; compressed for .gz and .zst; stdout without FILE or with -
  import FILE      put a dump in the place of all that is there; plain, gzip or zstd; - for stdin
  snapshot [NAME]  keep it as it is now; the time is the name where none is given
  snapshots        list the snapshots
  restore [NAME]   put a snapshot (the newest) in the place of all that is there
  fresh            take a snapshot, then artisan migrate:fresh --seed
  url              its address for clients on this machine, password and all

`ssh server mysqldump shop | devkit --yes db import -` works as well. An import or a restore that fails or is killed
leaves the database as it was.
What replaces data asks first, and needs --yes where nobody can be asked.

with --json:
  export FILE      {"file", "bytes", "dump_bytes"}: in the file, and before compression
  import           {"file", "bytes", "seconds", "warnings": []}
  snapshot         {"name", "created", "engine", "version", "bytes", "database_bytes", "automatic", "path"}
  snapshots        {"directory", "snapshots": [as snapshot says them, the newest last]}
  restore          {"snapshot", "seconds"}
  fresh            {"snapshot": as snapshot says it}
  url              {"url", "engine", "host", "port", "database", "username"}"""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = CommandParser("db", epilog=_EPILOG)
    parser.add_argument("action", choices=tuple(_TAKES), metavar="ACTION", help=" ".join(_TAKES))
    parser.add_argument("words", nargs="*", metavar="WORD", help="what the action takes, as below")
    context, options = parser.read(context, arguments)
    action, words = options.action, options.words
    least, most, named = _TAKES[action]
    if not least <= len(words) <= most:
        raise UsageError(
            f"devkit db {action} was given {len(words)} words", f"it takes: devkit db {action} {named}".rstrip()
        )
    from devkit.database.snapshots import check_name
    from devkit.setup.project import open_project

    if action in ("snapshot", "restore") and words:
        check_name(words[0])
    said = narrator(context)
    try:
        return _ACTIONS[action](context, open_project(context.directory), said, words[0] if words else None)
    finally:
        said.clear()


def _shell(context: Context, project: Project, said: Narrator, _word: str | None) -> int:
    from devkit.cli.attending import attend
    from devkit.cli.jobs import Job
    from devkit.cli.passthrough import command_for
    from devkit.database.console import console
    from devkit.engine.exec.remembered import Place
    from devkit.engine.exec.signals import HostSignals
    from devkit.engine.exec.started import NoContainerError, RefusedError, Started

    chosen = console(project, said.say, said.service)
    said.clear()
    job = Job(chosen.service, [word.encode() for word in chosen.command])
    place = Place(chosen.container, [])
    command = command_for(job, place, b"", b"")
    command.environment += [f"{name}={value}".encode() for name, value in chosen.variables.items()]
    with HostSignals() as signals:
        try:
            started = Started(project.docker.endpoint.host, chosen.container, command, signals, place.shell)
        except (NoContainerError, RefusedError) as error:
            why = f"the {chosen.service} container does not take the command: {error}"
            raise FailedError(why, "devkit up") from error
        return attend(started, job, {"json": True} if context.json else {})


def _export(context: Context, project: Project, said: Narrator, word: str | None) -> int:
    path = _path(word)
    if word is None and is_terminal(sys.stdout):
        raise UsageError("the dump would be written to this terminal", "name a file, or pipe it on; - means stdout")
    if path is None and context.json:
        raise UsageError("--json and a dump cannot both go to stdout", "name a file")
    began = time.monotonic()
    count = work_of(context, project, said).export(path)
    said.mark("done", f"{word or 'stdout'}: {_size(count)} in {time.monotonic() - began:.1f} s")
    if context.json and path is not None:
        print_json({"file": str(path.absolute()), "bytes": path.stat().st_size, "dump_bytes": count})
    return ExitStatus.DONE


def _import(context: Context, project: Project, said: Narrator, word: str | None) -> int:
    done = work_of(context, project, said).import_(_path(word))
    for warning in done.warnings:
        said.warning(warning)
    said.mark("done", f"{done.name}: {_size(done.bytes)} in {done.seconds:.1f} s")
    if context.json:
        print_json(
            {
                "file": done.name,
                "bytes": done.bytes,
                "seconds": round(done.seconds, 2),
                "warnings": list(done.warnings),
            }
        )
    return ExitStatus.DONE


def _snapshot(context: Context, project: Project, said: Narrator, word: str | None) -> int:
    taken = work_of(context, project, said).snapshot(word)
    said.mark("done", f"{_size(taken.database_bytes)} of data in {_size(taken.bytes)}: {taken.path}")
    if context.json:
        print_json(taken.to_json())
    else:
        print(taken.name)
    return ExitStatus.DONE


def _snapshots(context: Context, project: Project, said: Narrator, _word: str | None) -> int:
    snapshots = work_of(context, project, said).snapshots
    found = snapshots.all()
    if context.json:
        print_json({"directory": str(snapshots.directory), "snapshots": [one.to_json() for one in found]})
        return ExitStatus.DONE
    rows = [
        (one.name, f"{one.created.astimezone():%Y-%m-%d %H:%M}", _size(one.bytes), f"{one.engine} {one.version}")
        for one in found
    ]
    if rows:
        print(table(rows))
    total = _size(sum(one.bytes for one in found))
    said.say(f"  {len(found)} snapshots, {total} in {snapshots.directory}; delete the files that you need no more")
    return ExitStatus.DONE


def _restore(context: Context, project: Project, said: Narrator, word: str | None) -> int:
    began = time.monotonic()
    restored = work_of(context, project, said).restore(word)
    seconds = time.monotonic() - began
    said.mark("done", f"the database is as in {restored.name}, {seconds:.1f} s")
    if context.json:
        print_json({"snapshot": restored.name, "seconds": round(seconds, 2)})
    return ExitStatus.DONE


def _fresh(context: Context, project: Project, said: Narrator, _word: str | None) -> int:
    snapshot = work_of(context, project, said).fresh()
    said.mark("done", f"migrated and seeded anew; devkit db restore {snapshot.name} brings the former data back")
    if context.json:
        print_json({"snapshot": snapshot.to_json()})
    return ExitStatus.DONE


def _url(context: Context, project: Project, _said: Narrator, _word: str | None) -> int:
    from devkit.database.url import address

    found = address(project)
    if context.json:
        print_json(found.to_json())
    else:
        print(found.url)
    return ExitStatus.DONE


_ACTIONS: Mapping[str, Callable[[Context, Project, Narrator, str | None], int]] = {
    "shell": _shell,
    "export": _export,
    "import": _import,
    "snapshot": _snapshot,
    "snapshots": _snapshots,
    "restore": _restore,
    "fresh": _fresh,
    "url": _url,
}


def work_of(context: Context, project: Project, said: Narrator) -> DatabaseWork:
    """The actions on a project's database, asking and telling at this terminal."""
    from devkit.database.work import DatabaseWork, Told
    from devkit.project.paths import machine_paths

    def confirm(question: str) -> bool:
        said.clear()
        return agree(context, question)

    told = Told(
        line=said.progress,
        service=said.service,
        transfer=lambda transfer: said.progress(str(transfer)),
        confirm=confirm,
    )
    return DatabaseWork(project, machine_paths(), told)


def _path(word: str | None) -> Path | None:
    """None for stdin or stdout."""
    if word in (None, "-"):
        return None
    if not word or "\0" in word:
        raise UsageError("the file's name is empty", "name a file, or - for stdin and stdout")
    return Path(word)


def _size(count: int) -> str:
    from devkit.database.streams import megabytes

    return megabytes(count)
