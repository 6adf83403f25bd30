"""What devkit's exit statuses mean: the contract with scripts (pass-through hands on the process's own)."""

from __future__ import annotations

import errno
from enum import IntEnum

from devkit.project.errors import (
    ConsentError,
    DevkitError,
    EngineError,
    InterruptedError_,
    NotAProjectError,
    UsageError,
)


class ExitStatus(IntEnum):
    """0 done, 1 failed, 2 usage, 3 engine, 4 no project, 5 needs a person, 126 and 127 as a shell's, 128+N signal N."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    ENGINE = 3
    NOT_A_PROJECT = 4
    NEEDS_PERSON = 5
    NOT_EXECUTABLE = 126
    NOT_FOUND = 127
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


_STATUS: tuple[tuple[type[DevkitError], ExitStatus], ...] = (
    (UsageError, ExitStatus.USAGE),
    (EngineError, ExitStatus.ENGINE),
    (NotAProjectError, ExitStatus.NOT_A_PROJECT),
    (ConsentError, ExitStatus.NEEDS_PERSON),
)


def status_of(error: BaseException) -> int:
    """The exit status that an error ends devkit with; 1 for whatever has none of its own."""
    if isinstance(error, InterruptedError_):
        return 128 + error.signal_number
    if isinstance(error, KeyboardInterrupt):
        return ExitStatus.INTERRUPTED
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        return ExitStatus.BROKEN_PIPE
    return next((status for kind, status in _STATUS if isinstance(error, kind)), ExitStatus.FAILED)
