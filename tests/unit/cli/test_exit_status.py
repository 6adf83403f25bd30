from __future__ import annotations

import asyncio
import errno
import os
import signal
from contextlib import suppress

import pytest

from devkit.cli.exit_status import ExitStatus, status_of
from devkit.cli.front import signals_raise
from devkit.project.errors import (
    CommandError,
    ConsentError,
    DevkitError,
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


def test_what_a_signal_raises_ends_also_what_goes_on_after_errors() -> None:
    """A check that failed is told and the next one made; an event loop tells of an exception and goes on."""

    def goes_on() -> None:
        with suppress(DevkitError, Exception):
            os.kill(os.getpid(), signal.SIGTERM)

    async def asks() -> None:
        asyncio.get_running_loop().call_soon(goes_on)
        await asyncio.sleep(60)

    with signals_raise(), pytest.raises(InterruptedError_) as ended:
        asyncio.run(asks())
    assert ended.value.signal_number == signal.SIGTERM


def test_the_numbers_are_those_of_the_contract() -> None:
    assert [int(status) for status in ExitStatus] == [0, 1, 2, 3, 4, 5, 126, 127, 130, 141, 143]
