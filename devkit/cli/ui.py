"""`devkit ui`: the terminal UI, as `devkit` alone opens it."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli import home
from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    context, _ = CommandParser("ui").read(context, arguments)
    return home.run(context)
