"""A project's running stack: up with health and migrations, down, restart, and what it looks like now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from devkit.engine.containers import health_seconds
from devkit.engine.state import ServiceState
from devkit.laravel import watch_process
from devkit.laravel.watch_process import Watcher
from devkit.project.errors import FailedError, UsageError
from devkit.project.lock import project_lock
from devkit.project.paths import find_project
from devkit.project.services import APP
from devkit.project.settings_file import read_settings
from devkit.setup.masked import secrets_masked
from devkit.setup.project import Project

HEALTH_TIMEOUT = 180.0
"""Seconds that services get to become healthy at least; a database's first start takes most of it on slow disks."""

OnLine = Callable[[str], None]
OnChange = Callable[[ServiceState], None]
OnWait = Callable[[str], None]
"""Told in one line when another devkit command works on the project, and is waited for."""


@dataclass(frozen=True)
class StatusReport:
    """What `devkit status` says."""

    project: str
    url: str
    mode: str
    services: tuple[ServiceState, ...]
    watcher: Watcher | None = None
    """The watcher on the host, where one runs."""

    def to_json(self) -> dict[str, Any]:
        """The object of CONTRACTS: `{"project", "url", "mode", "services": [...]}`, and `watcher`."""
        return {
            "project": self.project,
            "url": self.url,
            "mode": self.mode,
            "services": [_service_json(service) for service in self.services],
            "watcher": None if self.watcher is None else _watcher_json(self.watcher),
        }


def _service_json(state: ServiceState) -> dict[str, Any]:
    return {
        "name": state.name,
        "state": state.state,
        "health": state.health,
        "image": state.image,
        "exit_code": state.exit_code,
        "ports": [
            {
                "host": port.host,
                "published": port.published,
                "target": port.target,
                "protocol": port.protocol,
            }
            for port in state.ports
        ],
    }


def _watcher_json(watcher: Watcher) -> dict[str, Any]:
    return {"pid": watcher.pid, "since": datetime.fromtimestamp(watcher.since, UTC).isoformat(timespec="seconds")}


@contextmanager
def alone(project: Project, command: str, on_wait: OnWait) -> Iterator[Project]:
    """The project with no other command at work on it: its settings as they stand once the lock is had.

    NotAProjectError where it went meanwhile. Whoever only reads has no need of this. No error that leaves the block
    holds a secret of .env.
    """
    with project_lock(project.paths, command, on_wait), secrets_masked(project.paths):
        paths = find_project(project.paths.root)
        yield replace(project, paths=paths, settings=read_settings(paths.settings))


def start(project: Project, services: Sequence[str] = (), *, on_change: OnChange, on_line: OnLine) -> None:
    """Start the services (all by default) and wait until they are healthy.

    UnhealthyError says why a service did not come up; CommandError is Compose's own failure.
    """
    names = check_services(project, services) or project.awaited_services
    project.docker.ping()
    with secrets_masked(project.paths):  # a container's last words stand in the error
        project.compose.up(services, on_line=on_line)
        _wait(project, names, on_change)


def _wait(project: Project, names: Sequence[str], on_change: OnChange) -> None:
    """A health check that is given longer, as a front end's packages need, is waited for as long."""
    from devkit.engine.health import wait_healthy  # with asyncio: most commands wait for nothing

    name = project.settings.name
    timeout = max(HEALTH_TIMEOUT, health_seconds(project.docker, name))
    wait_healthy(project.docker, name, names, timeout=timeout, on_change=on_change)


def down(project: Project, *, volumes: bool = False, on_line: OnLine, on_wait: OnWait) -> None:
    """Stop and remove the containers; the data stays unless `volumes`."""
    project.docker.ping()
    with alone(project, "down", on_wait) as now:
        watch_process.end(now.paths)
        now.compose.down(volumes=volumes, on_line=on_line)


def stop(project: Project, services: Sequence[str] = (), *, on_line: OnLine, on_wait: OnWait) -> None:
    """Stop services (all by default); their containers stay as they are."""
    check_services(project, services)
    project.docker.ping()
    with alone(project, "stop", on_wait) as now:
        if not services or APP in services:
            watch_process.end(now.paths)
        now.compose.stop(services, on_line=on_line)


def restart(
    project: Project, services: Sequence[str], *, on_change: OnChange, on_line: OnLine, on_wait: OnWait
) -> None:
    """Restart services (by default all that have a container) and wait until they are healthy again.

    FailedError where there is no container: Compose would say nothing, and nothing would ever become healthy.
    """
    check_services(project, services)
    project.docker.ping()
    with alone(project, "restart", on_wait) as now:
        present = [state.name for state in now.compose.services() if state.name in now.service_names]
        names = check_services(now, services) or present
        if gone := [name for name in names if name not in present] or ([] if present else [APP]):
            raise FailedError(f"service {gone[0]} has no container to restart", "start it with: devkit up")
        now.compose.restart(services, on_line=on_line)
        _wait(now, names if services else [name for name in names if name in now.awaited_services], on_change)


def status(project: Project) -> StatusReport:
    """What every service of the project does now; services without a container are `missing`."""
    project.docker.ping()
    found = {state.name: state for state in project.compose.services(project.service_names)}
    ordered = [*project.service_names, *(name for name in found if name not in project.service_names)]
    return StatusReport(
        project.settings.name,
        project.url,
        project.settings.php.mode,
        tuple(found[name] for name in ordered if name in found),
        watch_process.running(project.paths),
    )


def check_services(project: Project, services: Sequence[str]) -> tuple[str, ...]:
    """Give the names back; UsageError for one that is no service of the compose files."""
    for name in services:
        if name not in project.service_names:
            raise UsageError(f"this project has no service {name!r}", f"it has: {', '.join(project.service_names)}")
    return tuple(services)
