"""Waiting until services are ready, told by the engine's events; nothing is polled.

The order matters: first the subscription, then one look at how things stand, then only events. An event says
which container to look at again; the container's own inspection says how it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

from devkit.engine.containers import (
    ONE_OFF_LABEL,
    PROJECT_LABEL,
    SERVICE_LABEL,
    Inspection,
    container_ids,
    inspect,
)
from devkit.engine.diagnosis import UnhealthyServiceError, diagnose, exit_reason
from devkit.engine.docker import Docker
from devkit.engine.events import Event, engine_events
from devkit.engine.state import ServiceState

# exec_die ends each run of a health check: the only event when `unhealthy` stays `unhealthy`
_ACTIONS = (
    "create",
    "start",
    "restart",
    "die",
    "oom",
    "kill",
    "destroy",
    "pause",
    "unpause",
    "health_status",
)
_PROBE_ENDED = "exec_die"
# SIGHUP, SIGUSR1 and SIGUSR2 ask a program to reload or to rotate, not to end
_RELOADS = {"1", "10", "12", "SIGHUP", "SIGUSR1", "SIGUSR2", "HUP", "USR1", "USR2"}
_ENDS_FOR_GOOD = ("no", "on-failure")
# No event tells that a service without a health check stays up: it has to run this long, longer after a crash.
_SETTLE_SECONDS = 1.0
_SETTLE_AGAIN_SECONDS = 3.0


def wait_healthy(
    docker: Docker,
    project: str,
    services: Sequence[str],
    *,
    timeout: float,
    on_change: Callable[[ServiceState], None],
) -> None:
    """Return once each of `services` is ready; call it when `compose up` has created their containers.

    Ready is: healthy, or up for a second where there is no health check (three after a crash), or ended with
    status 0 where nothing restarts it. `on_change` gets each service's state at first and whenever it changes.
    `timeout` is in seconds.
    UnhealthyError (an UnhealthyServiceError, with a diagnosis) as soon as a service fails, is found unhealthy
    by a health check, or the time is over. EngineError where the engine goes away.
    """
    asyncio.run(wait_healthy_async(docker, project, services, timeout=timeout, on_change=on_change))


async def wait_healthy_async(
    docker: Docker,
    project: str,
    services: Sequence[str],
    *,
    timeout: float,  # noqa: ASYNC109 - the error at its end needs what was seen until then
    on_change: Callable[[ServiceState], None],
) -> None:
    """`wait_healthy` for those who have an event loop."""
    watch = _Watch(docker, services, on_change)
    filters = {
        "type": ["container"],
        "label": [f"{PROJECT_LABEL}={project}"],
        "event": [*_ACTIONS, _PROBE_ENDED],
    }
    try:
        async with asyncio.timeout(timeout), engine_events(docker, filters) as events:
            watch.look(container_ids(docker, project))
            await _follow(events, watch)
    except TimeoutError:
        raise watch.late(timeout) from None


async def _follow(events: AsyncIterator[Event], watch: _Watch) -> None:
    """Give the watch each event, and no more than the time that a service needs to settle, until it is done."""
    reading = asyncio.ensure_future(anext(events))
    try:
        while not watch.done:
            ended, _ = await asyncio.wait({reading}, timeout=watch.settles_in)
            if ended:
                watch.take(reading.result())
                reading = asyncio.ensure_future(anext(events))
    finally:
        reading.cancel()
        await asyncio.wait({reading})


class _Watch:
    """What is known of the containers of the services that are waited for."""

    def __init__(self, docker: Docker, services: Sequence[str], on_change: Callable[[ServiceState], None]) -> None:
        self._docker = docker
        self._services = tuple(dict.fromkeys(services))
        self._on_change = on_change
        self._containers: dict[str, Inspection] = {}
        self._told: dict[str, ServiceState] = {}
        self._stopping: set[str] = set()
        self._old_probes: dict[str, str] = {}
        self._settled_at: dict[str, float] = {}

    @property
    def done(self) -> bool:
        """Whether each service is ready."""
        return all(self._is_ready(name) for name in self._services)

    @property
    def settles_in(self) -> float | None:
        """Seconds until a service without a health check counts as up; None where none is waited for."""
        now = time.monotonic()
        times = [moment - now for moment in self._settled_at.values() if moment > now]
        return min(times) if times else None

    def look(self, containers: Sequence[str]) -> None:
        """The one look at how things stand. A verdict from before it is not held against a container."""
        for container in containers:
            found = inspect(self._docker, container)
            if found is None or found.service.name not in self._services:
                continue
            self._containers[container] = found
            if found.service.health == "unhealthy" and found.probes:
                self._old_probes[container] = found.probes[-1].started
            self._settle(found)
        for name in self._services:
            self._tell(name)
        for found in list(self._containers.values()):
            self._judge(found)

    def take(self, event: Event) -> None:
        """Look again at the container that an event names."""
        name = event.attributes.get(SERVICE_LABEL, "")
        if name not in self._services or event.attributes.get(ONE_OFF_LABEL) == "True":
            return
        container, action = event.actor, event.action.partition(":")[0]
        if action == _PROBE_ENDED and container not in self._old_probes:
            return
        if action == "kill" and event.attributes.get("signal", "") not in _RELOADS:
            self._stopping.add(container)
        elif action == "start":
            self._stopping.discard(container)
        found = None if action == "destroy" else inspect(self._docker, container)
        if found is None:
            self._containers.pop(container, None)
        else:
            self._containers[container] = found
            if action == "start":
                self._settle(found)
        self._tell(name)
        if found is None:
            return
        if action == "die" and container not in self._stopping:
            self._judge_end(found, int(event.attributes.get("exitCode") or 0))
        else:
            self._judge(found)

    def late(self, seconds: float) -> UnhealthyServiceError:
        """The error when the time is over: about the service that got furthest without being ready."""
        order = {"running": 0, "restarting": 1, "exited": 2, "paused": 3, "created": 4, "missing": 5}
        names = [name for name in self._services if not self._is_ready(name)]
        states = {name: self._worst(name) for name in names}
        names.sort(key=lambda name: order[states[name].state])
        first, state = names[0], states[names[0]]
        now = state.state if state.state != "running" else f"health: {state.health or 'none'}"
        why = f"did not become healthy within {seconds:g} s ({now})"
        found = self._containers.get(state.container)
        return UnhealthyServiceError(diagnose(self._docker, first, found, why), tuple(names[1:]))

    def _judge(self, found: Inspection) -> None:
        state, container = found.service, found.service.container
        if container in self._stopping:
            return
        if state.state in ("exited", "restarting"):
            self._judge_end(found, state.exit_code or 0)
        elif state.health == "unhealthy":
            latest = found.probes[-1].started if found.probes else ""
            if latest != self._old_probes.get(container):
                raise UnhealthyServiceError(diagnose(self._docker, state.name, found, "is unhealthy"))
        else:
            self._old_probes.pop(container, None)

    def _judge_end(self, found: Inspection, code: int) -> None:
        """A container ended. Status 0 is fine: a one-shot service, or a queue worker that starts anew."""
        if code == 0 and not found.start_error:
            return
        state = found.service
        why = exit_reason(code, out_of_memory=found.out_of_memory)
        if found.start_error and code == 0:
            why = "could not be started"
        if found.restarts > 0:
            why += f", restarted {found.restarts} times"
        raise UnhealthyServiceError(diagnose(self._docker, state.name, found, why, exit_code=code))

    def _settle(self, found: Inspection) -> None:
        if found.service.state == "running" and found.service.health is None:
            needed = _SETTLE_AGAIN_SECONDS if found.restarts else _SETTLE_SECONDS
            # `started` is by the engine's clock, which may be ahead of ours: never wait longer than needed
            age = max(0.0, time.time() - found.started)
            self._settled_at[found.service.container] = time.monotonic() + needed - age

    def _of(self, name: str) -> list[Inspection]:
        return [found for found in self._containers.values() if found.service.name == name]

    def _is_ready(self, name: str) -> bool:
        found = self._of(name)
        return bool(found) and all(_ready(one) and self._settled(one) for one in found)

    def _settled(self, found: Inspection) -> bool:
        return time.monotonic() >= self._settled_at.get(found.service.container, 0.0)

    def _worst(self, name: str) -> ServiceState:
        """Of a scaled service, the container that is not ready yet."""
        found = sorted(self._of(name), key=_ready)
        return found[0].service if found else ServiceState(name, "missing")

    def _tell(self, name: str) -> None:
        state = self._worst(name)
        if self._told.get(name) != state:
            self._told[name] = state
            self._on_change(state)


def _ready(found: Inspection) -> bool:
    state = found.service
    once = state.state == "exited" and state.exit_code == 0 and found.restart_policy in _ENDS_FOR_GOOD
    return state.ready or once
