from __future__ import annotations

import errno
import signal

import pytest

from devkit.cli.exit_status import ExitStatus, status_of
from devkit.project.errors import (
    CommandError,
    ConsentError,
    EngineError,
    FailedError,
    InterruptedError_,
    NotAProjectError,
    UnhealthyError,
    UsageError,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FailedError("x"), 1),
        (CommandError("x", returncode=77), 1),
        (UnhealthyError("x"), 1),
        (UsageError("x"), 2),
        (EngineError("x"), 3),
        (NotAProjectError("x"), 4),
        (ConsentError("x"), 5),
        (InterruptedError_(signal.SIGTERM), 143),
        (InterruptedError_(signal.SIGHUP), 129),
        (KeyboardInterrupt(), 130),
        (OSError(errno.ENOSPC, "full"), 1),
        (BrokenPipeError(errno.EPIPE, "gone"), 141),
        (RuntimeError("a fault"), 1),
    ],
)
def test_each_error_has_the_status_that_scripts_rely_on(error: BaseException, status: int) -> None:
    assert status_of(error) == status


def test_the_numbers_are_those_of_the_contract() -> None:
    assert [int(status) for status in ExitStatus] == [0, 1, 2, 3, 4, 5, 130, 141, 143]
