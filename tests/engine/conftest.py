"""What the tests on a real engine share: the engine itself, and projects that leave nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.delivery.history import build_history
from devkit.delivery.history_schema import opened, transaction
from devkit.engine.docker import Docker, find_docker
from devkit.engine.install import start_daemon
from devkit.project.errors import EngineError
from devkit.project.paths import machine_paths as paths_of_this_machine
from devkit.project.paths import project_name


@pytest.fixture(scope="session")
def docker() -> Docker:
    """The engine of this machine, started by devkit's own code if it is not running."""
    found = find_docker()
    try:
        found.ping()
    except EngineError:
        start_daemon(paths_of_this_machine(), print)
        found = find_docker()
        found.ping()
    return found


@pytest.fixture
def project_directory(docker: Docker, tmp_path: Path) -> Iterator[Path]:
    """An empty directory with a name that no other project has; its containers and volumes go with the test."""
    directory = tmp_path / f"devkit-test-{secrets.token_hex(4)}"
    directory.mkdir()
    yield directory
    remove_project(docker, project_name(directory))


def remove_project(docker: Docker, project: str) -> None:
    """All that Compose made for a project, by its label: also where its files are broken or gone. And its builds."""
    history = build_history(paths_of_this_machine()).path
    if history.exists():
        with opened(history) as connection, transaction(connection):
            for table in ("builds", "inputs"):
                connection.execute(f"DELETE FROM {table} WHERE project = ?", (project,))
    label = f"label=com.docker.compose.project={project}"
    for kind, listing, removal in (
        ("container", ("ls", "-aq"), ("rm", "-fv")),
        ("network", ("ls", "-q"), ("rm",)),
        ("volume", ("ls", "-q"), ("rm", "-f")),
    ):
        found = docker.run(kind, *listing, "--filter", label).stdout.decode().split()
        if found:
            docker.run(kind, *removal, *found, check=False)
    images = docker.run("image", "ls", "-q", "--filter", f"reference={project}-app").stdout.decode().split()
    if images:
        docker.run("image", "rm", "-f", *dict.fromkeys(images), check=False)
