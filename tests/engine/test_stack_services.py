"""The services of the person's own compose file, and whose containers a project's name means."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from devkit.engine.containers import health_seconds, project_directories
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN
from devkit.project.errors import UnhealthyError, UsageError
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.project.ports import is_free
from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.setup.known_projects import refuse_name_of_another
from devkit.setup.machine import settle_ports
from devkit.setup.project import Project
from devkit.setup.stack import restart, start, status
from devkit.setup.up import up

pytestmark = pytest.mark.engine

SLEEPS = f'image: "{DEBIAN}", command: [sleep, infinity], init: true'
COMPOSE = f"""
services:
  app: {{{SLEEPS}}}
  redis: {{{SLEEPS}}}
  search: {{{SLEEPS}, environment: {{A: "${{A:?set it}}"}}}}
"""


@pytest.fixture
def project(docker: Docker, project_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("A", "1")
    settings = Settings(project_directory.name, services=("redis", "mailpit"))
    write_settings(project_directory / "devkit.toml", settings)
    (project_directory / "compose.yaml").write_text(COMPOSE)
    return Project(ProjectPaths(project_directory), settings, docker)


def ignore(_: object) -> None:
    """Nobody is told."""


def test_a_service_that_the_person_added_is_one_and_one_that_was_taken_out_is_none(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("A")  # what a service needs may be missing still
    assert project.service_names == ("app", "redis", "search")
    assert [(state.name, state.state) for state in status(project).services] == [
        ("app", "missing"),
        ("redis", "missing"),
        ("search", "missing"),
    ]


def test_a_persons_own_services_are_started_and_waited_for_where_they_are_named(project: Project) -> None:
    never = "healthcheck: {test: [CMD, 'false'], interval: 1s, retries: 1}"
    compose = project.paths.root / "compose.yaml"
    compose.write_text(COMPOSE.replace("search: {", f"search: {{{never}, "))
    told: set[str] = set()
    start(project, on_change=lambda state: told.add(state.name), on_line=ignore)
    assert told == {"app", "redis"}
    assert {state.name for state in status(project).services if state.state == "running"} == {"app", "redis", "search"}
    with pytest.raises(UnhealthyError, match="service search is unhealthy"):
        restart(project, ["search"], on_change=ignore, on_line=ignore, on_wait=ignore)


def test_an_unknown_service_is_refused_before_anything_is_done(project: Project) -> None:
    before = sorted(project.paths.root.rglob("*"))
    with pytest.raises(UsageError, match="no service 'serch'"):
        up(project, ["serch"], on_change=ignore, on_line=ignore, on_wait=ignore)
    assert sorted(project.paths.root.rglob("*")) == before


def test_where_compose_does_not_accept_the_file_the_settings_say_which_services_there_are(project: Project) -> None:
    (project.paths.root / "compose.yaml").write_text("services: 5\n")
    assert project.service_names == ("app", "redis", "mailpit")


def test_a_name_that_another_directorys_containers_have_is_refused_before_anything_is_done(
    project: Project, docker: Docker, machine_paths: MachinePaths, tmp_path: Path
) -> None:
    name, root = project.settings.name, project.paths.root
    start(project, ["app"], on_change=ignore, on_line=ignore)
    assert project_directories(docker, name) == {root}
    refuse_name_of_another(machine_paths, name, root, docker)
    clone = tmp_path / "clone"
    clone.mkdir()
    write_settings(clone / "devkit.toml", project.settings)
    with pytest.raises(UsageError, match="both would share containers and data"):
        up(
            Project(ProjectPaths(clone), project.settings, docker),
            on_change=ignore,
            on_line=ignore,
            on_wait=ignore,
        )
    assert [path.name for path in clone.iterdir()] == ["devkit.toml"]


def test_a_health_check_is_waited_for_as_long_as_it_may_take(project: Project, docker: Docker) -> None:
    start(project, on_change=ignore, on_line=ignore)
    assert health_seconds(docker, project.settings.name) == 0
    often = "start_period: 600s, start_interval: 200ms"
    check = f"healthcheck: {{test: [CMD, 'true'], interval: 10s, timeout: 5s, retries: 6, {often}}}"
    compose = project.paths.root / "compose.yaml"
    compose.write_text(COMPOSE.replace("app: {", f"app: {{{check}, "))
    start(project, on_change=ignore, on_line=ignore)
    assert health_seconds(docker, project.settings.name) == 690


def test_a_port_that_another_service_of_the_stack_took_is_said_to_be_that_services(
    docker: Docker, tmp_path: Path
) -> None:
    said: list[str] = []
    port = next(port for port in range(22000, 30000) if is_free(port) and is_free(port + 1))
    with socket.create_server(("127.0.0.1", port)):
        settings = Settings("shop", https=True, ports={"app": port, "https": port + 1})
        chosen = settle_ports(ProjectPaths(tmp_path), settings, docker, ours=(), warn=said.append, write=False)
    assert chosen["app"] == port + 1
    assert said[1].startswith(f"port {port + 1} for https is taken by app: using ")
