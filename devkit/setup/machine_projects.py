"""All projects of this user on this machine: what runs of each, and all of it stopped at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine.containers import project_containers
from devkit.engine.docker import Docker, find_docker
from devkit.laravel import watch_process
from devkit.project.errors import DevkitError, EngineError, FailedError
from devkit.project.lock import project_lock
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.project.remembered_ports import remembered_ports
from devkit.project.settings_file import read_settings
from devkit.setup.known_projects import known_projects
from devkit.setup.stack import OnWait


@dataclass(frozen=True)
class ProjectShown:
    """One project: `running` of its `containers` do; None where the engine cannot say.

    `url` is empty where devkit.toml cannot be read.
    """

    name: str
    directory: Path
    url: str
    running: int | None
    containers: int | None

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit list --json`."""
        return {
            "name": self.name,
            "directory": str(self.directory),
            "url": self.url or None,
            "running": self.running,
            "containers": self.containers,
        }


def projects(machine: MachinePaths) -> list[ProjectShown]:
    """Every project of this machine by name; where no engine answers, without what runs."""
    docker = _engine()
    shown = []
    for name, directory in sorted(known_projects(machine).items()):
        running = containers = None
        if docker is not None:
            found = project_containers(docker, name)
            running, containers = sum(state.state == "running" for state in found), len(found)
        shown.append(ProjectShown(name, directory, _url(directory), running, containers))
    return shown


def power_off(machine: MachinePaths, *, on_stop: Callable[[str], None], on_wait: OnWait) -> list[str]:
    """Stop every container of every project, and the watchers; the names of the projects that ran.

    Containers and data stay: `devkit up` goes on from there. One after the other, each when nobody works on it; one
    that cannot be stopped keeps none of the others running, and its error comes at the end.
    """
    docker = find_docker()
    docker.ping()
    stopped: list[str] = []
    failed: list[FailedError] = []
    for name, directory in sorted(known_projects(machine).items()):
        try:
            if stop_project(docker, name, ProjectPaths(directory), "poweroff", on_wait):
                stopped.append(name)
                on_stop(name)
        except FailedError as error:
            error.message = f"{name} could not be stopped: {error.message}"
            failed.append(error)
    if failed:
        raise failed[0]
    return stopped


def stop_project(docker: Docker, name: str, paths: ProjectPaths, command: str, on_wait: OnWait) -> bool:
    """Stop what runs of one project, whatever state its files are in; whether something did."""
    with project_lock(paths, command, on_wait):
        watch_process.end(paths)
        running = [
            state.container
            for state in project_containers(docker, name)
            if state.state in ("running", "paused", "restarting")
        ]
        if running:
            docker.run("stop", *running)
    return bool(running)


def _engine() -> Docker | None:
    try:
        docker = find_docker()
        docker.ping()
    except EngineError:
        return None
    return docker


def _url(directory: Path) -> str:
    paths = ProjectPaths(directory)
    try:
        return read_settings(paths.settings).url(remembered_ports(paths))
    except (DevkitError, OSError):
        return ""
