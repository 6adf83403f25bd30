"""`devkit --help` and `devkit help COMMAND`: what there is, and what each command takes."""

from __future__ import annotations

import devkit
from devkit.cli.commands import COMMANDS, GLOBAL_FLAGS, check_command, sentence
from devkit.cli.reference import examples_text, usage_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.cli.context import Context


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command: all of them in one line each, or one in full."""
    names = [word for word in arguments if word not in (*GLOBAL_FLAGS, "-h")]
    if not names and not arguments:
        print(help_text())
        return 0
    import importlib

    name = check_command(names[0] if names else "help")
    if name == "help":
        print(command_text(name))
        return 0
    return int(importlib.import_module(f"devkit.cli.{name}").run(context, ["--help"]))


def help_text() -> str:
    """What `devkit --help` prints."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return f"""\
devkit {devkit.__version__}: the local environment for Laravel on FrankenPHP

usage: devkit [--json] [--quiet] [--debug] [--yes] [--project DIR] COMMAND ...

{commands}

`devkit COMMAND --help` says more, with examples. Exit status: 0 done, 1 failed, 2 usage, 3 engine not
reachable, 4 not a devkit project, 5 needs a person, 128+N ended by signal N."""


def command_text(name: str) -> str:
    """What one command takes, where no parser of its own says so."""
    return f"usage: {usage_text(name)}\n\n{sentence(name)}\n\n{examples_text(name)}"
