"""What happens on the engine, as it happens.

Read with h11 from the engine's Unix socket; a tcp or ssh engine is read through a `docker events` child, which
knows its keys and certificates. Both ask for the events since the moment of the call, so that nothing is lost
between the call and the subscription.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import h11

from devkit.engine.connection import why_unreachable
from devkit.engine.docker import PING_SECONDS, Docker
from devkit.engine.http_socket import HTTP_OK, engine_message
from devkit.project.errors import EngineError

_CHUNK = 64 * 1024
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Event:
    """One event: `action` as the engine says it (`start`, `die`, `health_status: healthy`)."""

    kind: str
    action: str
    actor: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    time: float = 0.0
    """Seconds since the epoch, by the engine's clock."""


@asynccontextmanager
async def engine_events(docker: Docker, filters: Mapping[str, Sequence[str]]) -> AsyncIterator[AsyncIterator[Event]]:
    """The engine's events from now on, as `docker events --filter` filters them.

    `async with engine_events(docker, {"label": ["a=b"]}) as events: async for event in events`. The iterator ends
    only with an EngineError: the engine stopped, or the connection broke.
    """
    since = f"{time.time():.9f}"
    if docker.endpoint.socket_path is None:
        async with _child_events(docker, filters, since) as events:
            yield events
    else:
        async with _socket_events(docker, filters, since) as events:
            yield events


def event_from_json(found: Mapping[str, Any]) -> Event:
    """One object of the event stream."""
    actor = found.get("Actor") or {}
    return Event(
        kind=str(found.get("Type", "")),
        action=str(found.get("Action") or found.get("status") or ""),
        actor=str(actor.get("ID", "")),
        attributes={str(key): str(value) for key, value in (actor.get("Attributes") or {}).items()},
        time=int(found.get("timeNano", 0)) / 1e9,
    )


@asynccontextmanager
async def _socket_events(
    docker: Docker, filters: Mapping[str, Sequence[str]], since: str
) -> AsyncIterator[AsyncIterator[Event]]:
    path = docker.endpoint.socket_path
    try:
        async with asyncio.timeout(PING_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
    except (OSError, TimeoutError) as error:
        raise why_unreachable(docker.endpoint, error, PING_SECONDS) from error
    try:
        query = urlencode({"since": since, "filters": json.dumps({k: list(v) for k, v in filters.items()})})
        connection = h11.Connection(h11.CLIENT)
        ask = h11.Request(method="GET", target=f"/events?{query}", headers=[("Host", "localhost")])
        with _explained():
            writer.write(connection.send(ask) + connection.send(h11.EndOfMessage()))
            await writer.drain()
        await _subscribed(reader, connection)
        yield _read_socket(reader, connection)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _next(reader: asyncio.StreamReader, connection: h11.Connection) -> h11.Event | None:
    """The next part of the answer, None where there is none; what h11 needs is read from the socket."""
    with _explained():
        while (part := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
    return part if isinstance(part, h11.Event) else None


@contextmanager
def _explained() -> Iterator[None]:
    """A connection that breaks off, or an answer that is cut off, is the engine's end."""
    try:
        yield
    except (OSError, h11.RemoteProtocolError) as error:
        raise _broken() from error


async def _subscribed(reader: asyncio.StreamReader, connection: h11.Connection) -> None:
    """Wait for the answer's head, which the engine sends when it begins to deliver."""
    head = await _next(reader, connection)
    if not isinstance(head, h11.Response):
        raise _broken()
    if head.status_code != HTTP_OK:
        body = b""
        while isinstance(part := await _next(reader, connection), h11.Data):
            body += part.data
        raise EngineError(f"the engine gives no events: {engine_message(body) or head.status_code}", "devkit doctor")


async def _read_socket(reader: asyncio.StreamReader, connection: h11.Connection) -> AsyncIterator[Event]:
    rest = b""
    while isinstance(part := await _next(reader, connection), h11.Data):
        *lines, rest = (rest + part.data).split(b"\n")
        for line in lines:
            if line.strip():
                yield event_from_json(json.loads(line))
    raise _broken()


@asynccontextmanager
async def _child_events(
    docker: Docker, filters: Mapping[str, Sequence[str]], since: str
) -> AsyncIterator[AsyncIterator[Event]]:
    options = [f"--filter={key}={value}" for key, values in filters.items() for value in values]
    child = await asyncio.create_subprocess_exec(
        str(docker.binary),
        *("events", "--since", since, "--format", "{{json .}}", *options),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=docker.environment(),
        process_group=0,
        limit=1024 * 1024,
    )
    try:
        assert child.stdout is not None
        yield _read_child(child.stdout)
    finally:
        await _end(child)


async def _read_child(output: asyncio.StreamReader) -> AsyncIterator[Event]:
    async for line in output:
        yield event_from_json(json.loads(line))
    raise _broken()


async def _end(child: asyncio.subprocess.Process) -> None:
    """Ask the child's group (ssh belongs to it) to stop, wait, and kill what is left."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await child.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()


def _broken() -> EngineError:
    return EngineError(
        "the container engine ended the connection: it was stopped or restarted",
        "start it and run the same command again",
    )
