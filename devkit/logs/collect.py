"""A container's log into its source: the newest lines at once, what lies between them and the kept ones behind that.

Reading from a moment on, the engine looks through all that it keeps; the last lines it finds at once. So these are
asked for first, and the history fills the room that was left for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

from devkit.engine.docker import Docker
from devkit.engine.log_frames import first_and_last, last_line
from devkit.engine.log_resume import Behind, nanoseconds
from devkit.engine.log_stream import Part, container_log
from devkit.engine.patience import set_within
from devkit.logs.spill import History, Spill
from devkit.logs.store import LogStore
from devkit.logs.stored import TEXT_AT, time_of
from devkit.project.errors import DevkitError

TAIL = 250
"""Lines that are asked for first: more than any screen shows, and mostly one read (the engine sends 36 KiB at once)."""

_LONGEST_START = 2.0
_LONGEST_REST = 0.25
"""Seconds that a batch waits at most: lines are read on, if slowly, whatever else there is to do."""


class ContainerLog:
    """One container, read into one source of a store; `on_lines` hears that there are more.

    `created` is when the container was made, in seconds since the epoch: its log has nothing from before. While `free`
    is not set a person waits for something else of this process: reading rests, and so does the engine. The history is
    begun once `seen` says that the newest lines stand on the screen; after two seconds anyway.
    """

    def __init__(
        self,
        docker: Docker,
        container: str,
        store: LogStore,
        source: Spill,
        on_lines: Callable[[], None],
        *,
        created: float = 0.0,
        free: asyncio.Event | None = None,
        seen: asyncio.Event | None = None,
    ) -> None:
        self._docker = docker
        self._container = container
        self._store = store
        self._source = source
        self._on_lines = on_lines
        self._created = created
        self._free = free
        self._seen = seen
        self._filling: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Read until the container stops; its history has been read as well then. Errors as container_log has them."""
        known = self._source.newest()
        behind: Behind | None = None
        is_first = True
        try:
            async with container_log(self._docker, self._container, Part(tail=TAIL)) as batches:
                async for batch in _readable(batches):
                    await self._turn()
                    lines = batch
                    if is_first:
                        is_first = False
                        gaps = self._source.gaps()
                        if known and nanoseconds(_time(known)) >= nanoseconds(_time(lines)):
                            behind = Behind(known)
                        else:
                            gaps = (*gaps, self._source.leave_room())
                            self._write(self._source, lines)
                            lines = b""
                        if gaps:
                            self._filling = asyncio.create_task(self._fill_all(gaps))
                    if behind is not None:
                        lines = behind.take(lines)
                    self._write(self._source, lines)
                if behind is not None:
                    self._write(self._source, behind.end())
            if self._filling is not None:
                await self._filling
        finally:
            if self._filling is not None:
                self._filling.cancel()
                with suppress(asyncio.CancelledError, DevkitError):
                    await self._filling
                self._source.filling = False

    async def _fill_all(self, gaps: Iterable[History]) -> None:
        if self._seen is not None:
            await set_within(_LONGEST_START, self._seen)
        for history in gaps:
            if not history.newest or nanoseconds(_time(history.newest)) < self._created * 1e9:
                history.give_up()
            else:
                await self._fill(history)
        self._on_lines()

    async def _fill(self, history: History) -> None:
        """Read what lies before the first of the newest lines; lines of its very moment are in both."""
        newest = history.newest
        first = time_of(newest)
        twice = newest.count(b"\n")
        held: list[bytes] = []
        part = Part(follow=False, until=_time(newest), behind=history.known)
        async with container_log(self._docker, self._container, part) as batches:
            async for lines in _readable(batches):
                await self._turn()
                older = lines
                if time_of(last_line(lines)) >= first:
                    at = next(place for place in _starts(lines) if lines[place + 1 : place + 31] >= first)
                    older, rest = lines[:at], lines[at:]
                    held += [line + b"\n" for line in rest.split(b"\n")[:-1] if time_of(line) == first]
                self._write(history, older)
        self._write(history, b"".join(held[: max(0, len(held) - twice)]))
        history.complete()
        self._on_lines()

    async def _turn(self) -> None:
        if self._free is not None:
            await set_within(_LONGEST_REST, self._free)

    def _write(self, sink: Spill | History, lines: bytes) -> None:
        if lines:
            self._store.write(sink, lines)
            self._on_lines()


async def _readable(batches: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Batches whose lines have their times as stored lines do: an engine may give fewer digits, or another zone."""
    async for batch in batches:
        if batch[TEXT_AT - 2 : TEXT_AT] == b"Z ":
            yield batch
        else:
            yield b"".join(map(_with_stored_time, batch.split(b"\n")[:-1]))


def _with_stored_time(line: bytes) -> bytes:
    time, _, text = line[1:].partition(b" ")
    moment = nanoseconds(time.decode("ascii", "replace"))
    seconds, rest = divmod(moment, 1_000_000_000)
    return b"%s%s.%09dZ %s\n" % (line[:1], _seconds(seconds), rest, text)


def _seconds(seconds: int) -> bytes:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}".encode()


def _time(lines: bytes) -> str:
    return first_and_last(lines)[0]


def _starts(lines: bytes) -> list[int]:
    places, at = [], 0
    while at < len(lines):
        places.append(at)
        at = lines.index(b"\n", at) + 1
    return places
