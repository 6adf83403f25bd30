"""What the end-to-end tests share: devkit as a process, and the application asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.file_lock import locked


@dataclass(frozen=True)
class Finished:
    """How a devkit command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def devkit(
    *arguments: str,
    directory: Path,
    timeout: float = 900,
    through: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run devkit as a script would: no terminal, its own process. `through` is a command that starts it."""
    done = subprocess.run(
        [*through, sys.executable, "-m", "devkit.entry", *arguments],
        cwd=directory,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Project:
    """A project that a first run has made."""

    directory: Path
    port: int
    result: Any

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def until(self, met: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Ask again until it is met: what happens inside a container sends no event to a test."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if met():
                return True
            time.sleep(0.1)
        return met()

    def write(self, path: str, text: str) -> None:
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def artisan(self, *arguments: str) -> str:
        command = ["docker", "compose", "exec", "-T", "app", "php", "artisan", "--no-ansi", *arguments]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def devkit(self, *arguments: str) -> Finished:
        return devkit(*arguments, directory=self.directory)


@contextmanager
def nobody_else_provides(image: str) -> Iterator[None]:
    """Other runs of pytest beside this one wait with what would build this image, or say that it is there."""
    with locked(Path(tempfile.gettempdir()) / f"devkit-tests-{image}.lock"):
        yield


def first_run(directory: Path, *flags: str) -> Project:
    """`devkit init` to the end; the error is shown where it fails."""
    done = devkit("init", str(directory), "--yes", "--json", *flags, directory=directory.parent)
    assert done.status == 0, done.stderr[-4000:] + done.stdout[-2000:]
    result = done.json
    return Project(directory, int(result["url"].rpartition(":")[2]), result)


@contextmanager
def running(directory: Path, *flags: str) -> Iterator[Project]:
    """A project that a first run made, for the while."""
    try:
        yield first_run(directory, *flags)
    finally:
        remove(directory)


def as_before_devkit(directory: Path, files: Mapping[str, str]) -> None:
    """Make an application of it that never saw devkit: its files go, these come."""
    for name in ("devkit.toml", "Dockerfile", ".dockerignore", "public/frankenphp-worker.php", ".env.previous"):
        (directory / name).unlink(missing_ok=True)
    for path in directory.glob("compose*.yaml"):
        path.unlink()
    for name in ("docker", ".devkit"):
        shutil.rmtree(directory / name)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")


def remove(directory: Path) -> None:
    """Take the project's containers and volumes away."""
    if (directory / "devkit.toml").exists():
        # No test is about this stop, and a scheduler that runs a task every second takes the minute that it is given.
        subprocess.run(["docker", "compose", "kill"], cwd=directory, capture_output=True, check=False)
        devkit("--yes", "down", "--volumes", directory=directory)
        (directory / "devkit.toml").unlink()  # gives the project's name back
