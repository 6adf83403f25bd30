"""The watcher's process beside a real container: it comes up with the app, and goes with it."""

from __future__ import annotations

import os
import select
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app_with_curl import write_app

from devkit.engine.compose import Compose
from devkit.engine.connection import DEFAULT_SOCKET
from devkit.engine.docker import Docker
from devkit.laravel import watch_process
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths

pytestmark = pytest.mark.engine

PATIENCE = 40.0


def until(met: Callable[[], bool]) -> bool:
    """Ask again until it is met: another process' end sends no event to a test."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.1)
    return met()


@pytest.fixture
def compose(docker: Docker, project_directory: Path) -> Iterator[Compose]:
    write_app(project_directory)
    (project_directory / ".devkit").mkdir()
    made = Compose(docker, project_directory, project_directory.name)
    made.up(on_line=lambda _line: None)
    try:
        yield made
    finally:
        watch_process.end(ProjectPaths(project_directory))


@pytest.fixture
def watcher(compose: Compose) -> watch_process.Watcher:
    return watch_process.start(ProjectPaths(compose.directory), compose.project)


def save_until_asked(compose: Compose) -> bool:
    """A watch says nothing when it is set up: saved until it is seen."""
    asked, source = compose.directory / "asked", compose.directory / "app" / "A.php"
    asked.unlink(missing_ok=True)

    def saved_and_seen() -> bool:
        source.write_text(f"<?php // {time.monotonic_ns()}")
        return asked.exists()

    return until(saved_and_seen)


def test_a_save_restarts_the_workers_and_the_end_of_the_app_ends_the_watcher(
    compose: Compose, watcher: watch_process.Watcher
) -> None:
    paths = ProjectPaths(compose.directory)
    assert watch_process.running(paths) == watcher
    assert save_until_asked(compose)
    # Written once the endpoint has answered, which is after it was seen to be asked.
    assert until(lambda: "app/A.php: workers restarted" in watch_process.log_of(paths).read_text())
    compose.run("stop", "--timeout", "1")
    assert until(lambda: watch_process.running(paths) is None)
    assert "the app has stopped" in watch_process.log_of(paths).read_text()


def test_a_container_in_the_place_of_the_former_is_watched_for(
    compose: Compose, watcher: watch_process.Watcher
) -> None:
    compose.run("up", "--detach", "--force-recreate", "--timeout", "1")
    assert save_until_asked(compose)
    assert watch_process.running(ProjectPaths(compose.directory)) == watcher


def test_it_is_in_a_session_of_its_own_and_holds_no_descriptor_of_its_starter(
    compose: Compose, watcher: watch_process.Watcher
) -> None:
    assert os.getsid(watcher.pid) == watcher.pid
    held = {os.readlink(path) for path in Path(f"/proc/{watcher.pid}/fd").iterdir()}  # noqa: PTH115
    files = {name for name in held if name.startswith("/") and name != "/dev/null"}
    assert files == {str(compose.directory / ".devkit" / name) for name in ("watcher.pid", "watcher.log")}
    ours = {os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}  # noqa: PTH115
    assert not {name for name in held & ours if name != "/dev/null"}  # pipes of its own come and go
    assert Path(f"/proc/{watcher.pid}/cwd").resolve() == Path("/")


def test_a_killed_watcher_is_replaced(compose: Compose, watcher: watch_process.Watcher) -> None:
    paths = ProjectPaths(compose.directory)
    os.kill(watcher.pid, signal.SIGKILL)
    assert until(lambda: watch_process.running(paths) is None)
    assert watch_process.start(paths, compose.project).pid != watcher.pid
    assert save_until_asked(compose)


class Door(socketserver.BaseRequestHandler):
    """Passes a connection on to the engine, both ways, until either side ends."""

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(DEFAULT_SOCKET))
            sides = {self.request: engine, engine: self.request}
            while not self.server.closed:  # type: ignore[attr-defined]
                for side in select.select(list(sides), [], [], 0.1)[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    sides[side].sendall(data)


def test_it_ends_when_the_engine_stops(compose: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, door = ProjectPaths(compose.directory), tmp_path / "door.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{door}")
    with socketserver.ThreadingUnixStreamServer(str(door), Door) as server:
        server.closed = False  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        watch_process.start(paths, compose.project)
        server.closed = True  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
    assert until(lambda: watch_process.running(paths) is None)
    assert "the container engine ended the connection" in watch_process.log_of(paths).read_text()


def test_without_an_app_it_does_not_start_and_says_so(docker: Docker, project_directory: Path) -> None:
    (project_directory / ".devkit").mkdir()
    paths = ProjectPaths(project_directory)
    with pytest.raises(FailedError, match="the app does not run"):
        watch_process.start(paths, project_directory.name)
    assert watch_process.running(paths) is None


def test_without_an_engine_it_does_not_start_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/gone.sock")
    (tmp_path / ".devkit").mkdir()
    with pytest.raises(FailedError, match="is not started"):
        watch_process.start(ProjectPaths(tmp_path), "none")
