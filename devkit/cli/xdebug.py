"""`devkit xdebug on|off`: breakpoints, and what an IDE has to be told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json

if TYPE_CHECKING:
    from devkit.setup.project import Project
    from devkit.setup.xdebug import PathMappings

_EPILOG = """\
Breakpoints work in classic mode only, so `on` switches to it, and `off` goes back. A request is debugged when it
carries XDEBUG_TRIGGER (a cookie or a parameter: the browser extensions set it); your IDE listens on port 9003."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; without on or off it says how things stand."""
    parser = CommandParser("xdebug", epilog=_EPILOG)
    parser.add_argument("switch", nargs="?", choices=("on", "off"))
    context, options = parser.read(context, arguments)
    from devkit.setup import xdebug
    from devkit.setup.project import open_project

    said = narrator(context)
    project = open_project(context.directory)
    if options.switch == "on":
        _on(context, project, said)
    elif options.switch == "off":
        _off(context, project, said)
    project = open_project(context.directory)
    on, told = xdebug.is_on(project), xdebug.mappings(project)
    if context.json:
        ide = {"vscode": told.vscode(), "phpstorm": told.phpstorm()}
        print_json({"xdebug": on, "mode": project.settings.php.mode, "ide": ide})
    else:
        print(f"Xdebug is {'on' if on else 'off'}, {project.settings.php.mode} mode")
        if on:
            print(_mappings(told))
    return ExitStatus.DONE


def _on(context: Context, project: Project, said: Narrator) -> None:
    from devkit.cli.settings_changed import change_settings, take_up_shown
    from devkit.setup import xdebug
    from devkit.setup.settings_change import one_setting

    xdebug.check_there(project)
    was_on = xdebug.is_on(project)
    if project.settings.php.mode == "worker":
        said.warning("breakpoints work in classic mode only: switching to it; devkit xdebug off goes back")
        before = project
        change_settings(
            context,
            project.paths.root,
            one_setting("php.mode", "classic"),
            said,
            written=lambda: xdebug.remember_on(before),
        )
    elif not was_on:
        xdebug.remember_on(project)
        take_up_shown(project.paths.root, said)


def _off(context: Context, project: Project, said: Narrator) -> None:
    from devkit.cli.settings_changed import change_settings, take_up_shown
    from devkit.setup import xdebug
    from devkit.setup.settings_change import one_setting

    if not xdebug.is_on(project):
        return
    before = xdebug.mode_before(project)
    if before != project.settings.php.mode:
        change_settings(
            context,
            project.paths.root,
            one_setting("php.mode", before),
            said,
            written=lambda: xdebug.forget(project),
        )
    else:
        xdebug.forget(project)
        take_up_shown(project.paths.root, said)


def _mappings(told: PathMappings) -> str:
    launch = json.dumps(told.vscode(), indent=2).replace("\n", "\n  ")
    return f"""
VS Code, .vscode/launch.json:
  {launch}

PhpStorm, Settings > PHP > Servers:
  name {told.server}, host {told.host}, port {told.port}, debugger Xdebug
  {told.local} -> {told.remote}"""
