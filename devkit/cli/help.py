"""`devkit --help` and `devkit help COMMAND`: what there is, and what each command takes."""

from __future__ import annotations

import os

import devkit
from devkit.cli.commands import COMMANDS, GLOBAL_FLAGS, check_command, sentence
from devkit.cli.reference import examples_text, usage_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devkit.cli.context import Context


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command: all of them in one line each, or one in full."""
    names = [word for word in arguments if word not in (*GLOBAL_FLAGS, "-h")]
    if not names and not arguments:
        print(help_text(context.project))
        return 0
    import importlib

    name = check_command(names[0] if names else "help")
    if name == "help":
        print(command_text(name))
        return 0
    return int(importlib.import_module(f"devkit.cli.{name}").run(context, ["--help"]))


def help_text(project: object = None) -> str:
    """What `devkit --help` prints; in a project with its team's own commands. `project` is what --project names."""
    own = _team_commands(str(project) if project else ".")
    width = max(map(len, (*COMMANDS, *own)))
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    lines = "\n".join(f"  {name:<{width}}  {line}" for name, line in own.items())
    own_part = f"\nof this project ([commands] in devkit.toml):\n{lines}\n" if own else ""
    return f"""\
devkit {devkit.__version__}: the local environment for Laravel on FrankenPHP

usage: devkit [--json] [--quiet] [--debug] [--yes] [--project DIR] COMMAND ...

{commands}
{own_part}
`devkit COMMAND --help` says more, with examples. Exit status: 0 done, 1 failed, 2 usage, 3 engine not
reachable, 4 not a devkit project, 5 needs a person, 128+N ended by signal N."""


def _team_commands(directory: str) -> Mapping[str, str]:
    """The project's own commands. What reads devkit.toml is imported only where one names commands."""
    place = os.path.realpath(directory)
    while not os.path.isfile(os.path.join(place, "devkit.toml")):  # noqa: PTH113, PTH118 - pathlib is not cheap here
        if place == (place := os.path.dirname(place)):  # noqa: PTH120
            return {}
    with open(os.path.join(place, "devkit.toml"), "rb") as settings:  # noqa: PTH118, PTH123
        if b"commands" not in settings.read():
            return {}
    from pathlib import Path

    from devkit.cli.team import commands_here

    return commands_here(Path(place))


def command_text(name: str) -> str:
    """What one command takes, where no parser of its own says so."""
    return f"usage: {usage_text(name)}\n\n{sentence(name)}\n\n{examples_text(name)}"
