"""One container's log from the engine's API, as batches of lines that can be appended to a file as they are.

It is asked for in HTTP/1.0: in HTTP/1.1 each line is a chunk of its own. The engine writes line by line, too, and
each would wake the reader; so what follows is read after a pause that is short as long as much comes. The engine
waits when its side of the socket is full (some hundred lines), never the other way round.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from devkit.engine.client import Client, Connection, broken, connect
from devkit.engine.docker import Docker
from devkit.engine.http_socket import HTTP_OK, engine_message
from devkit.engine.log_frames import FrameLines, LogLines, RawLines
from devkit.engine.log_resume import Behind, in_seconds, nanoseconds
from devkit.project.errors import FailedError

QUIET_SECONDS = 0.02
"""How long lines are gathered at most, while few come: what a person does not see."""

_BUSY_SECONDS = 0.001
_MUCH = 1024
_PLENTY = 16 * 1024
"""Bytes from which on nothing is gathered: the engine may be waiting (its side of the socket takes about 36 KiB)."""


@dataclass(frozen=True)
class Part:
    """Which part of a log: all of it, and what comes until the container stops, if nothing is said.

    `since` and `until` are timestamps as the engine gives them; lines of that moment belong to it. `tail` counts what
    the engine keeps: lines, and of those above 16 KiB the parts, so that the first line may lack its beginning.
    `behind` is the line that was read last, as it stood in its batch: the log goes on behind it, whatever the time.
    """

    follow: bool = True
    since: str = ""
    until: str = ""
    tail: int | None = None
    behind: bytes = b""

    def query(self) -> dict[str, str]:
        """It in the words of the API."""
        query = {"stdout": "1", "stderr": "1", "timestamps": "1", "follow": "1" if self.follow else "0"}
        moments = (("since", self.since), ("until", self.until))
        query |= {name: in_seconds(nanoseconds(time)) for name, time in moments if time}
        if self.behind:
            query["since"] = Behind(self.behind).since
        return query if self.tail is None else query | {"tail": str(self.tail)}


@asynccontextmanager
async def container_log(docker: Docker, container: str, part: Part = Part()) -> AsyncIterator[AsyncIterator[bytes]]:
    """A container's log: `async with container_log(docker, id) as batches: async for lines in batches`.

    Each batch is one or more whole lines, as `log_frames` says. It ends with the log: followed, when the container
    stops. Nothing is read that is not asked for. FailedError where the container is gone or its log cannot be read,
    EngineError where the engine goes; the lines that were whole by then have been given.
    """
    before = await _inspected(docker, container)
    if before is None:
        raise FailedError(f"the container {container} is gone", "devkit up makes a new one")
    async with connect(docker) as connection:
        status = await connection.ask(f"/containers/{container}/logs", part.query(), unchunked=True)
        if status != HTTP_OK:
            said = engine_message(await connection.whole())
            raise FailedError(f"the log of {container} cannot be read: {said or status}", "devkit doctor")
        lines: LogLines = RawLines() if before["Config"].get("Tty") else FrameLines()
        if part.behind:
            lines = _NewLines(lines, Behind(part.behind))

        async def ended() -> bool:
            after = await _inspected(docker, container)
            return not part.follow or after is None or not _same_run(before, after)

        async def batches() -> AsyncIterator[bytes]:
            async for batch in _batches(connection, lines):
                yield batch
            if lines.cut_off or not await ended():
                raise broken()
            if rest := lines.end():
                yield rest

        yield batches()


@dataclass(frozen=True)
class _NewLines:
    """Lines of which those up to a known one are dropped."""

    every: LogLines
    new: Behind

    @property
    def cut_off(self) -> bool:
        return self.every.cut_off

    def take(self, received: bytes) -> bytes:
        lines = self.every.take(received)
        return self.new.take(lines) if lines else b""

    def end(self) -> bytes:
        return self.new.take(self.every.end()) + self.new.end()


async def _batches(connection: Connection, lines: LogLines) -> AsyncIterator[bytes]:
    pause = 0.0
    while received := await connection.read():
        try:
            batch = lines.take(received)
        except ValueError as error:
            raise broken() from error
        if batch:
            yield batch
        if len(received) >= _PLENTY:
            pause = 0.0
            continue
        pause = _BUSY_SECONDS if len(received) >= _MUCH or not pause else min(2 * pause, QUIET_SECONDS)
        await asyncio.sleep(pause)


async def _inspected(docker: Docker, container: str) -> Any:
    async with Client(docker) as client:
        return await client.get_json(f"/containers/{container}/json")


def _same_run(before: Any, after: Any) -> bool:
    """Whether a container has run all the time: then it was not its end that ended its log."""
    return bool(
        before["State"]["Running"]
        and after["State"]["Running"]
        and before["State"]["StartedAt"] == after["State"]["StartedAt"]
    )
