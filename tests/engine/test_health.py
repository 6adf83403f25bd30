"""Waiting for health on the real engine: what is ready, what fails at once, and why."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.containers import inspect
from devkit.engine.diagnosis import UnhealthyServiceError
from devkit.engine.docker import Docker
from devkit.engine.health import wait_healthy
from devkit.engine.images.catalogue import DEBIAN
from devkit.engine.state import ServiceState

pytestmark = pytest.mark.engine

TIMEOUT = 60.0


class Stack:
    """A compose project, started without waiting for anything."""

    def __init__(self, docker: Docker, directory: Path) -> None:
        self.compose = Compose(docker, directory, directory.name)
        self.seen: list[ServiceState] = []

    def start(self, services: str) -> None:
        text = services.replace("IMAGE", f"image: {DEBIAN}, init: true")
        (self.compose.directory / "compose.yaml").write_text(f"services:\n{text}")
        self.compose.up(on_line=lambda _line: None)

    def wait(self, *names: str, timeout: float = TIMEOUT) -> None:
        wait_healthy(self.compose.docker, self.compose.project, names, timeout=timeout, on_change=self.seen.append)

    def fails(self, *names: str, timeout: float = TIMEOUT) -> UnhealthyServiceError:
        with pytest.raises(UnhealthyServiceError) as caught:
            self.wait(*names, timeout=timeout)
        return caught.value

    def inside(self, service: str, command: str) -> None:
        self.compose.exec(service, "sh", "-c", command)


@pytest.fixture
def stack(docker: Docker, project_directory: Path) -> Stack:
    return Stack(docker, project_directory)


def test_it_returns_when_the_last_service_became_healthy_and_told_each_change(stack: Stack) -> None:
    stack.start(
        """
  slow: {IMAGE, command: [sh, -c, "sleep 1; touch /ready; exec sleep infinity"],
         healthcheck: {test: [CMD, test, -e, /ready], interval: 300ms, retries: 100}}
  plain: {IMAGE, command: [sleep, infinity]}
"""
    )
    stack.wait("slow", "plain")
    told = [(state.name, state.state, state.health) for state in stack.seen]
    assert told.index(("slow", "running", "starting")) < told.index(("slow", "running", "healthy"))
    assert ("plain", "running", None) in told
    assert len(told) == len(set(told))


def test_what_is_healthy_already_costs_a_moment(stack: Stack) -> None:
    stack.start("  plain: {IMAGE, command: [sleep, infinity]}\n")
    stack.wait("plain")
    begun = time.monotonic()
    stack.wait("plain")
    assert time.monotonic() - begun < 0.5


def test_a_service_that_ended_well_and_is_not_restarted_is_ready(stack: Stack) -> None:
    stack.start('  once: {IMAGE, command: [sleep, "0.5"]}\n')
    stack.wait("once")


def test_a_service_that_exits_is_told_at_once_with_its_last_lines_and_cause(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sh, -c, "sleep 1; echo 'require(/app/vendor/autoload.php): Failed' >&2; exit 255"],
        healthcheck: {test: [CMD, "false"], interval: 30s, start_period: 60s}}
"""
    )
    begun = time.monotonic()
    error = stack.fails("app")
    assert time.monotonic() - begun < 15
    assert error.diagnosis.exit_code == 255
    assert error.diagnosis.log_lines == ("require(/app/vendor/autoload.php): Failed",)
    assert "service app exited with status 255" in error.message
    assert "devkit composer install" in error.hint
    assert "devkit logs app" in error.hint


def test_a_service_that_is_restarted_again_and_again_is_told(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, restart: unless-stopped, command: [sh, -c, "sleep 0.3; echo 'Permission denied' >&2; exit 1"]}
"""
    )
    # between two ends it is `running`: that it stays so has to be seen
    error = stack.fails("app")
    assert "exited with status 1" in error.message
    assert "container's user" in error.hint


def test_a_service_that_was_restarted_and_then_stays_up_is_ready(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, restart: unless-stopped, command: [sh, -c, "[ -e /again ] || { touch /again; exit 1; }; sleep infinity"]}
"""
    )
    container = stack.compose.services()[0].container
    for _ in range(50):  # the first end is not what is tested: look until it is over
        found = inspect(stack.compose.docker, container)
        if found is not None and found.restarts == 1 and found.service.state == "running":
            break
        time.sleep(0.1)
    stack.wait("app")
    assert stack.seen[-1].state == "running"


def test_an_unhealthy_service_is_told_with_its_health_checks_words(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sleep, infinity],
        healthcheck: {test: [CMD-SHELL, "echo 'no answer on :8080'; false"], interval: 300ms, retries: 2}}
"""
    )
    error = stack.fails("app")
    assert error.message == "service app is unhealthy: no answer on :8080"
    assert error.diagnosis.health_output == ("no answer on :8080",)


def test_a_verdict_from_before_the_wait_is_not_held_against_a_service_that_recovers(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sleep, infinity],
        healthcheck: {test: [CMD, test, -e, /ready], interval: 1s, retries: 1}}
"""
    )
    assert "is unhealthy" in stack.fails("app").message
    stack.inside("app", "touch /ready")
    stack.wait("app")
    assert stack.seen[-1].health == "healthy"


def test_a_service_that_stays_unhealthy_is_told_at_its_next_health_check(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sleep, infinity], healthcheck: {test: [CMD, "false"], interval: 1s, retries: 1}}
"""
    )
    stack.fails("app")
    begun = time.monotonic()
    assert "is unhealthy" in stack.fails("app").message
    assert time.monotonic() - begun < 10


def test_when_the_time_is_over_the_services_that_are_not_ready_are_named(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sleep, infinity], healthcheck: {test: [CMD, "false"], interval: 60s}}
"""
    )
    error = stack.fails("app", "ghost", timeout=1.0)
    assert "app did not become healthy within 1 s (health: starting)" in error.message
    assert "not ready either: ghost" in error.message


def test_a_container_that_is_recreated_meanwhile_is_no_failure(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sh, -c, "exec sleep infinity"],
        healthcheck: {test: [CMD, test, -e, /ready], interval: 300ms, retries: 1000}}
"""
    )
    docker, compose = stack.compose.docker, stack.compose
    command = [str(docker.binary), *compose.command("up", "-d", "--force-recreate", "--timeout", "1")]
    with subprocess.Popen(command, env=docker.environment(), stderr=subprocess.DEVNULL) as recreate:
        old = compose.services()[0].container

        def on_change(state: ServiceState) -> None:
            if state.state == "running" and state.container not in ("", old) and state.health == "starting":
                recreate.wait()
                stack.inside("app", "touch /ready")

        wait_healthy(docker, compose.project, ["app"], timeout=TIMEOUT, on_change=on_change)
    assert compose.services()[0].container != old
    assert compose.services()[0].ready


def test_every_container_of_a_scaled_service_has_to_be_ready(stack: Stack) -> None:
    stack.start(
        """
  app: {IMAGE, command: [sleep, infinity], scale: 2,
        healthcheck: {test: [CMD, test, -e, /ready], interval: 300ms, retries: 1000}}
"""
    )
    first, second = (
        stack.compose.docker.run("ps", "-q", "--filter", f"label=com.docker.compose.project={stack.compose.project}")
        .stdout.decode()
        .split()
    )
    stack.compose.docker.run("exec", first, "touch", "/ready")
    assert "did not become healthy" in stack.fails("app", timeout=2).message
    stack.compose.docker.run("exec", second, "touch", "/ready")
    stack.wait("app")
