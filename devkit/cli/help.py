"""`devkit --help` and `devkit help COMMAND`: what there is, and what each command takes."""

from __future__ import annotations

import os

import devkit
from devkit.cli.commands import COMMANDS, GLOBAL_FLAGS, check_command, sentence
from devkit.cli.reference import examples_text, usage_text
from devkit.cli.words import PASS_THROUGH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devkit.cli.context import Context


_HANDED_ON = """\
What stands behind it is handed on untouched, --help too. It has a terminal if stdin and stdout are one; signals reach
it and its children, a second one kills. The exit status is its own: 127 if it is not there, 126 if it cannot be run,
128+N if signal N ended it. The stack is started if it is down."""


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command: all of them in one line each, or one in full."""
    names = [word for word in arguments if word not in (*GLOBAL_FLAGS, "-h")]
    if not names and not arguments:
        print(help_text(context.project))
        return 0
    import importlib

    name = names[0] if names and names[0] in PASS_THROUGH else check_command(names[0] if names else "help")
    if name == "help" or name in PASS_THROUGH:
        print(command_text(name))
        return 0
    return int(importlib.import_module(f"devkit.cli.{name}").run(context, ["--help"]))


def help_text(project: object = None) -> str:
    """What `devkit --help` prints; in a project (this directory's, or the one named) with its team's own commands."""
    own = _own(str(project) if project is not None else ".")
    width = max(map(len, (*COMMANDS, *PASS_THROUGH, *own)))
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    lines = "\n".join(f"  {name:<{width}}  {line}" for name, line in PASS_THROUGH.items())
    commands += f"\n\nhanded on to the containers, with all that stands behind them:\n\n{lines}"
    if own:
        lines = "\n".join(f"  {name:<{width}}  {line}" for name, line in own.items())
        commands += f"\n\nof this project ([commands] in devkit.toml):\n\n{lines}"
    return f"""\
devkit {devkit.__version__}: the local environment for Laravel on FrankenPHP

usage: devkit [--json] [--quiet] [--debug] [--yes] [--project DIR] COMMAND ...

{commands}

`devkit help COMMAND` says more, with examples. Exit status: 0 done, 1 failed, 2 usage, 3 engine not
reachable, 4 not a devkit project, 5 needs a person, 128+N ended by signal N."""


def _own(directory: str) -> Mapping[str, str]:
    """The team's own commands; settings are read, which costs, only where there are any."""
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
    handed = f"\n{_HANDED_ON}" if name in PASS_THROUGH else ""
    return f"usage: {usage_text(name)}\n\n{sentence(name)}{handed}\n\n{examples_text(name)}"
