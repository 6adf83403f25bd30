"""The command line's first words: global flags, and where the command begins.

Every command starts by reading this, the fast ones too: so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SWITCHES = ("--json", "--quiet", "--debug", "--yes")
PROJECT = "--project"


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
