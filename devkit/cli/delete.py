"""`devkit delete`: a project's containers, volumes and images, after they were listed; or devkit itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from devkit.cli.arguments import CommandParser
from devkit.cli.commands import COMMANDS
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError
from devkit.project.paths import machine_paths

_EPILOG = """\
The sources, .env and an SQLite file are never touched; devkit up makes a deleted project anew, with empty databases.
--self takes devkit's environment, launcher, caches and memory away; projects and Docker stay."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; it asks on a terminal, and needs --yes without one."""
    parser = CommandParser("delete", f"{COMMANDS['delete'].capitalize()}.", epilog=_EPILOG)
    parser.add_argument("--self", action="store_true", dest="itself", help="devkit itself instead of a project")
    context, options = parser.read(context, arguments)
    said = narrator(context)
    return _itself(context, said) if options.itself else _project(context, said)


def _project(context: Context, said: Narrator) -> int:
    from devkit.setup import removal
    from devkit.setup.stack import open_project

    project = open_project(context.directory)
    found = removal.inventory(project.docker, project.settings.name)
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
        if not agree(context, f"Delete all of this of {found.project}?"):
            raise FailedError("nothing was deleted", "devkit down stops and keeps the data")
        try:
            removal.delete(
                project.docker, machine_paths(), project.paths, found, on_line=said.progress, on_wait=said.warning
            )
        finally:
            said.clear()
        said.mark("done", f"{found.project} is deleted; its files are in {project.paths.root}")
    if context.json:
        print_json(found.to_json())
    return ExitStatus.DONE


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
