"""The watcher's process is found by its locked file, ended by it, and hinders nobody when it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.laravel import watch_process
from devkit.laravel.watch_process import end, registered, running
from devkit.project.paths import ProjectPaths

pytestmark = pytest.mark.unit

PATIENCE = 20.0

WATCHER = """
import signal, sys, time
from pathlib import Path
from devkit.laravel.watch_process import registered
from devkit.project.paths import ProjectPaths

if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with registered(ProjectPaths(Path(sys.argv[1]))):
    print("registered", flush=True)
    while True:
        signal.pause()
"""


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    (tmp_path / ".devkit").mkdir()
    return ProjectPaths(tmp_path)


@contextmanager
def watcher(paths: ProjectPaths, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WATCHER, str(paths.root), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "registered\n"
            yield process
        finally:
            process.kill()


def test_a_watcher_is_found_and_ended(paths: ProjectPaths) -> None:
    assert running(paths) is None
    assert not end(paths)
    with watcher(paths) as process:
        found = running(paths)
        assert found is not None and found.pid == process.pid
        assert end(paths)
        assert process.wait(PATIENCE) == -signal.SIGTERM
    assert running(paths) is None
    assert list(paths.state.iterdir()) == []


def test_one_that_does_not_listen_is_killed(paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_process, "_STOP_SECONDS", 0.1)
    with watcher(paths, "deaf") as process:
        assert end(paths)
        assert process.wait(PATIENCE) == -signal.SIGKILL


def test_one_that_was_killed_hinders_nobody(paths: ProjectPaths) -> None:
    with watcher(paths) as first:
        first.kill()
        first.wait(PATIENCE)
        assert running(paths) is None
        assert not end(paths)
        with watcher(paths) as second:
            found = running(paths)
            assert found is not None and found.pid == second.pid


def test_asking_whether_one_runs_keeps_none_from_starting(paths: ProjectPaths) -> None:
    with registered(paths):
        pass
    assert [running(paths) for _ in range(3)] == [None, None, None]
    with watcher(paths):
        assert running(paths) is not None
