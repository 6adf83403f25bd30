"""The app's threads, looked at again and again at the cost of one command: a shell that asks when it is told to.

It stands at the app's side for as long as somebody looks, and ends with the connection, whatever ends that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from devkit.engine.container_exec import RunningCommand, running_in
from devkit.engine.docker import Docker, last_line
from devkit.engine.exec.frames import OUT
from devkit.laravel.worker_figures import Reading, parse_figures
from devkit.laravel.workers import ADMIN, parse_threads
from devkit.project.errors import FailedError

_SECONDS = 10.0
_PART, _END = b"\x1d", b"\x1e\n"
_SCRIPT = f"""part=$(printf '\\035')
while read -r _; do
curl -sS --noproxy '*' --max-time 5 -w "$part" {ADMIN}/frankenphp/threads {ADMIN}/metrics
printf '\\036\\n'
done"""

Look = Callable[[], Awaitable[Reading]]


@asynccontextmanager
async def worker_readings(docker: Docker, container: str) -> AsyncIterator[Look]:
    """`async with worker_readings(docker, id) as look: reading = await look()`.

    FailedError where the app does not run or its admin endpoint says nothing, EngineError where the engine goes.
    """
    async with running_in(docker, container, ["sh", "-c", _SCRIPT]) as shell:

        async def look() -> Reading:
            try:
                async with asyncio.timeout(_SECONDS):
                    return await _looked(shell)
            except TimeoutError as error:
                raise FailedError(f"FrankenPHP says nothing of its threads within {_SECONDS:g} s") from error

        yield look


async def _looked(shell: RunningCommand) -> Reading:
    await shell.write(b"\n")
    said, complaints = b"", b""
    while not said.endswith(_END):
        pieces = await shell.read()
        if not pieces:
            raise FailedError("the app stopped", "see what runs with: devkit status")
        said += b"".join(bytes(piece) for stream, piece in pieces if stream == OUT)
        complaints += b"".join(bytes(piece) for stream, piece in pieces if stream != OUT)
    threads, _, metrics = said.removesuffix(_END).partition(_PART)
    if not threads:
        why = last_line(complaints.decode("utf-8", errors="replace")) or "it answers nothing"
        raise FailedError(
            f"FrankenPHP's admin endpoint does not answer: {why}", "the Caddyfile needs admin localhost:2019"
        )
    return Reading(parse_threads(threads), parse_figures(metrics), time.monotonic())
