"""A real project's services as they change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.compose_order import compose_files, declared_in
from devkit.engine.docker import Docker
from devkit.engine.live_services import LiveService, Snapshot, live_services

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"
COMPOSE = f"""
services:
  worker:
    {{image: "{IMAGE}", init: true, command: [sleep, infinity], stop_grace_period: 1s}}
  app:
    image: "{IMAGE}"
    init: true
    command: [sh, -c, "touch /tmp/well; exec sleep infinity"]
    stop_grace_period: 1s
    ports: ["127.0.0.1::8080"]
    healthcheck: {{test: [CMD, test, -f, /tmp/well], interval: 1s, timeout: 10s, retries: 1}}
"""
PATIENCE = 120.0


@pytest.fixture
def compose(docker: Docker, project_directory: Path) -> Iterator[Compose]:
    (project_directory / "compose.yaml").write_text(COMPOSE)
    yield Compose(docker, project_directory, project_directory.name)


class Watched:
    """The snapshots of a project, and the commands that change it."""

    def __init__(self, compose: Compose, snapshots: AsyncIterator[Snapshot]) -> None:
        self._compose = compose
        self._snapshots = snapshots
        self.seen: list[Snapshot] = []

    async def until(self, name: str, holds: Callable[[LiveService], bool]) -> LiveService:
        """The service once this holds."""
        async for snapshot in self._snapshots:
            self.seen.append(snapshot)
            assert snapshot.connected
            found = next(service for service in snapshot.services if service.name == name)
            if holds(found):
                return found
        raise AssertionError

    async def after(self, *command: str, name: str, holds: Callable[[LiveService], bool]) -> LiveService:
        """The service once this holds, while and after a compose command runs."""
        running = asyncio.create_task(asyncio.to_thread(self._compose.run, *command))
        found = await self.until(name, holds)
        await running
        return found


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_services_are_followed_through_all_that_happens_to_them(compose: Compose) -> None:
    declared = declared_in(compose_files(compose.directory))

    async def watch(watched: Watched) -> None:
        worker = await watched.until("worker", lambda _found: True)
        assert worker.state.state == "missing"
        app = await watched.after("up", "--detach", name="app", holds=lambda found: found.ready == 1)
        assert (app.state.state, app.state.health) == ("running", "healthy")
        assert [(port.host, port.target) for port in app.state.ports] == [("127.0.0.1", 8080)]
        assert app.containers[0].started > 0
        worker = await watched.after("kill", "worker", name="worker", holds=lambda found: not found.ready)
        assert (worker.state.state, worker.state.exit_code) == ("exited", 137)
        worker = await watched.after("start", "worker", name="worker", holds=lambda found: found.ready == 1)
        first = worker.state.container
        await watched.after("pause", "worker", name="worker", holds=lambda found: found.state.state == "paused")
        await watched.after("unpause", "worker", name="worker", holds=lambda found: found.ready == 1)
        scale = ("up", "--detach", "--scale", "worker=3")
        worker = await watched.after(*scale, name="worker", holds=lambda found: found.ready == 3)
        assert [found.number for found in worker.containers] == [1, 2, 3]
        anew = ("up", "--detach", "--force-recreate", "worker")
        worker = await watched.after(
            *anew,
            name="worker",
            holds=lambda found: len(found.containers) == found.ready == 1 and found.state.container != first,
        )
        await watched.after("exec", "app", "rm", "/tmp/well", name="app", holds=lambda found: found.ready == 0)
        app = watched.seen[-1].services[1]
        assert (app.state.health, app.containers[0].failing_streak > 0) == ("unhealthy", True)
        assert app.containers[0].probes[-1].exit_code == 1
        worker = await watched.after("stop", name="worker", holds=lambda found: found.state.state == "exited")
        await watched.after("down", name="worker", holds=lambda found: found.state.state == "missing")
        assert {tuple(service.name for service in snapshot.services) for snapshot in watched.seen} == {
            ("worker", "app")
        }

    async def run() -> None:
        opened = open_files()
        async with (
            asyncio.timeout(PATIENCE),
            live_services(compose.docker, compose.project, declared) as snapshots,
        ):
            await watch(Watched(compose, snapshots))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert open_files() == opened

    asyncio.run(run())
