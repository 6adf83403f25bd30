"""An engine that is killed and comes back, while a project's services, a log and statistics are read from it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from second_daemon import second_daemon

from devkit.engine.compose_order import Declared
from devkit.engine.connection import Endpoint
from devkit.engine.containers import PROJECT_LABEL, SERVICE_LABEL
from devkit.engine.docker import Docker
from devkit.engine.live_services import Snapshot, live_services
from devkit.engine.log_stream import container_log
from devkit.engine.stats import container_stats
from devkit.project.errors import EngineError

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"
PATIENCE = 120.0
TALKS = "while :; do echo line; sleep 0.1; done"


class Second:
    """A second engine of this machine, in a directory of its own."""

    def __init__(self, first: Docker, directory: Path) -> None:
        self._first = first
        self._directory = directory
        self._socket = directory / "engine.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.docker = Docker(first.binary, Endpoint(f"unix://{self._socket}", "DOCKER_HOST"))

    def start(self) -> None:
        environment = self._first.environment()
        daemon = shutil.which("dockerd", path=environment["PATH"])
        assert daemon is not None
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--net", daemon, *second_daemon(self._directory, self._socket)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )

    def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def run_service(self) -> str:
        """A service that talks, from this machine's image; its container."""
        made = self._first.run("create", "--network", "none", IMAGE, "true").stdout.decode().strip()
        try:
            files = self._first.run("export", made).stdout
        finally:
            self._first.run("rm", made)
        self.docker.run("import", "-", "talks", input=files)
        labels = (f"--label={PROJECT_LABEL}=p", f"--label={SERVICE_LABEL}=app")
        done = self.docker.run("run", "-d", "--init", "--network", "none", *labels, "talks", "sh", "-c", TALKS)
        return done.stdout.decode().strip()


@pytest.fixture
def second(docker: Docker) -> Iterator[Second]:
    directory = Path(tempfile.mkdtemp(prefix="dk"))  # short: a socket's path has 107 bytes at most
    engine = Second(docker, directory)
    try:
        yield engine
    finally:
        with suppress(EngineError):
            engine.docker.ping()
            for container in engine.docker.run("ps", "-aq").stdout.decode().split():
                engine.docker.run("rm", "-f", container)
        engine.end(signal.SIGTERM)
        root = str(directory / "root")
        while f" {root} " in Path("/proc/self/mounts").read_text():  # the one that was killed left its own
            subprocess.run(["umount", root], check=True)
        shutil.rmtree(directory, ignore_errors=True)


async def until(snapshots: AsyncIterator[Snapshot], holds: Callable[[Snapshot], bool]) -> Snapshot:
    async for snapshot in snapshots:
        if holds(snapshot):
            return snapshot
    raise AssertionError


def state(snapshot: Snapshot) -> str:
    (app,) = snapshot.services
    return app.state.state


async def log_until_the_engine_goes(docker: Docker, container: str, begun: asyncio.Event) -> None:
    async with container_log(docker, container) as batches:
        async for _lines in batches:
            begun.set()


async def stats_until_the_engine_goes(docker: Docker, container: str, begun: asyncio.Event) -> None:
    async with container_stats(docker, container) as samples:
        async for _sample in samples:
            begun.set()


def test_streams_say_that_the_engine_was_killed_and_services_go_on_when_it_is_back(second: Second) -> None:
    async def run() -> None:
        async with asyncio.timeout(PATIENCE), live_services(second.docker, "p", [Declared("app")]) as snapshots:
            assert not (await anext(snapshots)).connected
            second.start()
            await until(snapshots, lambda snapshot: snapshot.connected)
            container = await asyncio.to_thread(second.run_service)
            await until(snapshots, lambda snapshot: state(snapshot) == "running")
            begun = [asyncio.Event(), asyncio.Event()]
            readers = asyncio.gather(
                log_until_the_engine_goes(second.docker, container, begun[0]),
                stats_until_the_engine_goes(second.docker, container, begun[1]),
                return_exceptions=True,
            )
            for event in begun:
                await event.wait()
            second.end(signal.SIGKILL)
            assert [type(error) for error in await readers] == [EngineError, EngineError]
            gone = await until(snapshots, lambda snapshot: not snapshot.connected)
            assert state(gone) == "running"
            second.start()
            await until(snapshots, lambda snapshot: snapshot.connected)
            await asyncio.to_thread(second.docker.run, "restart", "--time", "1", container)
            await until(snapshots, lambda snapshot: state(snapshot) == "running")
            await asyncio.to_thread(second.docker.run, "rm", "-f", container)
            await until(snapshots, lambda snapshot: state(snapshot) == "missing")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
