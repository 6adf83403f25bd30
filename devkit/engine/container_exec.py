"""A command in a running container, for programs with an event loop: what it wrote, and how it ended.

It ends with whoever runs it: left early, the connection is closed and what still runs of the command is killed. The
container needs a shell, which says the command's process id (`exec.command`): Docker's API cannot signal an exec.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devkit.engine.client import Client, Connection, connect
from devkit.engine.docker import Docker
from devkit.engine.exec.command import SHELL, Command, message, text
from devkit.engine.exec.frames import OUT, Announcement, Frames
from devkit.engine.exec.warden import SCRIPT
from devkit.project.errors import EngineError, FailedError

if TYPE_CHECKING:
    from devkit.engine.exec.frames import Pieces

LARGEST = 16 * 1024 * 1024
"""Bytes of output that `run_in` takes; a command that writes more is ended."""

_CREATED, _SWITCHED, _OK = 201, 101, 200
_END_SECONDS = 2.0
"""How long the end of a command that was left early may take; the engine needs a twentieth of a second."""

_PAUSE = 0.02


@dataclass(frozen=True)
class Completed:
    """How a command ended: 127 where there is no such program, 126 where it cannot be run, 128+N by signal N."""

    status: int
    stdout: bytes
    stderr: bytes


async def run_in(
    docker: Docker,
    container: str,
    argv: Sequence[str],
    *,
    stdin: bytes = b"",
    timeout: float,  # noqa: ASYNC109 - its end is an error of ours, with the command's name
    outlives: bool = False,
) -> Completed:
    """Run a command to its end, at most for `timeout` seconds. Cancelled, it ends in the container too.

    One that `outlives` goes on there, unheard: for what must not be left half done.

    FailedError where the container does not run, the command takes too long or writes more than 16 MiB; EngineError
    where the engine goes. What the command itself made of it is its status.
    """
    out, err = bytearray(), bytearray()
    try:
        async with asyncio.timeout(timeout), running_in(docker, container, argv, outlives=outlives) as command:
            sending = asyncio.ensure_future(_send(command, stdin))
            try:
                while pieces := await command.read():
                    for stream, piece in pieces:
                        (out if stream == OUT else err).extend(piece)
                    if len(out) + len(err) > LARGEST:
                        raise FailedError(f"{argv[0]} wrote more than {LARGEST >> 20} MiB and was ended")
                return Completed(await command.status(), bytes(out), bytes(err))
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
    except TimeoutError as error:
        raise FailedError(f"{argv[0]} took longer than {timeout:g} s and was ended", "try it in the shell") from error


class RunningCommand:
    """One that runs: what it writes as it comes, and what it is given to read."""

    def __init__(self, docker: Docker, connection: Connection) -> None:
        self._docker = docker
        self._connection = connection
        self.id = ""
        """The engine's id of it."""
        self._frames = Frames(terminal=False)
        self._announcement = Announcement(terminal=False)
        self.ended = False
        """Whether it has closed its output, which is when it ended."""

    async def write(self, data: bytes) -> None:
        """Bytes for its standard input; EngineError where they are not taken any more."""
        await self._connection.send(data)

    def end_input(self) -> None:
        """There is nothing more to read for it."""
        self._connection.end_sending()

    async def read(self) -> Pieces:
        """What it wrote since, as pieces of stdout (1) and stderr (2) in their order; none at its end."""
        while not self.ended:
            if pieces := await self._receive():
                return pieces
        return []

    async def announced(self) -> int | None:
        """Its process id in the container, waited for; None where it has ended before it said one."""
        while self._announcement.pid is None and not self.ended:
            await self._receive()
        return self._announcement.pid

    async def status(self) -> int:
        """Its exit status, once its output has been read to the end. FailedError with the reason if it never ran."""
        async with Client(self._docker) as client:
            while (found := await client.get_json(f"/exec/{self.id}/json")) and found["Running"]:  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE)  # some engines end the stream before they know
        if found is None:
            raise FailedError("the container ended while a command ran in it", "see what runs with: devkit status")
        if reason := self._announcement.refusal():
            raise FailedError(f"nothing was run: {reason}", "the container needs a shell at /bin/sh")
        return int(found["ExitCode"] or 0)

    async def _receive(self) -> Pieces:
        received = await self._connection.read()
        self.ended = not received
        pieces = self._frames.sort(memoryview(received))
        return pieces if self._announcement.done else self._announcement.take(pieces)


@asynccontextmanager
async def running_in(
    docker: Docker, container: str, argv: Sequence[str], *, outlives: bool = False
) -> AsyncIterator[RunningCommand]:
    """Start a command, and see to it that it has ended behind the block. Errors as `run_in` raises them."""
    command = Command([os.fsencode(word) for word in argv])
    async with connect(docker) as connection:
        running = RunningCommand(docker, connection)
        starting = asyncio.ensure_future(_started(connection, container, command, SHELL))
        try:
            running.id = await asyncio.shield(starting)  # left meanwhile, it may run all the same
            yield running
        finally:
            if not running.ended and not outlives:
                with suppress(TimeoutError, EngineError, FailedError):
                    async with asyncio.timeout(_END_SECONDS):
                        await starting
                        await _kill(docker, container, running)


async def _started(connection: Connection, container: str, command: Command, shell: str) -> str:
    """The id of an exec whose stream the connection has become."""
    status = await connection.post(f"/containers/{container}/exec", command.body(shell))
    body = await connection.whole()
    if status != _CREATED:
        raise FailedError(f"nothing runs in this container: {message(body)}", "see what runs with: devkit status")
    id = text(body, "Id")
    status = await connection.post(f"/exec/{id}/start", command.start_body(), upgrade=True)
    if status not in (_SWITCHED, _OK):  # Podman's older versions say 200
        raise FailedError(f"nothing was run: {message(await connection.whole())}", "see what runs with: devkit status")
    return id


async def _kill(docker: Docker, container: str, running: RunningCommand) -> None:
    """End it with all that descends from it, by a second command: the stream is read until it has ended."""
    pid = await running.announced()
    if running.ended or pid is None:
        return
    warden = Command([SHELL.encode(), b"-c", SCRIPT.encode(), b"devkit", b"%d" % pid])
    async with connect(docker) as connection:
        await _started(connection, container, warden, "")
        await connection.send(b"KILL\n")
        connection.end_sending()
        while await connection.read():
            pass
    while not running.ended:
        await running.read()


async def _send(command: RunningCommand, data: bytes) -> None:
    """What it reads; one that reads none of it, and ends, is no error."""
    with suppress(EngineError):
        if data:
            await command.write(data)
        command.end_input()
