"""`devkit config list|get|set|edit`: the settings of devkit.toml."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit.cli.arguments import CommandParser
from devkit.cli.commands import nearest
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json, table
from devkit.project.editor import find_editor
from devkit.project.errors import DevkitError, FailedError, UsageError
from devkit.project.paths import SETTINGS_FILE, ProjectPaths, find_project
from devkit.project.settings_file import parse_settings
from devkit.project.state import remember

if TYPE_CHECKING:
    from devkit.setup.settings_shown import SettingShown

_TAKES = {"list": 0, "get": 1, "set": 2, "edit": 0}
_EDITED = "devkit.toml.edited"
_EPILOG = """\
A change is applied to the files and to the stack where it runs, after its difference is shown: it asks on a terminal,
and takes --yes without one. `edit` opens devkit.toml in $VISUAL or $EDITOR; a text that cannot be used changes
nothing, is kept, and is opened again by the next `edit`."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = CommandParser("config", epilog=_EPILOG)
    parser.add_argument("action", nargs="?", default="list", choices=tuple(_TAKES))
    parser.add_argument("words", nargs="*", metavar="KEY [VALUE]")
    context, options = parser.read(context, arguments)
    words: list[str] = options.words
    if len(words) != _TAKES[options.action]:
        raise UsageError(
            f"devkit config {options.action} was given {len(words)} words, it takes {_TAKES[options.action]}",
            "devkit config list, devkit config get KEY, devkit config set KEY VALUE, devkit config edit",
        )
    if options.action == "set":
        return _set(context, *words)
    if options.action == "edit":
        return _edit(context)
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
    from devkit.cli.settings_changed import change_settings
    from devkit.setup.settings_change import one_setting

    done = change_settings(context, context.directory, one_setting(key, value), narrator(context))
    if context.json:
        print_json({"key": key, "value": value, **done})
    return ExitStatus.DONE


def _edit(context: Context) -> int:
    """The person's own text is written, comments and all; works on a devkit.toml that is broken, too."""
    paths = find_project(context.directory)
    kept = paths.state / _EDITED
    old = paths.settings.read_text(encoding="utf-8", errors="replace")
    text = _edited(paths, kept, old)
    if text == old:
        kept.unlink(missing_ok=True)
        narrator(context).say("  nothing had to change")
        if context.json:
            print_json({"files": [], "applied": False})
        return ExitStatus.DONE
    try:
        done = _write(context, paths, old, text)
    except DevkitError as error:
        if paths.settings.read_text(encoding="utf-8", errors="replace") != text:
            where = kept.relative_to(paths.root)
            error.hint = f"devkit.toml is as it was; your text is kept in {where}: devkit config edit opens it again"
        raise
    kept.unlink(missing_ok=True)
    if context.json:
        print_json(done)
    return ExitStatus.DONE


def _write(context: Context, paths: ProjectPaths, old: str, text: str) -> dict[str, Any]:
    from devkit.cli.settings_changed import change_settings
    from devkit.setup.settings_change import replace_broken, whole_file

    parse_settings(text, source=SETTINGS_FILE)
    said = narrator(context)
    try:
        parse_settings(old, source=SETTINGS_FILE)
    except UsageError:  # a broken one: no project can be opened before it is right
        if not agree(context, "Write the corrected devkit.toml?"):
            raise FailedError("nothing was changed", "") from None
        replace_broken(paths, old, text, on_wait=said.warning)
        said.say("  devkit up puts it into effect")
        return {"files": [], "applied": False}
    return change_settings(context, paths.root, whole_file(text), said)


def _edited(paths: ProjectPaths, kept: Path, old: str) -> str:
    """The text that the person's editor leaves; it stays in `kept` until it has been written."""
    if not kept.is_file():
        remember(paths, _EDITED, old)
    command = find_editor(os.environ, waits=True).words(kept)
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise UsageError(f"the editor {command[0]} cannot be started: {error.strerror}", "set EDITOR") from error
    if status != 0:
        raise FailedError(
            f"the editor {command[0]} ended with status {status}: nothing was changed",
            f"your text is kept in .devkit/{kept.name}",
        )
    try:
        return kept.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("the edited devkit.toml is not UTF-8", f"your text is kept in .devkit/{kept.name}") from error


def _settings(context: Context) -> Sequence[SettingShown]:
    from devkit.setup.settings_shown import settings_list

    return settings_list(find_project(context.directory))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    if isinstance(value, dict):
        return ",".join(f"{name}={item}" for name, item in value.items())
    return str(value)
