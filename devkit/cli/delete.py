"""`devkit delete`: a project's containers, volumes and images, after they were listed; or devkit itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import accept, agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json
from devkit.project.errors import DevkitError, FailedError
from devkit.project.paths import machine_paths

if TYPE_CHECKING:
    from devkit.database.snapshots import Snapshot
    from devkit.database.work import DatabaseWork

_EPILOG = """\
The sources, .env and an SQLite file are never touched; devkit up makes a deleted project anew, with empty databases.
A snapshot of the database is taken first: devkit db restore brings the data back. --omit-snapshot does without.
--self takes devkit's environment, launcher, caches and memory away; projects and Docker stay."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; it asks on a terminal, and needs --yes without one."""
    parser = CommandParser("delete", epilog=_EPILOG)
    parser.add_argument("--self", action="store_true", dest="itself", help="devkit itself instead of a project")
    parser.add_argument("--omit-snapshot", action="store_true", help="take no snapshot of the database first")
    context, options = parser.read(context, arguments)
    said = narrator(context)
    return _itself(context, said) if options.itself else _project(context, said, omit_snapshot=options.omit_snapshot)


def _project(context: Context, said: Narrator, *, omit_snapshot: bool) -> int:
    from devkit.cli.db import work_of
    from devkit.setup import removal
    from devkit.setup.project import open_project

    project = open_project(context.directory)
    work = work_of(context, project, said)
    found = removal.inventory(project.docker, project.settings.name)
    snapshot = None
    if found.is_empty:
        said.say(f"  the engine has nothing of {found.project}")
    else:
        for what, names in (
            ("containers", found.containers),
            ("volumes (databases, caches, mails)", found.volumes),
            ("networks", found.networks),
            ("images", found.images),
        ):
            if names:
                said.say(f"{what}: {', '.join(names)}")
        said.say(f"stays: every file in {project.paths.root}")
        keeping = not omit_snapshot and work.is_in(found.volumes)
        keeping = keeping and accept(context, f"Take a snapshot of {work.title} first?")
        if not agree(context, f"Delete all of this of {found.project}?"):
            raise FailedError("nothing was deleted", "devkit down stops and keeps the data")
        try:
            if keeping:
                snapshot = _farewell(work)
                said.mark("done", f"snapshot {snapshot.name}: {snapshot.path}")
            removal.delete(
                project.docker, machine_paths(), project.paths, found, on_line=said.progress, on_wait=said.warning
            )
        finally:
            said.clear()
        said.mark("done", f"{found.project} is deleted; its files are in {project.paths.root}")
    if context.json:
        print_json({**found.to_json(), "snapshot": snapshot.to_json() if snapshot else None})
    return ExitStatus.DONE


def _farewell(work: DatabaseWork) -> Snapshot:
    try:
        return work.farewell()
    except DevkitError as error:
        raise FailedError(
            f"nothing was deleted, for no snapshot could be taken: {error.message}",
            f"{error.hint}; or delete without one: devkit delete --omit-snapshot".removeprefix("; or "),
            detail=error.detail,
        ) from error


def _itself(context: Context, said: Narrator) -> int:
    from devkit.setup import uninstall

    machine = machine_paths()
    found = uninstall.installation(machine, home=Path.home(), prefix=uninstall.this_prefix())
    for path in found.removed:
        said.say(f"removes: {path}")
    for text in found.stays:
        said.say(f"stays: {text}")
    if not agree(context, "Remove devkit from this machine?"):
        raise FailedError("nothing was removed", "")
    result = found.to_json()
    uninstall.uninstall(machine, found)
    said.mark("done", "devkit is removed" + (f"; the rest takes: {found.command}" if found.command else ""))
    if context.json:
        print_json(result)
    return ExitStatus.DONE
