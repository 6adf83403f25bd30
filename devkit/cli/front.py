"""The door for commands: finds the one that is called, and turns whatever goes wrong into an exit status."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType

import devkit
from devkit.cli.arguments import asks_for, split
from devkit.cli.commands import COMMANDS, check_command
from devkit.cli.context import Context, Wizard
from devkit.cli.errors_shown import show
from devkit.cli.exit_status import ExitStatus, status_of
from devkit.project.errors import DevkitError, InterruptedError_


def run(arguments: Sequence[str], wizard: Callable[[], Wizard]) -> int:
    """Run one command line to its end and give the exit status; errors have been shown."""
    as_json, debug = asks_for("--json", arguments), asks_for("--debug", arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the locale cannot write must not end devkit
            stream.reconfigure(errors="backslashreplace")
    try:
        with _signals_raise():
            status = _dispatch(arguments, wizard)
            sys.stdout.flush()
            return status
    except BrokenPipeError:
        _close_quietly()
        return ExitStatus.BROKEN_PIPE
    except (DevkitError, KeyboardInterrupt, OSError) as error:
        return _fail(error, as_json=as_json, debug=debug)
    except SystemExit as stop:  # argparse, after --help
        return stop.code if isinstance(stop.code, int) else ExitStatus.DONE


def report_faults(arguments: Sequence[str]) -> None:
    """From here on an error nobody expected is one line as well; its traceback comes with --debug."""

    def hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        show(error, as_json=asks_for("--json", arguments), debug=asks_for("--debug", arguments))

    sys.excepthook = hook


def _dispatch(arguments: Sequence[str], wizard: Callable[[], Wizard]) -> int:
    values, rest = split(arguments)
    context = Context(wizard, **values)  # type: ignore[arg-type]
    if not rest:
        from devkit.cli.home import run as show_home

        return show_home(context)
    if rest[0] in ("--help", "-h", "help"):
        print(help_text())
        return ExitStatus.DONE
    if rest[0] == "--version":
        print(json.dumps({"version": devkit.__version__}) if context.json else f"devkit {devkit.__version__}")
        return ExitStatus.DONE
    name = check_command(rest[0])
    command: Callable[[Context, Sequence[str]], int] = importlib.import_module(f"devkit.cli.{name}").run
    return command(context, rest[1:])


def help_text() -> str:
    """What `devkit --help` prints."""
    commands = "\n".join(f"  {name:<9} {text}" for name, text in COMMANDS.items())
    return f"""\
devkit {devkit.__version__}: the local environment for Laravel on FrankenPHP

usage: devkit [--json] [--quiet] [--debug] [--yes] [--project DIR] COMMAND ...

{commands}

`devkit COMMAND --help` says more. Exit status: 0 done, 1 failed, 2 usage, 3 engine not reachable,
4 not a devkit project, 5 needs a person, 128+N ended by signal N."""


def _fail(error: BaseException, *, as_json: bool, debug: bool) -> int:
    try:
        show(error, as_json=as_json, debug=debug)
    except BrokenPipeError:
        _close_quietly()
    return status_of(error)


def _close_quietly() -> None:
    """Whoever read our output has gone: Python must not complain about it again when it flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def _signals_raise() -> Iterator[None]:
    """SIGTERM and SIGHUP become exceptions, so that child processes and temporary files are cleared away."""

    def interrupted(number: int, _frame: FrameType | None) -> None:
        raise InterruptedError_(number)

    previous = {}
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                previous[number] = signal.signal(number, interrupted)
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
