"""`devkit up`: start the services, wait until they are healthy, migrate."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json

_EPILOG = """\
Hooks of devkit.toml run on the host in the project's root, behind `app:` in the app's container. One that fails ends
the command:

  [hooks]
  before-up = "./bin/check-vpn"
  after-up = ["app: php artisan db:seed", "npm run build"]"""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; with --json the result is what `status` says."""
    parser = CommandParser("up", epilog=_EPILOG)
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="default: all")
    parser.add_argument("--build", action="store_true", help="build the images first")
    context, options = parser.read(context, arguments)
    from devkit.setup import stack
    from devkit.setup.project import open_project
    from devkit.setup.up import up

    said = narrator(context)
    project = open_project(context.directory)
    try:
        warnings = up(
            project,
            options.services,
            build=options.build,
            on_change=said.service,
            on_line=said.progress,
            on_wait=said.warning,
            on_hook=lambda text: said.say(f"  {printable(text)}"),
        )
    finally:
        said.clear()
    for warning in warnings:
        said.warning(warning)
    if context.json:
        print_json(stack.status(project).to_json())
    else:
        print(project.url)
    return ExitStatus.DONE
