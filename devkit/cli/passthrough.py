"""The scripted path: `devkit artisan …` and its like hand on arguments, bytes, terminal, signals and exit status.

What is imported before the command has been sent off is what devkit costs; devkit.engine.exec says how much.
"""

from __future__ import annotations

import posix

from devkit.cli.jobs import Job, job_of
from devkit.cli.words import split
from devkit.engine.exec.command import BASH, Command
from devkit.engine.exec.endpoint import is_socket
from devkit.engine.exec.remembered import Place, recall
from devkit.engine.exec.signals import HostSignals
from devkit.engine.exec.started import NoContainerError, RefusedError, Started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_KNOWN_TERMINALS = (b"ansi", b"dumb", b"linux", b"rxvt", b"screen", b"tmux", b"vt100", b"vt220", b"xterm")
"""What Debian's ncurses-base and Alpine's know, with what is made of them (xterm-256color): in every image."""
_NEW_TERMINALS = (b"xterm-kitty", b"xterm-ghostty")
"""Names that begin so, but are known by few images."""


def run(arguments: Sequence[str], whole: Callable[[], None]) -> int:
    """Run one pass-through command and give the exit status of what ran; `whole` makes all of devkit importable."""
    flags: Mapping[str, object] = {}
    try:
        _three_streams()
        flags, words = split(arguments)
        job = job_of(words)
        root, here = _project(flags.get("project"))
        status = _at_once(job, root, here, flags, whole)
        if status is None:  # nothing is remembered, or it was true once
            whole()
            from devkit.cli.located import run_located

            status = run_located(job, root, here, flags)
        return status
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every door shows what went wrong, and ends
        from contextlib import suppress

        from devkit.cli.errors_shown import show
        from devkit.cli.exit_status import status_of

        with suppress(OSError):  # nobody may be there to read it
            show(error, as_json="json" in flags, debug="debug" in flags)
        return status_of(error)


def command_for(job: Job, place: Place, root: bytes, here: bytes) -> Command:
    """The job as a command for its container: with a terminal if stdin and stdout both are one."""
    directory = place.inside(root if job.at_root else here)
    words = [BASH.encode()] if job.is_shell and place.shell == BASH else job.arguments(root)
    if not (posix.isatty(0) and posix.isatty(1)):
        return Command(words, directory, reads=not _is_null(0))
    size = posix.get_terminal_size(0)
    return Command(words, directory, (size.lines, size.columns), _terminal_environment())


def _at_once(job: Job, root: bytes, here: bytes, flags: Mapping[str, object], whole: Callable[[], None]) -> int | None:
    """Run it in the container that is remembered; None where there is none, or it does not run any more."""
    remembered = recall(root)
    place = remembered.places.get(job.service) if remembered is not None else None
    if remembered is None or place is None:
        return None
    if not is_socket(remembered.host):
        whole()  # the docker command carries the bytes
    with HostSignals() as signals:
        try:
            command = command_for(job, place, root, here)
            started = Started(remembered.host, place.container, command, signals, place.shell)
        except (NoContainerError, RefusedError, OSError):
            return None
        from devkit.cli.attending import attend  # while the engine works

        return attend(started, job, flags)


def _project(given: object) -> tuple[bytes, bytes]:
    """The project's root, and the directory that the command belongs to: this one, or where it lies outside the root.

    NotAProjectError where no directory upwards has a devkit.toml.
    """
    here = start = posix.getcwdb()
    if given is not None:
        start = _resolved(str(given), here)
    directory = start
    while not _has_settings(directory):
        parent = directory.rpartition(b"/")[0]
        if directory in (b"/", b""):
            return _no_project(start)
        directory = parent or b"/"
    inside = here == directory or here.startswith(directory.rstrip(b"/") + b"/")
    return directory, here if inside else directory


def _has_settings(directory: bytes) -> bool:
    try:
        return posix.stat(directory.rstrip(b"/") + b"/devkit.toml").st_mode & 0o170000 == 0o100000
    except OSError:
        return False


def _resolved(given: str, here: bytes) -> bytes:
    """The directory of --project without symbolic links."""
    try:
        posix.chdir(given)
        try:
            return posix.getcwdb()
        finally:
            posix.chdir(here)
    except OSError:
        from devkit.project.errors import UsageError

        raise UsageError(f"--project {given}: no such directory", "name a project's directory") from None


def _no_project(start: bytes) -> tuple[bytes, bytes]:
    import os
    from pathlib import Path

    from devkit.project.paths import find_project

    root = os.fsencode(find_project(Path(os.fsdecode(start))).root)  # it says why there is none
    return root, root


def _is_null(descriptor: int) -> bool:
    """Whether it is /dev/null: the command gets the container's own, which costs the engine less than a pipe."""
    try:
        return posix.fstat(descriptor).st_rdev == posix.stat("/dev/null").st_rdev != 0
    except OSError:
        return False


def _terminal_environment() -> list[bytes]:
    """What a program at a terminal wants to know of it. COLUMNS and LINES are not: they would outlast a resize."""
    name = posix.environ.get(b"TERM", b"")
    known = name.startswith(_KNOWN_TERMINALS) and not name.startswith(_NEW_TERMINALS)
    told = [b"TERM=" + (name if known else b"xterm-256color")] if name else []
    return told + [b"%s=%s" % (key, posix.environ[key]) for key in (b"COLORTERM", b"NO_COLOR") if key in posix.environ]


def _three_streams() -> None:
    """Open /dev/null in place of a standard stream that is closed: a connection must not take its number."""
    while (descriptor := posix.open("/dev/null", posix.O_RDWR)) <= 2:
        posix.set_inheritable(descriptor, True)
    posix.close(descriptor)
