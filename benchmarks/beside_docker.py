"""devkit as quickstart's launcher starts it, and the docker command for the same container beside it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from measure import REPOSITORY, devkit

SERVICE = "app"


@dataclass(frozen=True)
class Sides:
    """How each side runs a command in the application's container."""

    directory: Path
    launcher: Path
    container: str

    def devkit(self, *command: str) -> list[str]:
        return [str(self.launcher), "exec", SERVICE, *command]

    def docker(self, *command: str, stdin: bool = False) -> list[str]:
        return ["docker", "exec", *(["--interactive"] if stdin else []), self.container, *command]

    def compose(self, *command: str) -> list[str]:
        return ["docker", "compose", "exec", "-T", SERVICE, *command]


@dataclass(frozen=True)
class Run:
    """One process to its end: seconds by the clock, of the processors, and its peak memory in MiB."""

    seconds: float
    processor: float
    memory: float
    status: int


@contextmanager
def sides(project: Path) -> Iterator[Sides]:
    """Both sides for a project that is up, with the launcher that quickstart would write for this checkout."""
    spec = importlib.util.spec_from_file_location("quickstart", REPOSITORY / "quickstart.py")
    assert spec is not None and spec.loader is not None
    quickstart: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(quickstart)
    name = json.loads(devkit("status", "--json", directory=project).stdout)["project"]
    filters = [f"label=com.docker.compose.project={name}", f"label=com.docker.compose.service={SERVICE}"]
    listing = ["docker", "ps", "-q", "--no-trunc", *(word for text in filters for word in ("--filter", text))]
    container = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.strip()
    if not container:
        sys.exit(f"{project}: the service {SERVICE} does not run; devkit up starts it")
    with TemporaryDirectory() as temporary:
        launcher = Path(temporary) / "devkit"
        launcher.write_text(quickstart.launcher_text(quickstart.runtime_environment()), encoding="utf-8")
        launcher.chmod(0o755)
        yield Sides(project, launcher, container)


def run(
    command: Sequence[str],
    directory: Path,
    *,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int = subprocess.DEVNULL,
) -> Run:
    """Start a command, wait for it, and give what the system counted for it and its children."""
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=directory, stdin=stdin, stdout=stdout)
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    peak = used.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    return Run(seconds, used.ru_utime + used.ru_stime, peak, child.returncode)


def load() -> str:
    """How busy the machine is: medians of both sides suffer from others, and not alike."""
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg())
