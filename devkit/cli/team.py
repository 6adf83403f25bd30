"""A team's own commands: what stands under `[commands]` in devkit.toml is called like devkit's own.

    [commands]
    lint = "vendor/bin/pint --test"
    seed = "app: php artisan db:seed"

On the host, in the project's root; behind `app:` in the app's container, as by `devkit exec`. Arguments come behind the
line's own, and the exit status is the program's. devkit's own commands win where a name is both.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from devkit.cli.commands import COMMANDS
from devkit.cli.context import Context
from devkit.cli.errors_shown import one_line
from devkit.engine.family import Family, in_foreground, own_group
from devkit.project.errors import DevkitError, FailedError, NotAProjectError
from devkit.project.paths import find_project
from devkit.project.services import APP
from devkit.project.settings_file import read_settings

_OF_KEYS = (signal.SIGINT, signal.SIGQUIT)
_HANDED_ON = (*_OF_KEYS, signal.SIGTERM, signal.SIGHUP)
_LEFT_SECONDS = 1.0
"""How long what the program has started may go on, once a signal has ended the program itself."""


def commands_here(directory: Path) -> Mapping[str, str]:
    """The commands of the project around a directory, with their lines; none where devkit.toml is missing or broken."""
    try:
        commands = read_settings(find_project(directory).settings).commands
    except (DevkitError, OSError):
        return {}
    return {name: one_line(line) for name, line in commands.items() if name not in COMMANDS}


def run(context: Context, flags: Sequence[str], words: Sequence[str], whole: Callable[[], None]) -> int | None:
    """Run what a team's command stands for, to its end; None where the project has no command of the name.

    `flags` are the global ones as they were given.
    """
    try:
        paths = find_project(context.directory)
    except NotAProjectError:
        return None
    settings, name = read_settings(paths.settings), words[0]
    if name not in settings.commands:
        return None
    from devkit.setup.team_commands import read_line

    line = read_line(name, settings.commands[name], words[1:])
    os.chdir(paths.root)
    if line.inside:
        from devkit.cli import passthrough

        project = ["--project", str(paths.root)]
        return passthrough.run([*flags, *project, "exec", APP, *line.words], whole)
    sys.stdout.flush()
    sys.stderr.flush()
    return _supervised(name, line.words)


def _supervised(name: str, words: Sequence[str]) -> int:
    """Run a program and see that it ends with devkit, whatever it has started; a signal that ends it ends devkit too.

    Signals reach all of it, and the second one kills. Those of the terminal's keys have reached it already.
    """
    group = own_group()
    received = 0
    with _arriving() as arriving:
        try:
            child = subprocess.Popen(words, process_group=group)
        except OSError as error:
            raise FailedError(f"{name} could not be started: {error.strerror}", "is sh on the PATH?") from error
        family = Family(child)
        while child.poll() is None:
            for number in arriving.recv(4096):
                if number in _HANDED_ON:
                    received += 1
                    if not (group is None and number in _OF_KEYS and in_foreground()):
                        family.signal(signal.SIGKILL if received > 1 else number)
        if received and not family.wait(_LEFT_SECONDS):
            family.signal(signal.SIGKILL)
    if child.returncode >= 0:
        return child.returncode
    with suppress(OSError):  # SIGKILL has no other handling
        signal.signal(-child.returncode, signal.SIG_DFL)
    os.kill(os.getpid(), -child.returncode)
    return 128 - child.returncode


@contextmanager
def _arriving() -> Iterator[socket.socket]:
    """Gives the numbers of signals that come, and of ended children: none is lost between a look and a wait."""
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    # nohup stays nohup: what is ignored is left so
    numbers = [number for number in _HANDED_ON if signal.getsignal(number) is not signal.SIG_IGN]
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, lambda *_: None) for number in (*numbers, signal.SIGCHLD)}
    try:
        yield receiver
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        receiver.close()
        sender.close()
