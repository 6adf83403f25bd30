"""`devkit completion bash|zsh|fish`: the script that has a shell complete devkit's commands, and the answers to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devkit.cli.context import Context

SHELLS = ("bash", "zsh", "fish")
_DESCRIPTION = 80


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command. `completion answer SHELL ...`, what the scripts call, does not come so far: see `answer`."""
    from devkit.cli.arguments import CommandParser

    parser = CommandParser("completion")
    parser.add_argument("what", choices=(*SHELLS, "refresh"), help="a shell; refresh: read artisan's commands anew")
    context, options = parser.read(context, arguments)
    if options.what == "refresh":
        return _refresh(context)
    print(Path(__file__).with_name("shells").joinpath(f"devkit.{options.what}").read_text(encoding="utf-8"), end="")
    return 0


def _refresh(context: Context) -> int:
    from devkit.cli.narration import narrator
    from devkit.cli.output import print_json
    from devkit.laravel.catalogue_refresh import refresh
    from devkit.setup.project import open_project

    project = open_project(context.directory)
    project.docker.ping()
    catalogue = refresh(project.compose, project.paths.root)
    count = len(catalogue.commands) if catalogue is not None else None
    if context.json:
        print_json({"commands": count})
    elif count is None:
        narrator(context).say("  another process is reading artisan's commands")
    else:
        narrator(context).mark("done", f"{count} commands of artisan")
    return 0


def answer(arguments: Sequence[str]) -> int:
    """One answer a line for the shell that asks, `SHELL WORD...` or for bash its own three words.

    What goes wrong is no line of its own: it would be printed over the person's prompt.
    """
    from devkit.cli.complete import candidates
    from devkit.project.errors import DevkitError

    if not arguments or arguments[0] not in SHELLS:
        return 2
    shell, *rest = arguments
    try:
        if shell == "bash":
            line, point, breaks = rest
            lines = _for_bash(line.encode()[: int(point)].decode(errors="ignore"), breaks)
        else:
            *words, current = rest or [""]
            found = candidates(words, current)
            lines = [_for_zsh(*item) if shell == "zsh" else _for_fish(*item) for item in found.items()]
    except (DevkitError, OSError, ValueError):
        return 1
    print("\n".join(lines), end="\n" if lines else "")
    return 0


def _for_bash(line: str, breaks: str) -> list[str]:
    """bash replaces what follows the last word break (`:`, `=`), and takes answers as they would be typed."""
    from devkit.cli.complete import candidates

    words, quote = split_line(line)
    *before, current = words[1:] or [""]
    found = [value for value in candidates(before, current) if value.startswith(current)]
    cut = max((current.rfind(sign) for sign in ":=" if sign in breaks), default=-1) + 1
    return [value[cut:] if quote else re.sub(r"([^\w./:=@%+,-])", r"\\\1", value[cut:]) for value in found]


def split_line(line: str) -> tuple[list[str], str]:
    """A command line up to the cursor as the shell's words, and the quote that is still open, or nothing."""
    words: list[str] = [""]
    quote = ""
    started = False
    signs = iter(line)
    for sign in signs:
        if quote:
            if sign == quote:
                quote = ""
            elif sign == "\\" and quote == '"':
                words[-1] += next(signs, "")
            else:
                words[-1] += sign
        elif sign in "'\"":
            quote, started = sign, True
        elif sign == "\\":
            words[-1] += next(signs, "")
            started = True
        elif sign.isspace():
            if started:
                words.append("")
            started = False
        else:
            words[-1] += sign
            started = True
    return words, quote


def _for_zsh(value: str, what: str) -> str:
    """_describe splits at the first colon that has no backslash."""
    escaped = value.replace("\\", "\\\\").replace(":", "\\:")
    return f"{escaped}:{_one_line(what)}" if what else escaped


def _for_fish(value: str, what: str) -> str:
    return f"{value}\t{_one_line(what)}" if what else value


def _one_line(text: str) -> str:
    """A description without line ends, escape sequences and Symfony's tags."""
    from devkit.laravel.console_text import untagged

    plain = untagged(text)
    return plain if len(plain) <= _DESCRIPTION else f"{plain[: _DESCRIPTION - 1]}…"
