"""`devkit mode [worker|classic]`: how FrankenPHP runs the application."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; without a mode it says which one there is."""
    parser = CommandParser(
        "mode",
        epilog="worker: the application stays in memory, fast. classic: each request boots it anew, as with PHP-FPM.",
    )
    parser.add_argument("mode", nargs="?", choices=("worker", "classic"))
    context, options = parser.read(context, arguments)
    from devkit.cli.settings_changed import change_settings
    from devkit.setup.machine import xdebug_file
    from devkit.setup.project import open_project
    from devkit.setup.settings_change import one_setting

    project = open_project(context.directory)
    if options.mode is None:
        if context.json:
            print_json({"mode": project.settings.php.mode})
        else:
            print(project.settings.php.mode)
        return ExitStatus.DONE
    said = narrator(context)
    done = change_settings(context, project.paths.root, one_setting("php.mode", options.mode), said)
    if options.mode == "worker" and xdebug_file(project.paths).is_file():
        said.warning("breakpoints are on, and workers do not stop at them: devkit xdebug off, or devkit mode classic")
    if context.json:
        print_json({"mode": options.mode, **done})
    else:
        print(options.mode)
    return ExitStatus.DONE
