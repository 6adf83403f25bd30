"""The command line's first words: global flags, and the commands that hand on all that stands behind them.

Every command starts by reading this, the fast ones too: so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SWITCHES = ("--json", "--quiet", "--debug", "--yes")
PROJECT = "--project"

PASS_THROUGH: Mapping[str, str] = {
    "artisan": "run php artisan, at the project's root",
    "composer": "run Composer, in this directory",
    "php": "run PHP, in this directory",
    "test": "run the application's tests",
    "tinker": "run artisan tinker",
    "pint": "run vendor/bin/pint",
    "bin": "run a program of vendor/bin",
    "npm": "run npm, in this directory",
    "npx": "run npx",
    "node": "run Node",
    "pnpm": "run pnpm",
    "yarn": "run Yarn",
    "bun": "run Bun",
    "exec": "run a command in a service",
    "shell": "open a shell in a service",
}
"""Name and one line for `--help`. What stands behind them is not devkit's."""


def first(arguments: Sequence[str]) -> str:
    """The command's name: the first word that is no global flag and no value of one; empty if there is none."""
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word == PROJECT:
            at += 2
        elif word in SWITCHES or word.startswith(f"{PROJECT}="):
            at += 1
        else:
            return word
    return ""


def split(arguments: Sequence[str]) -> tuple[dict[str, object], list[str]]:
    """Take the global flags that stand before the command; gives them and the rest, command first.

    Kept apart from argparse: what follows a pass-through command must never be looked at.
    """
    values: dict[str, object] = {}
    rest = list(arguments)
    while rest:
        word, _, value = rest[0].partition("=")
        if rest[0] in SWITCHES:
            values[rest.pop(0)[2:]] = True
        elif word == PROJECT:
            inline = "=" in rest.pop(0)
            if not inline and not rest:
                from devkit.project.errors import UsageError

                raise UsageError("--project needs a directory", "devkit --project DIR COMMAND")
            values["project"] = value if inline else rest.pop(0)
        else:
            break
    return values, rest


def asks_for(flag: str, arguments: Sequence[str]) -> bool:
    """Whether a switch stands among the arguments, also where parsing them failed."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return flag in before
