"""The door for commands: finds the one that is called, and turns whatever goes wrong into an exit status."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import contextmanager

import devkit
from devkit.cli.commands import check_command, is_unknown
from devkit.cli.exit_status import ExitStatus, status_of
from devkit.cli.sail import translated
from devkit.cli.words import PASS_THROUGH, asks_for, split
from devkit.project.errors import DevkitError, InterruptedError_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType, TracebackType

    from devkit.cli.context import Context, Wizard
    from devkit.setup.project import Project


def run(
    arguments: Sequence[str],
    wizard: Callable[[], Wizard],
    ui: Callable[[Project], int],
    web: Callable[[Project, int | None, Callable[[str], None]], int],
    whole: Callable[[], None],
) -> int:
    """Run one command line to its end and give the exit status; errors have been shown.

    `wizard`, `ui` and `web` are the other doors. `whole` makes all of devkit importable: what help, the version and
    completion do without.
    """
    as_json, debug = asks_for("--json", arguments), asks_for("--debug", arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the locale cannot write must not end devkit
            stream.reconfigure(errors="backslashreplace")
    try:
        with signals_raise():
            status = _dispatch(arguments, wizard, ui, web, whole)
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
        from devkit.cli.errors_shown import show

        show(error, as_json=asks_for("--json", arguments), debug=asks_for("--debug", arguments))

    sys.excepthook = hook


def _dispatch(
    arguments: Sequence[str],
    wizard: Callable[[], Wizard],
    ui: Callable[[Project], int],
    web: Callable[[Project, int | None, Callable[[str], None]], int],
    whole: Callable[[], None],
) -> int:
    """Find what the first word asks for. What has to be quick comes first, and imports none of what commands need."""
    values, rest = split(arguments)
    if rest and rest[0] in ("--help", "-h"):
        from devkit.cli.help import help_text

        print(help_text(values.get("project")))
        return ExitStatus.DONE
    if rest and rest[0] == "--version":
        print(f'{{"version": "{devkit.__version__}"}}' if values.get("json") else f"devkit {devkit.__version__}")
        return ExitStatus.DONE
    if rest[:2] == ["completion", "answer"]:
        from devkit.cli.completion import answer

        return answer(rest[2:])
    whole()
    from devkit.cli.context import Context

    context = Context(wizard, ui, web, **values)  # type: ignore[arg-type]
    if not rest:
        from devkit.cli.home import run as show_home

        return show_home(context)
    flags = arguments[: len(arguments) - len(rest)]
    if is_unknown(rest[0]):
        from devkit.cli.team import run as run_team_command

        status = run_team_command(context, flags, rest, whole)
        if status is not None:
            return status
    rest = translated(rest)
    if rest[0] in PASS_THROUGH:  # behind a word of Sail's; the others never come here
        from devkit.cli import passthrough

        return passthrough.run([*flags, *rest], whole)
    name = check_command(rest[0])
    command: Callable[[Context, Sequence[str]], int] = importlib.import_module(f"devkit.cli.{name}").run
    return command(context, rest[1:])


def _fail(error: BaseException, *, as_json: bool, debug: bool) -> int:
    from devkit.cli.errors_shown import show

    try:
        show(error, as_json=as_json, debug=debug)
    except BrokenPipeError:
        _close_quietly()
    except OSError:
        pass  # the terminal was closed: nobody can be told
    return status_of(error)


def _close_quietly() -> None:
    """Whoever read our output has gone: Python must not complain about it again when it flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def signals_raise() -> Iterator[None]:
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
