"""A project's services as they are now and as they change, kept by the engine's events.

First the subscription, then one look at how things stand, then only events: each says which container to look at
again. An engine that goes is waited for, and looked at anew when it is back. Nothing is asked while nothing happens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from devkit.engine.client import Client
from devkit.engine.compose_order import Declared
from devkit.engine.containers import (
    ONE_OFF_LABEL,
    PROJECT_LABEL,
    SERVICE_LABEL,
    Inspection,
    inspection_from_json,
    of_service,
    shown_state,
)
from devkit.engine.docker import Docker
from devkit.engine.events import Event, engine_events
from devkit.engine.exec.endpoint import stamp
from devkit.engine.state import ServiceState
from devkit.project.errors import EngineError, FailedError

_ACTIONS = ("create", "start", "die", "oom", "pause", "unpause", "health_status", "rename", "destroy")
"""What changes what is known. The exec_* events, which each run of a health check makes, are not even sent."""

_GATHER_SECONDS = 0.05
"""A restart is five events: one look is enough."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class LiveService:
    """A service and its containers: by number, and where one takes another's place, the new one first."""

    name: str
    containers: tuple[Inspection, ...] = ()
    profiles: tuple[str, ...] = ()
    """Where it has some, it starts only when one of them, or itself, is named."""

    @property
    def state(self) -> ServiceState:
        """What `devkit status` shows of it; `missing` where it has no container."""
        if not self.containers:
            return ServiceState(self.name, "missing")
        return shown_state([found.service for found in self.containers])

    @property
    def ready(self) -> int:
        """How many of its containers are ready."""
        return sum(found.service.ready for found in self.containers)


@dataclass(frozen=True)
class Snapshot:
    """A project's services at one moment. With a `problem` the engine does not answer, and they are as they were."""

    services: tuple[LiveService, ...]
    problem: str = ""
    hint: str = ""

    @property
    def connected(self) -> bool:
        """Whether the engine answers."""
        return not self.problem


@asynccontextmanager
async def live_services(
    docker: Docker, project: str, declared: Sequence[Declared]
) -> AsyncIterator[AsyncIterator[Snapshot]]:
    """Snapshots of a Compose project: one at first, one whenever something changed. They never end by themselves.

    `declared` are the services to show in any case, in their order (`compose_order`); others that have a container
    follow by name. A reader that is slow gets the newest snapshot, not each one in between. An engine that does not
    answer is no error: a snapshot says so.
    """
    keeper = _Keeper(docker, project, declared)
    keeping = asyncio.create_task(keeper.keep())
    keeping.add_done_callback(lambda _done: keeper.changed.set())
    try:
        yield _snapshots(keeper, keeping)
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def looked_at_again(client: Client, service: LiveService, container: str) -> LiveService:
    """The service with one of its containers as it is now: no event tells of a health check that fails once more."""
    found = await client.get_json(f"/containers/{container}/json")
    if found is None:
        return service
    newer = inspection_from_json(found)
    return replace(
        service, containers=tuple(newer if one.service.container == container else one for one in service.containers)
    )


async def containers_of(docker: Docker, project: str) -> list[Inspection]:
    """A project's containers as they are at this moment, those of `compose run` left out, by service and number.

    EngineError where the engine does not answer.
    """
    query = {"all": "1", "filters": json.dumps({"label": [f"{PROJECT_LABEL}={project}"]})}
    async with Client(docker) as client:
        listed = await client.get_json("/containers/json", query) or []
        ids = [entry["Id"] for entry in listed if of_service(entry["Labels"])]
        found = [await client.get_json(f"/containers/{container}/json") for container in ids]
    return sorted((inspection_from_json(one) for one in found if one is not None), key=_place)


def services_of(declared: Iterable[Declared], containers: Iterable[Inspection]) -> tuple[LiveService, ...]:
    """The services that are declared, in their order, and others that have a container, by name."""
    profiles = {service.name: service.profiles for service in declared}
    found: dict[str, list[Inspection]] = {}
    for one in sorted(containers, key=_place):
        found.setdefault(one.service.name, []).append(one)
    names = dict.fromkeys((*profiles, *found))
    return tuple(LiveService(name, tuple(found.get(name, ())), profiles.get(name, ())) for name in names)


def _place(one: Inspection) -> tuple[str, int, float]:
    return (one.service.name, one.number, -one.created)


async def _snapshots(keeper: _Keeper, keeping: asyncio.Task[None]) -> AsyncIterator[Snapshot]:
    while True:
        await keeper.changed.wait()
        keeper.changed.clear()
        if keeping.done():
            await keeping  # it ends with an error of its own, or because it was cancelled
        yield keeper.snapshot


class _Keeper:
    """What is known, and the work that keeps it true."""

    def __init__(self, docker: Docker, project: str, declared: Sequence[Declared]) -> None:
        self._docker = docker
        self._label = f"{PROJECT_LABEL}={project}"
        self._declared = tuple(declared)
        self._containers: dict[str, Inspection] = {}
        self._pause = _FIRST_PAUSE
        self._first = True
        self.snapshot = Snapshot(services_of(declared, ()))
        self.changed = asyncio.Event()

    async def keep(self) -> None:
        """Watch the engine for good, whether it is there or not."""
        while True:
            try:
                await self._watch()
            except (EngineError, FailedError) as error:
                self._publish(replace(self.snapshot, problem=error.message, hint=error.hint))
            await self._wait_for_engine()

    async def _watch(self) -> None:
        """One subscription, until the engine goes: an error."""
        filters = {"type": ["container"], "label": [self._label], "event": _ACTIONS}
        async with engine_events(self._docker, filters) as events, aclosing(_gathered(events)) as bursts:
            await self._look()
            self._pause = _FIRST_PAUSE
            async for containers in bursts:
                async with Client(self._docker) as client:
                    for container in containers:
                        await self._inspect(client, container)
                self._tell()

    async def _look(self) -> None:
        """The one look at how things stand."""
        async with Client(self._docker) as client:
            query = {"all": "1", "filters": json.dumps({"label": [self._label]})}
            found = await client.get_json("/containers/json", query) or []
            own = [entry["Id"] for entry in found if of_service(entry["Labels"])]
            self._containers = {container: known for container, known in self._containers.items() if container in own}
            for container in own:
                await self._inspect(client, container)
        self._tell()

    async def _inspect(self, client: Client, container: str) -> None:
        try:
            found = await client.get_json(f"/containers/{container}/json")
        except FailedError:  # the engine cannot say: what was known stays, until the next event
            return
        if found is None:
            self._containers.pop(container, None)
        else:
            self._containers[container] = inspection_from_json(found)

    def _tell(self) -> None:
        self._publish(Snapshot(services_of(self._declared, self._containers.values())))

    def _publish(self, snapshot: Snapshot) -> None:
        if self._first or snapshot != self.snapshot:
            self._first = False
            self.snapshot = snapshot
            self.changed.set()

    async def _wait_for_engine(self) -> None:
        """Wait a little longer each time; less where the engine's socket file is made anew meanwhile."""
        path = self._docker.endpoint.socket_path
        loop = asyncio.get_running_loop()
        end = loop.time() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        if path is None:
            await asyncio.sleep(end - loop.time())
            return
        before = stamp(bytes(path))
        while (left := end - loop.time()) > 0 and stamp(bytes(path)) == before:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(min(left, _LOOK_SECONDS))


async def _gathered(events: AsyncIterator[Event]) -> AsyncGenerator[tuple[str, ...], None]:
    """The containers that had an event; those of a burst at once, in their order."""
    loop = asyncio.get_running_loop()
    found: dict[str, None] = {}
    due = 0.0
    reading = asyncio.ensure_future(anext(events))
    try:
        while True:
            await asyncio.wait({reading}, timeout=max(0.0, due - loop.time()) if found else None)
            if reading.done():
                event = reading.result()
                reading = asyncio.ensure_future(anext(events))
                if SERVICE_LABEL in event.attributes and event.attributes.get(ONE_OFF_LABEL) != "True":
                    due = due if found else loop.time() + _GATHER_SECONDS
                    found[event.actor] = None
            if found and loop.time() >= due:
                yield tuple(found)
                found = {}
    finally:
        reading.cancel()
        await asyncio.wait({reading})
        if not reading.cancelled():
            reading.exception()  # asked for, or asyncio complains on the terminal
