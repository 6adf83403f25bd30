"""Two commands at once in one project: one works, the other says for whom it waits, and then goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from support import Finished, Project, devkit, first_run, remove

pytestmark = pytest.mark.e2e

PATIENCE = 300.0


class Started:
    """A devkit command under way, its output in files: nothing of it is lost while nobody reads."""

    def __init__(self, process: subprocess.Popen[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self.process = process
        self._stdout = stdout
        self._stderr = stderr

    def said(self, fragment: str) -> bool:
        """Wait until it says so on stderr; False where it ends without."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            if fragment in _text(self._stderr):
                return True
            if ended:
                return False
            time.sleep(0.01)  # a file sends no event
        return False

    def finish(self) -> Finished:
        status = self.process.wait(PATIENCE)
        return Finished(status, _text(self._stdout), _text(self._stderr))


def _text(stream: IO[bytes]) -> str:
    return os.pread(stream.fileno(), 1 << 20, 0).decode()


@contextmanager
def started(directory: Path, *arguments: str) -> Iterator[Started]:
    log = directory.parent / f"{directory.name}-{time.monotonic_ns()}"
    with log.with_suffix(".out").open("w+b") as stdout, log.with_suffix(".err").open("w+b") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "devkit.entry", *arguments],
            cwd=directory.parent if arguments[0] == "init" else directory,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        try:
            yield Started(process, stdout, stderr)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


@contextmanager
def held(directory: Path, *arguments: str) -> Iterator[Started]:
    """A command that is stopped (SIGSTOP) as soon as it has the project's lock; it goes on with SIGCONT."""
    lock = directory / ".devkit" / "lock"
    with started(directory, *arguments) as first:
        end = time.monotonic() + PATIENCE
        while str(first.process.pid).encode() not in (lock.read_bytes() if lock.exists() else b""):
            assert first.process.poll() is None and time.monotonic() < end, first.finish()
            time.sleep(0.002)  # taking a lock sends no event
        first.process.send_signal(signal.SIGSTOP)
        yield first


def both(directory: Path, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Finished, Finished]:
    """Run two commands at once, `one` having the lock first; each has to say or not to say that it waits."""
    with held(directory, *one) as first, started(directory, *other) as second:
        assert second.said("waiting for"), second.finish()
        first.process.send_signal(signal.SIGCONT)
        ended = first.finish(), second.finish()
    waits = re.findall(r"waiting for devkit (\w+) \(pid (\d+), since [\d:]+\), which works on", ended[1].stderr)
    assert waits == [(one[0], str(first.process.pid))]
    assert "waiting for" not in ended[0].stderr
    return ended


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("at-once") / "shared"
    try:
        yield directory
    finally:
        remove(directory)


@pytest.fixture(scope="module")
def two_first_runs(directory: Path) -> tuple[Finished, Finished]:
    command = ("init", str(directory), "--yes", "--json", "--port", "21610")
    return both(directory, command, command)


@pytest.fixture(scope="module")
def project(directory: Path, two_first_runs: tuple[Finished, Finished]) -> Project:
    return first_run(directory)


def test_of_two_first_runs_one_does_it_and_the_other_finds_it_done(two_first_runs: tuple[Finished, Finished]) -> None:
    first, second = two_first_runs
    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    steps = [{step["name"]: step["status"] for step in run.json["steps"]} for run in two_first_runs]
    once = ("files", "build", "application", "packages", "environment")
    assert {steps[0][name] for name in once} == {"done"}
    assert {steps[1][name] for name in once} == {"skipped"}
    assert {file["status"] for file in second.json["files"]} == {"kept"}
    assert first.json["url"] == second.json["url"] == "http://localhost:21610"


def states(project: Project) -> set[str]:
    return {service["state"] for service in project.devkit("status", "--json").json["services"]}


def test_two_up(project: Project) -> None:
    project.devkit("down")
    first, second = both(project.directory, ("up",), ("up",))
    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    assert project.get("/up")[0] == 200


def test_down_after_up_and_up_after_down(project: Project) -> None:
    ended = both(project.directory, ("up",), ("down",))
    assert [run.status for run in ended] == [0, 0]
    assert states(project) == {"missing"}
    project.devkit("up")
    ended = both(project.directory, ("down",), ("up",))
    assert [run.status for run in ended] == [0, 0], ended[1].stderr
    assert project.get("/up")[0] == 200


def test_restart_beside_up_and_down(project: Project) -> None:
    ended = both(project.directory, ("restart",), ("up",))
    assert [run.status for run in ended] == [0, 0], ended[1].stderr
    assert project.get("/up")[0] == 200
    down, restart = both(project.directory, ("down",), ("restart",))
    assert (down.status, restart.status) == (0, 1)
    assert "service app has no container to restart" in restart.stderr
    assert project.devkit("up").status == 0


def test_those_that_only_read_never_wait(project: Project) -> None:
    with held(project.directory, "up") as first:
        for command in (("status",), ("logs",), ("doctor",), ("config", "list"), ("init", "--yes", "--dry-run")):
            done = devkit(*command, directory=project.directory, timeout=PATIENCE)
            assert done.status == 0, done.stderr
            assert "waiting for" not in done.stderr
        first.process.send_signal(signal.SIGCONT)
        assert first.finish().status == 0


def test_after_a_kill_the_next_command_goes_on_at_once(project: Project) -> None:
    with held(project.directory, "restart") as first:
        first.process.kill()
        first.process.wait()
        assert project.devkit("up").status == 0
    assert project.get("/up")[0] == 200
