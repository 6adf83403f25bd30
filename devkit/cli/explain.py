"""`devkit explain COMMAND...`: the plain docker command that a devkit command stands for; nothing is run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.commands import check_command
from devkit.cli.context import Context, is_terminal
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.cli.sail import translated
from devkit.cli.words import split
from devkit.project.errors import EngineError, UsageError

if TYPE_CHECKING:
    from devkit.cli.plain import Place


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command. What stands behind the first word is the other command's, `--help` and `--json` included."""
    flags, words = split(arguments)
    if words[:1] == ["--help"] or words[:1] == ["-h"]:
        CommandParser("explain").print_help()
        return ExitStatus.DONE
    words = translated(words)
    if not words:
        raise UsageError("devkit explain needs a command", "such as: devkit explain artisan migrate")
    from devkit.cli.plain import is_explained, plain_commands

    if not is_explained(words[0]):
        check_command(words[0])  # it says why there is none
    context = replace(context, **flags)  # type: ignore[arg-type]
    commands = plain_commands(_place(context), words)
    if context.json:
        print_json({"command": words, "plain": commands})
        return ExitStatus.DONE
    if not commands:
        narrator(context).say(f"  no single docker command stands behind devkit {words[0]}")
    sys.stdout.flush()
    for command in commands:  # as bytes: an argument that is no UTF-8 stays what it was
        sys.stdout.buffer.write(os.fsencode(command) + b"\n")
    return ExitStatus.DONE


def _place(context: Context) -> Place:
    """This project and directory; without a docker command the plain name of it is shown."""
    from devkit.cli.plain import Place
    from devkit.engine.docker import find_docker
    from devkit.project.paths import find_project
    from devkit.project.settings_file import read_settings

    paths = find_project(context.directory)
    try:
        docker = find_docker()
    except EngineError:
        docker = None
    terminal = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    return Place(paths.root, read_settings(paths.settings), Path.cwd(), terminal, docker)
