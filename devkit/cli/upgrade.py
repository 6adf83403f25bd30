"""`devkit upgrade`: the container files brought up to this devkit, a person's edits kept."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError

_EPILOG = """\
What devkit wrote last (.devkit/generated), what you made of it and what this devkit would write are merged three
ways. Where both changed the same lines, the file gets git's conflict markers, and the exit status is 1."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; it asks on a terminal, and needs --yes without one. Exit 1 where conflicts are left."""
    parser = CommandParser("upgrade", epilog=_EPILOG)
    parser.add_argument("--dry-run", action="store_true", help="show the differences, and write nothing")
    context, options = parser.read(context, arguments)
    from devkit.setup.data_left import data_left_behind
    from devkit.setup.project import open_project
    from devkit.setup.upgrade import apply_upgrade, plan_upgrade

    said = narrator(context)
    project = open_project(context.directory)
    files = plan_upgrade(project)
    for file in files:
        said.say("\n".join(printable(line) for line in file.difference.splitlines()))
    for line in data_left_behind(project.settings.name, [file.chosen for file in files], project.docker):
        said.warning(line)
    conflicts = [file.path for file in files if file.status == "conflict"]
    if files and not options.dry_run:
        for path in conflicts:
            said.warning(f"{path}: your edits and the new text disagree; it gets conflict markers, as shown")
        if not agree(context, "Write this?"):
            raise FailedError("nothing was written", "")
        apply_upgrade(project, files, on_wait=said.warning)
    for file in files:
        name = "planned" if options.dry_run else "failed" if file.status == "conflict" else "done"
        said.mark(name, f"{file.path} {file.status}")
    if not files:
        said.mark("done", "every file is up to date")
    elif conflicts and not options.dry_run:
        said.say("  choose between both sides in the files with conflicts, then devkit up")
    elif not options.dry_run:
        said.say("  devkit up puts it into effect")
    if context.json:
        print_json({"files": [{"path": file.path, "status": file.status} for file in files]})
    return ExitStatus.FAILED if conflicts and not options.dry_run else ExitStatus.DONE
