"""A running database of each kind, one at a time, for all tests of this directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from awkward import AWKWARD
from database_project import IMAGES, DatabaseProject

from devkit.engine.docker import Docker
from devkit.engine.images.provide import provide
from devkit.project.paths import machine_paths as paths_of_this_machine


@pytest.fixture(scope="session", params=["mysql", "mariadb", "pgsql"])
def running(
    request: pytest.FixtureRequest, docker: Docker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseProject]:
    """A project with that database, started by the first `devkit db` command."""
    engine: str = request.param
    provide(docker, (IMAGES[engine],), paths=paths_of_this_machine(), on_progress=lambda progress: print(progress))
    project = DatabaseProject(docker, tmp_path_factory.mktemp(engine), engine)
    try:
        project.started = project.db("export", "empty.sql")
        yield project
    finally:
        project.remove()


@pytest.fixture
def server(running: DatabaseProject) -> DatabaseProject:
    """The same with awkward data in it, whatever the test before did."""
    running.reset(AWKWARD[running.engine])
    return running
