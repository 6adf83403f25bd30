"""A project's services kept by events: an engine of the test's own says what happens and counts what it is asked."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devkit.engine.compose_order import Declared
from devkit.engine.connection import Endpoint
from devkit.engine.containers import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from devkit.engine.docker import Docker
from devkit.engine.live_services import Snapshot, live_services

pytestmark = pytest.mark.unit

PATIENCE = 20.0


@pytest.fixture
def socket_path() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    yield root / "docker.sock"
    shutil.rmtree(root)


class Engine:
    """Containers, those who wait for events, and the paths that were asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.containers: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.listeners: list[asyncio.StreamWriter] = []
        self.open = 0
        self.refuses = False
        self.closed = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._talk, self.path)

    async def stop(self) -> None:
        """As an engine that ends: its socket file goes, its connections break."""
        assert self._server is not None
        self._server.close()
        self.path.unlink(missing_ok=True)
        for writer in self.listeners:
            writer.transport.abort()
        self.listeners.clear()

    def put(self, container: str, service: str, state: str = "running", *, number: int = 1, **more: Any) -> None:
        labels = {PROJECT_LABEL: "p", SERVICE_LABEL: service, "com.docker.compose.container-number": str(number)}
        self.containers[container] = {
            "Id": container,
            "Name": f"/p-{service}-{number}",
            "Created": more.get("created", "2026-11-29T21:00:00Z"),
            "Config": {"Labels": labels | more.get("labels", {}), "Image": "image"},
            "State": {"Status": state, "Running": state == "running", "StartedAt": "2026-11-29T21:00:01Z"}
            | more.get("state_more", {}),
        }

    async def say(self, action: str, *containers: str) -> None:
        for container in containers:
            labels = self.containers.get(container, {}).get("Config", {}).get("Labels", {SERVICE_LABEL: "gone"})
            event = {"Type": "container", "Action": action, "Actor": {"ID": container, "Attributes": labels}}
            line = json.dumps(event).encode() + b"\n"
            for writer in self.listeners:
                writer.write(b"%x\r\n%s\r\n" % (len(line), line))
                await writer.drain()

    def inspected(self) -> list[str]:
        return [path.split("/")[2] for path in self.asked if path.endswith("/json") and path.count("/") == 3]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).decode().split()[1].partition("?")[0]
                self.asked.append(path)
                if path == "/events":
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    self.listeners.append(writer)
                else:
                    writer.write(self._answer(path))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self.open -= 1
            if not self.open:
                self.closed.set()

    def _answer(self, path: str) -> bytes:
        found: Any = {"message": "no"}
        status = "404 Not Found"
        if self.refuses:
            status = "500 Internal Server Error"
        elif path == "/containers/json":
            status = "200 OK"
            found = [{"Id": key, "Labels": one["Config"]["Labels"]} for key, one in self.containers.items()]
        elif (container := path.split("/")[2]) in self.containers:
            status, found = "200 OK", self.containers[container]
        body = json.dumps(found).encode()
        return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


Watch = Callable[[Engine, AsyncIterator[Snapshot]], Awaitable[None]]


def watched(path: Path, names: list[str], prepare: Callable[[Engine], object], watch: Watch) -> Engine:
    """Watch a project of this engine; afterwards no task and no connection is left."""

    async def run() -> Engine:
        engine = Engine(path)
        prepare(engine)
        await engine.start()
        docker = Docker(Path("docker"), Endpoint(f"unix://{path}", "default"))
        async with asyncio.timeout(PATIENCE):
            async with live_services(docker, "p", [Declared(name) for name in names]) as snapshots:
                await watch(engine, snapshots)
            while engine.open:
                engine.closed.clear()
                await engine.closed.wait()
        await engine.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return engine

    return asyncio.run(run())


def states(snapshot: Snapshot) -> dict[str, str]:
    return {service.name: service.state.state for service in snapshot.services}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def until(snapshots: AsyncIterator[Snapshot], holds: Callable[[Snapshot], bool]) -> Snapshot:
    async for snapshot in snapshots:
        if holds(snapshot):
            return snapshot
    raise AssertionError


def test_services_stand_in_the_order_of_the_names_and_others_follow(socket_path: Path) -> None:
    def prepare(engine: Engine) -> None:
        engine.put("1", "zeta")
        engine.put("2", "app", state_more={"Health": {"Status": "unhealthy", "FailingStreak": 4}})
        engine.put("3", "adhoc", "exited", state_more={"ExitCode": 3, "FinishedAt": "2026-11-29T21:00:05Z"})
        engine.put("4", "app", labels={ONE_OFF_LABEL: "True"})

    async def watch(_engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        first = await anext(snapshots)
        assert first.connected
        assert list(states(first).items()) == [
            ("zeta", "running"),
            ("db", "missing"),
            ("app", "running"),
            ("adhoc", "exited"),
        ]
        _, database, app, adhoc = first.services
        assert database.containers == ()
        assert (app.state.health, app.ready, app.containers[0].failing_streak) == ("unhealthy", 0, 4)
        assert (adhoc.state.exit_code, adhoc.containers[0].finished > 0) == (3, True)

    watched(socket_path, ["zeta", "db", "app"], prepare, watch)


def test_a_burst_of_events_is_one_look_at_the_containers_that_had_one(socket_path: Path) -> None:
    def prepare(engine: Engine) -> None:
        engine.put("1", "app")
        engine.put("2", "db")

    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        assert sorted(engine.inspected()) == ["1", "2"]
        engine.put("1", "app", "exited", state_more={"ExitCode": 137})
        for action in ("kill", "die", "oom", "stop"):
            await engine.say(action, "1")
        assert states(await anext(snapshots)) == {"app": "exited", "db": "running"}
        assert sorted(engine.inspected()) == ["1", "1", "2"]

    watched(socket_path, ["app", "db"], prepare, watch)


def test_what_compose_run_starts_is_no_service_and_not_looked_at(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        engine.put("9", "app", labels={ONE_OFF_LABEL: "True"})
        await engine.say("start", "9")
        engine.put("1", "app", "paused")
        await engine.say("pause", "1")
        assert states(await anext(snapshots)) == {"app": "paused"}
        assert engine.inspected() == ["1", "1"]

    watched(socket_path, ["app"], lambda engine: engine.put("1", "app"), watch)


def test_scaled_and_recreated_containers_keep_one_row(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        engine.put("2", "app", "created", number=2)
        engine.put("new", "app", "created", created="2026-11-29T22:00:00Z")
        await engine.say("create", "2", "new")
        (app,) = (await anext(snapshots)).services
        assert [found.service.container for found in app.containers] == ["new", "old", "2"]
        assert (app.state.container, app.ready) == ("old", 1)
        engine.put("new", "app", created="2026-11-29T22:00:00Z")
        del engine.containers["old"], engine.containers["2"]
        await engine.say("destroy", "old", "2")
        await engine.say("start", "new")
        (app,) = (await anext(snapshots)).services
        assert [found.service.container for found in app.containers] == ["new"]

    watched(socket_path, ["app"], lambda engine: engine.put("old", "app"), watch)


def test_an_engine_that_goes_is_told_and_taken_up_again_when_it_is_back(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        await engine.stop()
        gone = await until(snapshots, lambda snapshot: "does not exist" in snapshot.problem)
        assert states(gone) == {"app": "running"}
        assert not gone.connected
        engine.put("1", "app", "exited")
        await engine.start()
        back = await until(snapshots, lambda snapshot: snapshot.connected)
        assert states(back) == {"app": "exited"}
        engine.put("1", "app")
        await engine.say("start", "1")
        assert states(await anext(snapshots)) == {"app": "running"}

    watched(socket_path, ["app"], lambda engine: engine.put("1", "app"), watch)


def test_an_engine_that_is_not_there_yet_is_waited_for(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)

    async def run() -> None:
        docker = Docker(Path("docker"), Endpoint(f"unix://{socket_path}", "default"))
        async with asyncio.timeout(PATIENCE), live_services(docker, "p", [Declared("app")]) as snapshots:
            first = await anext(snapshots)
            assert (states(first), first.connected) == ({"app": "missing"}, False)
            assert first.hint
            engine = Engine(socket_path)
            engine.put("1", "app")
            await engine.start()
            assert states(await until(snapshots, lambda snapshot: snapshot.connected)) == {"app": "running"}
        await engine.stop()

    asyncio.run(run())


def test_an_engine_that_cannot_say_how_a_container_is_leaves_it_as_it_was(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        engine.refuses = True
        await engine.say("die", "1")
        while engine.inspected() != ["1", "1"]:  # noqa: ASYNC110 - what it was asked has no event
            await asyncio.sleep(0.01)
        engine.refuses = False
        engine.put("1", "app", "exited")
        await engine.say("die", "1")
        assert states(await anext(snapshots)) == {"app": "exited"}

    watched(socket_path, ["app"], lambda engine: engine.put("1", "app"), watch)


def test_a_slow_reader_gets_the_newest_state(socket_path: Path) -> None:
    async def watch(engine: Engine, snapshots: AsyncIterator[Snapshot]) -> None:
        await anext(snapshots)
        for state in ("exited", "running", "paused"):
            asked = len(engine.asked)
            engine.put("1", "app", state)
            await engine.say("start", "1")
            while len(engine.asked) == asked:  # noqa: ASYNC110 - what it was asked has no event
                await asyncio.sleep(0.01)
        assert states(await until(snapshots, lambda snapshot: states(snapshot) == {"app": "paused"})) == {
            "app": "paused"
        }

    watched(socket_path, ["app"], lambda engine: engine.put("1", "app"), watch)


def test_cancelling_ends_the_docker_command_that_a_remote_engine_is_reached_through(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\nhead -n 1 > {tmp_path}/asked\necho $$ > {tmp_path}/pid\nexec sleep 300\n")
    program.chmod(0o755)

    async def read(docker: Docker) -> None:
        async with live_services(docker, "p", [Declared("app")]) as snapshots:
            await anext(snapshots)

    async def run() -> None:
        opened = open_files()
        reading = asyncio.create_task(read(Docker(program, Endpoint("ssh://me@host", "DOCKER_HOST"))))
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
            reading.cancel()
            await asyncio.wait({reading})
        assert reading.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert open_files() == opened

    asyncio.run(run())
    assert (tmp_path / "asked").read_text().startswith("GET /events?")
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
