"""What happens on the engine, as it happens.

Asked for since the moment of the call, so that nothing is lost between the call and the subscription.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from devkit.engine.client import Connection, broken, connect
from devkit.engine.docker import Docker
from devkit.engine.http_socket import HTTP_OK, engine_message
from devkit.project.errors import EngineError


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
    query = {"since": f"{time.time():.9f}", "filters": json.dumps({key: list(found) for key, found in filters.items()})}
    async with connect(docker) as connection:
        # the head comes when the engine begins to deliver
        if (status := await connection.ask("/events", query)) != HTTP_OK:
            said = engine_message(await connection.whole())
            raise EngineError(f"the engine gives no events: {said or status}", "devkit doctor")
        yield _read(connection)


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


async def _read(connection: Connection) -> AsyncIterator[Event]:
    rest = b""
    while received := await connection.read():
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            if line.strip():
                yield event_from_json(json.loads(line))
    raise broken()
