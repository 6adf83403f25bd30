"""Compose on the real engine: up, states, ports, exec, down."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.diagnosis import UnhealthyServiceError
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN
from devkit.engine.port_holders import container_holding, port_holder, project_ports
from devkit.engine.state import PublishedPort
from devkit.engine.versions import check_versions, read_versions
from devkit.project.errors import CommandError, FailedError
from devkit.project.ports import PortState, port_state

pytestmark = pytest.mark.engine


def project(docker: Docker, directory: Path, text: str) -> Compose:
    (directory / "compose.yaml").write_text(text)
    return Compose(docker, directory, directory.name)


def test_this_engine_and_its_plugins_are_new_enough(docker: Docker) -> None:
    check_versions(read_versions(docker))


def test_services_come_up_are_listed_and_go(docker: Docker, project_directory: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    compose = project(
        docker,
        project_directory,
        f"""
services:
  web: {{image: "{DEBIAN}", init: true, command: [sleep, infinity], ports: ["127.0.0.1:{port}:8080"]}}
  once: {{image: "{DEBIAN}", command: ["true"]}}
  tool: {{image: "{DEBIAN}", init: true, command: [sleep, infinity], profiles: [tools]}}
""",
    )
    lines: list[str] = []
    compose.up(["web"], on_line=lines.append)
    assert any("Started" in line for line in lines)
    assert compose.service_names() == ["once", "web"]

    once, web = compose.services(compose.service_names())
    assert (once.name, once.state, once.container) == ("once", "missing", "")
    assert (web.state, web.health, web.image) == ("running", None, DEBIAN)
    assert web.ports == (PublishedPort("127.0.0.1", port, 8080, "tcp"),)

    assert port_state(port) is PortState.TAKEN
    name = f"{compose.project}-web-1"
    assert container_holding(docker, port) == name
    assert port_holder(docker, port) == f"container {name}"
    assert project_ports(docker, compose.project) == {port}

    assert compose.exec("web", "cat", input=b"through\n").stdout == b"through\n"
    with pytest.raises(CommandError) as caught:
        compose.exec("web", "sh", "-c", "exit 42")
    assert caught.value.returncode == 42

    compose.run("kill", "web")
    docker.run("wait", web.container)
    assert compose.services()[0].exit_code == 137
    compose.up(["tool"], on_line=lines.append)
    compose.down(volumes=True)
    assert [(one.name, one.state) for one in compose.services(["tool", "web"])] == [
        ("tool", "missing"),
        ("web", "missing"),
    ]


def test_a_taken_port_is_told_with_its_likely_cause(docker: Docker, project_directory: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        compose = project(
            docker,
            project_directory,
            f'services: {{web: {{image: "{DEBIAN}", command: [sleep, "9"], ports: ["127.0.0.1:{port}:80"]}}}}',
        )
        with pytest.raises(FailedError, match=str(port)) as caught:
            compose.up(on_line=lambda _line: None)
    assert "port is taken" in caught.value.hint


def test_a_dependency_that_fails_is_diagnosed_not_the_service_that_needs_it(
    docker: Docker, project_directory: Path
) -> None:
    compose = project(
        docker,
        project_directory,
        f"""
services:
  database:
    image: {DEBIAN}
    command: [sh, -c, "echo 'no space left on device' >&2; exit 3"]
    healthcheck: {{test: ["CMD", "true"], interval: 5s}}
  app:
    image: {DEBIAN}
    command: [sleep, infinity]
    depends_on: {{database: {{condition: service_healthy}}}}
""",
    )
    with pytest.raises(UnhealthyServiceError) as caught:
        compose.up(on_line=lambda _line: None)
    assert caught.value.diagnosis.service == "database"
    assert caught.value.diagnosis.exit_code == 3
    assert "disk is full" in caught.value.hint


def test_a_broken_compose_file_is_an_error_with_composes_words(docker: Docker, project_directory: Path) -> None:
    compose = project(docker, project_directory, "services: {web: {imag: x}}")
    with pytest.raises(CommandError, match="imag"):
        compose.config()
