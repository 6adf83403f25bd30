"""`devkit config list|get|set`: the settings of devkit.toml."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.commands import COMMANDS, nearest
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json, table
from devkit.project.errors import UsageError

if TYPE_CHECKING:
    from devkit.setup.settings_change import SettingShown

_TAKES = {"list": 0, "get": 1, "set": 2}


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; `set` writes devkit.toml and the files that follow from it."""
    parser = CommandParser("config", f"{COMMANDS['config'].capitalize()}: list, get KEY, set KEY VALUE.")
    parser.add_argument("action", nargs="?", default="list", choices=tuple(_TAKES))
    parser.add_argument("words", nargs="*", metavar="KEY [VALUE]")
    context, options = parser.read(context, arguments)
    words: list[str] = options.words
    if len(words) != _TAKES[options.action]:
        raise UsageError(
            f"devkit config {options.action} was given {len(words)} words, it takes {_TAKES[options.action]}",
            "devkit config list, devkit config get KEY, devkit config set KEY VALUE",
        )
    if options.action == "set":
        return _set(context, *words)
    return _get(context, words[0]) if words else _list(context)


def _list(context: Context) -> int:
    shown = _settings(context)
    if context.json:
        settings = [{"key": one.key, "value": one.value, "source": one.source} for one in shown]
        print_json({"settings": settings})
    else:
        print(table([(one.key, _text(one.value), one.source) for one in shown]))
    return ExitStatus.DONE


def _get(context: Context, key: str) -> int:
    settings = {one.key: one for one in _settings(context)}
    if key not in settings:
        raise UsageError(f"unknown setting {key!r}", nearest(key, settings) or "devkit config list shows all")
    shown = settings[key]
    if context.json:
        print_json({"key": key, "value": shown.value, "source": shown.source})
    else:
        print(_text(shown.value))
    return ExitStatus.DONE


def _set(context: Context, key: str, value: str) -> int:
    from devkit.setup.settings_change import apply_change, plan_change
    from devkit.setup.stack import alone, open_project

    said = narrator(context)
    with alone(open_project(context.directory), "config set", said.warning) as project:
        settings, files = plan_change(project, key, value)
        changed = bool(files) or settings != project.settings
        apply_change(project, settings, files)
    for file in files:
        if file.status == "conflict":
            said.warning(f"{file.path} stays as it is: your edits and the new text disagree:")
            said.say("\n".join(printable(line) for line in file.diff.splitlines()))
        else:
            said.mark("done", f"{file.path} {file.status}")
    said.say("  devkit up puts it into effect" if changed else "  nothing had to change")
    if context.json:
        results = [{"path": file.path, "status": file.status} for file in files]
        print_json({"key": key, "value": value, "files": results})
    return ExitStatus.DONE


def _settings(context: Context) -> Sequence[SettingShown]:
    from devkit.setup.settings_change import settings_list
    from devkit.setup.stack import open_project

    return settings_list(open_project(context.directory))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)
