"""The container that a command is for: found, and where the stack is down started first."""

from __future__ import annotations

import os
from typing import Protocol

from devkit.engine.connection import find_endpoint, why_unreachable
from devkit.engine.docker import PING_SECONDS, find_docker
from devkit.engine.exec.endpoint import connect, is_socket
from devkit.engine.exec.lookup import find_engine, find_service
from devkit.engine.exec.remembered import Place, Remembered, recall, remember
from devkit.engine.exec.wire import Wire
from devkit.engine.state import ServiceState
from devkit.project.errors import FailedError, UnhealthyError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.setup.project import Project, open_project
from devkit.setup.stack import HEALTH_TIMEOUT


class Telling(Protocol):
    """Where it is said that the stack is started, and how far that is; a door shows it."""

    def say(self, text: str) -> None:
        """A line."""

    def warning(self, text: str) -> None:
        """Something to know that stops nothing."""

    def progress(self, text: str) -> None:
        """Where the work is."""

    def service(self, state: ServiceState) -> None:
        """A service whose state or health is another than before."""


def locate(paths: ProjectPaths, service: str, *, start: bool, told: Telling) -> tuple[Remembered, Place] | None:
    """Where the service's container is, as it is remembered from now on; with `start` it runs afterwards.

    None where it does not run and is not to be started. UsageError for a service that there is none of, FailedError
    for one that is paused, UnhealthyError for one that does not come up, EngineError where no engine answers.
    """
    search = _Search(paths, service)
    state = search.state()
    if state == "running":
        return search.found()
    if not start:
        return None
    if state == "paused":
        raise FailedError(f"service {service} is paused", f"let it go on: docker compose unpause {service}")
    project = open_project(paths.root)
    _check(project, service)
    told.say(f"service {service} is {_words(state)}: starting the stack")
    _start(project, service, search, told)
    if search.state() != "running":
        raise FailedError(
            f"service {service} does not run although the stack was started: it is {_words(search.state())}",
            f"devkit logs {service} shows what it wrote last",
        )
    return search.found()


class _Search:
    """A service's container, looked for as often as it takes."""

    def __init__(self, paths: ProjectPaths, service: str) -> None:
        self._root = os.fsencode(paths.root)
        self._paths = paths
        self._service = service
        self._engine = find_engine(self._root)
        self._place: Place | None = None

    def state(self) -> str:
        """The container's state in the engine's words; empty where there is none."""
        name = read_settings(self._paths.settings).name
        if not is_socket(self._engine.host):
            find_docker().ping()  # it says why it cannot be reached
        try:
            wire = Wire(connect(self._engine.host))
        except OSError as error:
            raise why_unreachable(find_endpoint(), error, PING_SECONDS) from error
        try:
            found = find_service(wire, name, self._service)
        finally:
            wire.close()
        state, self._place = found or ("", None)
        return state

    def found(self) -> tuple[Remembered, Place]:
        """The engine and the container, written down for the next command."""
        assert self._place is not None
        before = recall(self._root)
        if before is not None and before.host == self._engine.host:
            self._engine.places.update(before.places)
        self._engine.places[self._service] = self._place
        remember(self._root, self._engine)
        return self._engine, self._place


def _start(project: Project, service: str, search: _Search, told: Telling) -> None:
    """Start the whole stack, without migrations: a command may be there to see to them. Others may do so at once."""
    from devkit.engine.health import wait_healthy  # only where something is started: both take long to load
    from devkit.setup.up import up

    try:
        warnings = up(
            project,
            migrate=False,
            unless=lambda: search.state() == "running",
            on_change=told.service,
            on_line=told.progress,
            on_wait=told.say,
        )
        if service not in project.service_names and search.state() != "running":
            project.compose.up([service], on_line=told.progress)
            wait_healthy(
                project.docker, project.settings.name, [service], timeout=HEALTH_TIMEOUT, on_change=told.service
            )
    except UnhealthyError as error:
        if search.state() != "running":
            raise
        warnings = [error.message]
    for warning in warnings:
        told.warning(warning)


def _check(project: Project, service: str) -> None:
    if service in project.service_names:
        return
    project.docker.ping()
    known = project.compose.service_names()
    if service not in known:
        raise UsageError(f"this project has no service {service!r}", f"it has: {', '.join(known)}")


def _words(state: str) -> str:
    return {"": "not there", "exited": "stopped", "created": "not started", "dead": "dead"}.get(state, state)
