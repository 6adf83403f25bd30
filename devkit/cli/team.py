"""A team's own commands: what stands under `[commands]` in devkit.toml is called like devkit's own.

    [commands]
    lint = "vendor/bin/pint --test"
    seed = "app: php artisan db:seed"

On the host, in the project's root; behind `app:` in the app's container. Arguments come behind the line's own, and
the exit status is the program's. devkit's own commands win where a name is both.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from devkit.cli.commands import COMMANDS
from devkit.cli.context import Context, is_terminal
from devkit.cli.errors_shown import one_line
from devkit.project.errors import DevkitError, FailedError, NotAProjectError
from devkit.project.paths import find_project
from devkit.project.settings_file import read_settings


def commands_here(directory: Path) -> Mapping[str, str]:
    """The commands of the project around a directory, with their lines; none where devkit.toml is missing or broken."""
    try:
        commands = read_settings(find_project(directory).settings).commands
    except (DevkitError, OSError):
        return {}
    return {name: one_line(line) for name, line in commands.items() if name not in COMMANDS}


def run(context: Context, words: Sequence[str]) -> None:
    """Become the program that a team's command stands for; returns where the project has no command of the name."""
    try:
        paths = find_project(context.directory)
    except NotAProjectError:
        return
    settings, name = read_settings(paths.settings), words[0]
    if name not in settings.commands:
        return
    from devkit.setup.team_commands import started

    terminal = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    program = started(paths, settings, name, settings.commands[name], words[1:], terminal=terminal)
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(program.directory)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and what is ignored stays so
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(program.arguments[0], program.arguments, {**os.environ, **program.environment})
    except OSError as error:
        raise FailedError(f"{name} could not be started: {error.strerror}", "is sh on the PATH?") from error
