"""Programs that end with whoever started them: asked first, and killed where they take too long."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine
    from typing import Any


def end_children(children: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Ask all that still run to end, wait for so many seconds in all, and kill what is left.

    One that leads a process group (`process_group=0`) is signalled with it: the docker command's plugins are in there.
    An exception meanwhile (a second Ctrl-C) kills them at once, and passes through.
    """
    deadline = time.monotonic() + seconds
    try:
        for child in children:
            _signal(child, signal.SIGTERM)
        for child in children:
            child.wait(max(0.0, deadline - time.monotonic()))
    except BaseException as error:
        for child in children:
            _signal(child, signal.SIGKILL)
        for child in children:
            child.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise


async def end_group(child: asyncio.subprocess.Process, seconds: float) -> None:
    """The same for one child that leads its process group, and for whoever must not block meanwhile."""
    await to_its_end(_end_group(child, seconds))


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work to its end, also where whoever awaits it is cancelled meanwhile, as Textual does twice.

    The cancellation comes behind it.
    """
    import asyncio  # imported here: the scripted path does without it

    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _end_group(child: asyncio.subprocess.Process, seconds: float) -> None:
    import asyncio

    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(seconds):
            await child.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()


def close_pipes(child: subprocess.Popen[bytes]) -> None:
    """Close this side of a child's pipes; what could not be written to it is lost."""
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To a child that has not been waited for: until then its id is nobody else's, also where it has ended."""
    if child.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # what macOS says of one that has just ended
            leads = os.getpgid(child.pid) == child.pid
            (os.killpg if leads else os.kill)(child.pid, number)
