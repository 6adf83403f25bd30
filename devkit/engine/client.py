"""The engine's API for programs with an event loop: answers that stream, and short ones one after another.

The engine's Unix socket is read directly; to a tcp, ssh or TLS engine a `docker system dial-stdio` child carries the
bytes, which knows keys and certificates. Nothing is read that is not asked for: a slow reader slows the engine down,
and whoever waits before the next read gets more at once for the same work.
"""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlencode

import h11

from devkit.engine.children import end_group
from devkit.engine.connection import Endpoint, start_hint, why_unreachable
from devkit.engine.docker import PING_SECONDS, Docker, last_line
from devkit.engine.exec.dial import DIAL
from devkit.engine.http_socket import HTTP_NOT_FOUND, HTTP_OK, engine_message
from devkit.project.errors import EngineError, FailedError

CHUNK = 256 * 1024
"""Bytes that are read at most at once; the system holds about 200 KiB for a Unix socket."""

ANSWER_SECONDS = 30.0
"""How long an answer may take to begin, a short one to end: an engine that builds images is slow, not gone."""

_STOP_SECONDS = 10.0
_COMPLAINT = 64 * 1024


class Connection:
    """One open connection. Requests follow one another on it; the last one's answer may stream."""

    def __init__(self, endpoint: Endpoint, opened: socket.socket, child: _Child | None = None) -> None:
        self._endpoint = endpoint
        self._socket = opened
        self._child = child
        self._http = h11.Connection(h11.CLIENT)
        self._first = b""

    @property
    def reusable(self) -> bool:
        """Whether another request can follow: the answer has been read, and the engine keeps the connection."""
        return self._http.our_state is self._http.their_state is h11.DONE

    async def ask(
        self,
        target: str,
        query: Mapping[str, str] | None = None,
        *,
        unchunked: bool = False,
        seconds: float | None = None,
    ) -> int:
        """Send a GET and wait for the head of its answer: the status. `read` gives the body.

        `unchunked` asks in HTTP/1.0: the body then ends with the connection, and one that the engine cut off cannot
        be told from one that is whole; but what streams costs half as much to read. EngineError where the engine goes,
        or says nothing for so many `seconds` (30).
        """
        path = f"{target}?{urlencode(query)}" if query else target
        return await self._ask("GET", path, unchunked=unchunked, seconds=seconds)

    async def post(self, target: str, body: bytes, *, upgrade: bool = False) -> int:
        """Send a POST of JSON and wait for the head of its answer, as `ask` does.

        With `upgrade` a status of 101 means that the connection is a stream of bytes in both directions from now on:
        `read` gives what comes, `send` and `end_sending` are for the other one.
        """
        return await self._ask("POST", target, body, upgrade=upgrade)

    async def send(self, data: bytes) -> None:
        """Bytes for a stream that `post` has made of the connection; EngineError where nobody takes them any more."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except OSError as error:
            raise broken() from error

    def end_sending(self) -> None:
        """Nothing more is sent over the stream; what comes is still read."""
        with suppress(OSError):  # the other side was faster
            self._socket.shutdown(socket.SHUT_WR)

    async def _ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        *,
        unchunked: bool = False,
        upgrade: bool = False,
        seconds: float | None = None,
    ) -> int:
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        headers = [("Host", "localhost")]
        if body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if upgrade:
            headers += [("Connection", "Upgrade"), ("Upgrade", "tcp")]
        asked = self._http.send(h11.Request(method=method, target=target, headers=headers)) or b""
        if unchunked:
            asked = asked.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
        if body:
            asked += self._http.send(h11.Data(data=body)) or b""
        self._http.send(h11.EndOfMessage())
        within = ANSWER_SECONDS if seconds is None else seconds
        try:
            async with asyncio.timeout(within):
                await asyncio.get_running_loop().sock_sendall(self._socket, asked)
                head = await self._next()
        except TimeoutError as error:
            raise _late(self._endpoint, within) from error
        except (OSError, h11.RemoteProtocolError) as error:
            raise await self._why() from error
        if not isinstance(head, h11.Response | h11.InformationalResponse):
            raise await self._why()
        return head.status_code

    async def read(self) -> bytes:
        """What there is of the body by now, or else comes next; nothing at its end.

        EngineError where it is cut off, as far as that can be told.
        """
        try:
            if self._http.their_state is h11.SWITCHED_PROTOCOL:
                return await self._streamed()
            part = await self._next()
        except (OSError, h11.RemoteProtocolError) as error:
            raise broken() from error
        return bytes(part.data) if isinstance(part, h11.Data) else b""

    async def whole(self) -> bytes:
        """The body to its end."""
        parts = []
        while part := await self.read():
            parts.append(part)
        return b"".join(parts)

    async def _next(self) -> h11.Event | None:
        """The next part of the answer, None where there is none; what h11 needs is read from the socket."""
        loop = asyncio.get_running_loop()
        while (part := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await loop.sock_recv(self._socket, CHUNK))
        if isinstance(part, h11.InformationalResponse):
            self._first = bytes(self._http.trailing_data[0])
        return part if isinstance(part, h11.Event) else None

    async def _streamed(self) -> bytes:
        """What comes over a stream: at first what came with the answer."""
        first, self._first = self._first, b""
        return first or await asyncio.get_running_loop().sock_recv(self._socket, CHUNK)

    async def _why(self) -> EngineError:
        """Why no answer came: the docker command says what kept it from the engine, a socket does not."""
        return broken() if self._child is None else await self._child.why()


@dataclass(frozen=True)
class _Child:
    """The docker command that carries the bytes, and the file of its complaints."""

    endpoint: Endpoint
    process: asyncio.subprocess.Process
    complaints: IO[bytes]

    async def why(self) -> EngineError:
        """What kept it from the engine, once it has ended."""
        await self.end()
        self.complaints.seek(0)
        said = last_line(self.complaints.read(_COMPLAINT).decode(errors="replace"))
        return EngineError(
            f"the container engine at {_named(self.endpoint)} does not answer: {said or 'the connection ended'}",
            "check that the host is up and that DOCKER_HOST or the context is right: docker context ls",
        )

    async def end(self) -> None:
        """Ask its group (ssh belongs to it) to stop, wait up to 10 s, and kill what is left of it."""
        await end_group(self.process, _STOP_SECONDS)


@asynccontextmanager
async def connect(docker: Docker) -> AsyncIterator[Connection]:
    """A connection to the engine for the while. EngineError where it cannot be reached."""
    path = docker.endpoint.socket_path
    if path is None:
        async with _dialled(docker) as connection:
            yield connection
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        try:
            async with asyncio.timeout(PING_SECONDS):
                await asyncio.get_running_loop().sock_connect(client, str(path))
        except (OSError, TimeoutError) as error:
            raise why_unreachable(docker.endpoint, error, PING_SECONDS) from error
        yield Connection(docker.endpoint, client)


@asynccontextmanager
async def _dialled(docker: Docker) -> AsyncIterator[Connection]:
    """A connection through a child; its group (ssh belongs to it) ends with the `async with`."""
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as complaints:
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                str(docker.binary),
                *DIAL,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=complaints,
                env=docker.environment(),
                process_group=0,
            )
        child = _Child(docker.endpoint, process, complaints)
        try:
            yield Connection(docker.endpoint, ours, child)
        finally:
            await child.end()


class Client:
    """Short requests one after another, on one connection as long as the engine keeps it."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._stack = AsyncExitStack()
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def get(
        self, target: str, query: Mapping[str, str] | None = None, *, seconds: float | None = None
    ) -> tuple[int, bytes]:
        """Status and body. EngineError where no answer comes within so many `seconds` (30), or the engine goes."""
        within = ANSWER_SECONDS if seconds is None else seconds
        try:
            async with asyncio.timeout(within):
                if self._connection is None or not self._connection.reusable:
                    await self._stack.aclose()
                    self._connection = await self._stack.enter_async_context(connect(self._docker))
                status = await self._connection.ask(target, query, seconds=seconds)
                return status, await self._connection.whole()
        except TimeoutError as error:
            raise _late(self._docker.endpoint, within) from error

    async def get_json(
        self, target: str, query: Mapping[str, str] | None = None, *, seconds: float | None = None
    ) -> Any:
        """The JSON of an answer; None where what is asked about is not there.

        FailedError with the engine's own message where it refuses.
        """
        status, body = await self.get(target, query, seconds=seconds)
        if status == HTTP_NOT_FOUND:
            return None
        if status != HTTP_OK:
            raise FailedError(f"the engine refused {target}: {engine_message(body) or status}", "devkit doctor")
        return json.loads(body)


def broken() -> EngineError:
    """The error of a connection that ended while it was read."""
    return EngineError(
        "the container engine ended the connection: it was stopped or restarted",
        "start it and run the same command again",
    )


def _late(endpoint: Endpoint, seconds: float) -> EngineError:
    return EngineError(
        f"the container engine at {_named(endpoint)} does not answer within {seconds:g} s",
        f"it hangs or is still starting; {start_hint(endpoint).replace('start', 'restart', 1)}",
    )


def _named(endpoint: Endpoint) -> str:
    return f"{endpoint.socket_path or endpoint.host} ({endpoint.source})"
