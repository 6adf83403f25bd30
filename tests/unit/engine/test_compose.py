"""States as the engine's list of containers says them, and compose's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devkit.engine.compose import Compose
from devkit.engine.connection import Endpoint
from devkit.engine.containers import SERVICE_LABEL, state_from_summary
from devkit.engine.docker import Docker
from devkit.engine.port_holders import published_in
from devkit.engine.state import PublishedPort, ServiceState
from devkit.project.errors import CommandError

pytestmark = pytest.mark.unit


def summary(state: str, status: str, **more: Any) -> dict[str, Any]:
    return {"Id": "abc", "Image": "i", "Labels": {SERVICE_LABEL: "app"}, "State": state, "Status": status, **more}


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("running", "Up 3 seconds", ("running", None, None)),
        ("running", "Up About a minute (healthy)", ("running", "healthy", None)),
        ("running", "Up 2 hours (unhealthy)", ("running", "unhealthy", None)),
        ("running", "Up 1 second (health: starting)", ("running", "starting", None)),
        ("exited", "Exited (137) 4 seconds ago", ("exited", None, 137)),
        ("restarting", "Restarting (1) 2 seconds ago", ("restarting", None, 1)),
        ("paused", "Up 3 minutes (Paused)", ("paused", None, None)),
        ("created", "Created", ("created", None, None)),
        ("dead", "Dead", ("exited", None, None)),
    ],
)
def test_state_health_and_exit_code_are_read_from_the_engines_words(
    state: str, status: str, expected: tuple[str, str | None, int | None]
) -> None:
    found = state_from_summary(summary(state, status))
    assert (found.state, found.health, found.exit_code) == expected


def test_only_published_ports_are_listed() -> None:
    ports = [
        {"PrivatePort": 9000, "Type": "tcp"},
        {"IP": "127.0.0.1", "PrivatePort": 8080, "PublicPort": 8081, "Type": "tcp"},
    ]
    found = state_from_summary(summary("running", "Up 1 second", Ports=ports))
    assert found.ports == (PublishedPort("127.0.0.1", 8081, 8080, "tcp"),)


def test_ready_means_running_and_not_known_to_be_ill() -> None:
    assert ServiceState("a", "running").ready
    assert ServiceState("a", "running", "healthy").ready
    assert not ServiceState("a", "running", "starting").ready
    assert not ServiceState("a", "exited").ready


def test_the_command_is_what_a_person_would_type_and_names_the_project() -> None:
    compose = Compose(Docker(Path("docker"), Endpoint("unix:///x", "default")), Path("/a b"), "shop")
    assert compose.command("up", "-d") == ("compose", "--project-directory", "/a b", "-p", "shop", "up", "-d")


@pytest.mark.parametrize("action", ["up", "down"])
def test_a_command_that_fails_without_a_word_is_an_error_with_its_status(tmp_path: Path, action: str) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\nexit 17\n")
    program.chmod(0o755)
    compose = Compose(Docker(program, Endpoint("unix:///x", "default")), tmp_path, "shop")
    with pytest.raises(CommandError, match=f"docker compose {action} ended with status 17 ") as caught:
        getattr(compose, action)(on_line=lambda _: None)
    assert caught.value.returncode == 17


def test_ports_are_read_from_docker_ps() -> None:
    text = "127.0.0.1:8080->80/tcp, 0.0.0.0:7000-7001->7000-7001/udp, [::]:81->81/tcp, 9000/tcp"
    assert published_in(text) == {(8080, "tcp"), (7000, "udp"), (7001, "udp"), (81, "tcp")}


@pytest.mark.parametrize("action", ["down", "stop", "restart"])
def test_what_compose_says_of_a_failure_is_told(action: str, tmp_path: Path) -> None:
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\necho going on\necho Error response from daemon: no permission >&2\nexit 7\n")
    client.chmod(0o755)
    compose = Compose(Docker(client, Endpoint("unix:///nowhere", "default")), tmp_path, "shop")
    told: list[str] = []
    with pytest.raises(CommandError, match=f"docker compose {action} ended with status 7: .*: no permission") as caught:
        getattr(compose, action)(on_line=told.append)
    assert (caught.value.returncode, told[0]) == (7, "going on")
