"""`devkit reload`: whatever keeps its code begins anew, and how long it takes until the new code answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from devkit.engine.state import ServiceState
from devkit.laravel.http import wait_for_answer
from devkit.laravel.long_running import begin_anew, long_running
from devkit.laravel.workers import restart_workers
from devkit.project.errors import FailedError
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import APP
from devkit.setup.masked import secrets_masked
from devkit.setup.project import Project

_ANSWER_SECONDS = 30.0
HTTP_ERROR = 500


@dataclass(frozen=True)
class Reloaded:
    """What began anew: `workers` says whether there were any; `services` ran an artisan command that keeps its code.

    `seconds` is how long the new code took to answer, and `status` what it answered with; None in classic mode,
    where each request reads the code.
    """

    mode: str
    workers: bool
    services: tuple[str, ...]
    seconds: float | None = None
    status: int | None = None

    @property
    def broken(self) -> bool:
        """Whether the new code answers with an error of its own."""
        return self.status is not None and self.status >= HTTP_ERROR

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit reload --json`."""
        return {
            "mode": self.mode,
            "workers": self.workers,
            "services": list(self.services),
            "seconds": self.seconds,
            "status": self.status,
        }


def reload(project: Project) -> Reloaded:
    """Restart the workers and what else keeps its code; FailedError where the app does not run or does not answer."""
    with secrets_masked(project.paths):
        return _reload(project)


def _reload(project: Project) -> Reloaded:
    project.docker.ping()
    states = {state.name: state for state in project.compose.services()}
    if APP not in states or states[APP].state != "running":
        raise FailedError("the app does not run: there is nothing to reload", "start it with: devkit up")
    mode = project.settings.php.mode
    seconds = status = None
    if mode == "worker":
        seconds, status = restart_and_ask(project)
    return Reloaded(mode, mode == "worker", restart_processes(project, list(states.values())), seconds, status)


def restart_and_ask(project: Project) -> tuple[float, int]:
    """Restart the workers; seconds until the new code answered, and with which status."""
    began = time.monotonic()
    restart_workers(project.compose)
    address = project.settings.plain_url(remembered_ports(project.paths))
    status = wait_for_answer(f"{address}/up", _ANSWER_SECONDS)
    return round(time.monotonic() - began, 3), status


def restart_processes(project: Project, states: list[ServiceState]) -> tuple[str, ...]:
    """Ask services such as a queue worker to begin anew after the job that they do now; the names of those asked."""
    kept = long_running(project.docker, states)
    begin_anew(project.compose, kept)
    return tuple(one.service for one in kept)
