"""A command that was sent off, seen to its end: what can go wrong with it, in words."""

from __future__ import annotations

from devkit.engine.exec.attached import (
    KILLED,
    Attached,
    ContainerGoneError,
    NotStartedError,
    UnreachableError,
)
from devkit.engine.exec.started import EngineGoneError, Started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.cli.jobs import Job
    from devkit.project.errors import DevkitError

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


def attend(started: Started, job: Job, flags: Mapping[str, object]) -> int:
    """Give the exit status of a command; where none ran, or its end was none of its own, a line says so.

    EngineError where the engine went, OSError where what the command wrote could not be written.
    """
    try:
        try:
            return Attached(started).run()
        except NotStartedError as refused:
            if not started.shell or f'"{started.shell}"' not in refused.reason:
                raise
        return _without_shell(started, job, flags)
    except NotStartedError as refused:
        return _tell(flags, *_not_started(refused, started, job))
    except UnreachableError as error:
        message = f"the image of {job.service} has no shell that could signal the command: it goes on without devkit"
        return _tell(flags, 128 + error.signal, message, f"docker compose restart {job.service} ends it")
    except ContainerGoneError:
        message = f"the container of {job.service} was stopped or removed while the command ran"
        return _tell(flags, KILLED, message, "devkit status shows what runs")
    except EngineGoneError as error:
        from devkit.project.errors import EngineError

        raise EngineError(
            "the container engine ended while the command ran",
            "what the command did is not known; start the engine, then look: devkit status",
        ) from error


def _without_shell(started: Started, job: Job, flags: Mapping[str, object]) -> int:
    """An image without a shell: the command is started by itself, and nobody can signal it."""
    if job.is_shell:
        return _tell(flags, _NOT_FOUND, f"service {job.service} has no shell", f"devkit exec {job.service} COMMAND")
    directly = Started(started.host, started.container, started.command, started.signals, "")
    return Attached(directly).run()


def _not_started(refused: NotStartedError, started: Started, job: Job) -> tuple[int, str, str]:
    """Exit status, message and hint for what the engine did not start, in the shells' numbers."""
    reason = refused.reason
    name = started.command.arguments[0].decode("utf-8", "replace")
    if "chdir to cwd" in reason:
        directory = started.command.directory.decode("utf-8", "replace")
        return _NOT_EXECUTABLE, f"{directory} is not in the container of {job.service}", "run it in another directory"
    if "executable file not found" in reason or "no such file or directory" in reason:
        return _NOT_FOUND, f"{name}: not found in service {job.service}", ""
    if "permission denied" in reason or "is a directory" in reason:
        return _NOT_EXECUTABLE, f"{name}: not executable in service {job.service}", ""
    if "argument list too long" in reason:
        return _NOT_EXECUTABLE, f"{name}: the arguments are too long", "an argument has 128 KB at most, all have 2 MB"
    return refused.status or _NOT_EXECUTABLE, f"{name} was not started: {reason}", ""


def _tell(flags: Mapping[str, object], status: int, message: str, hint: str) -> int:
    from devkit.cli.errors_shown import show
    from devkit.project.errors import FailedError

    error: DevkitError = FailedError(message, hint)
    show(error, as_json="json" in flags, debug=False)
    return status
