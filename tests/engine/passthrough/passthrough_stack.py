"""A small stack of Debian containers, devkit as its launcher starts it, and the docker command beside it."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN

REPOSITORY = Path(__file__).resolve().parents[3]
TIMEOUT = 60.0
SERVICES = f"""\
services:
  app: {{image: "{DEBIAN}", init: true, command: [sleep, infinity], working_dir: /app, volumes: [".:/app"]}}
  other: {{image: "{DEBIAN}", init: true, command: [sleep, infinity], environment: {{odd.name: "a b"}}}}
"""


def as_from_a_shell() -> None:
    """Whoever runs the tests in the background, or under nohup, has these ignored; a child would inherit it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def write_launcher(path: Path) -> None:
    """The `devkit` command that quickstart would put on the PATH, with the Python of these tests."""
    spec = importlib.util.spec_from_file_location("quickstart", REPOSITORY / "quickstart.py")
    assert spec is not None and spec.loader is not None
    quickstart: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(quickstart)
    environment = quickstart.Environment(Path(sys.prefix), REPOSITORY / "requirements/test.txt")
    path.write_text(quickstart.launcher_text(environment))
    path.chmod(0o755)


@dataclass(frozen=True)
class Stack:
    """A project with two services that run; `launcher` is the devkit command."""

    docker: Docker
    directory: Path
    launcher: Path

    @property
    def project(self) -> str:
        return self.directory.name

    def container(self, service: str = "app") -> str:
        label = f"label=com.docker.compose.service={service}"
        found = self.docker.run(
            "ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={self.project}", "--filter", label
        )
        return found.stdout.decode().strip()

    def compose(self, *arguments: str) -> None:
        self.docker.run("compose", "-p", self.project, *arguments, cwd=self.directory)

    def devkit(
        self, *arguments: str | bytes, input: bytes = b"", directory: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """devkit to its end, without a terminal."""
        return subprocess.run(
            [self.launcher, *arguments],
            cwd=directory or self.directory,
            input=input,
            capture_output=True,
            timeout=TIMEOUT,
            preexec_fn=as_from_a_shell,
            check=False,
        )

    def by_docker(self, *arguments: str | bytes, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """The same by `docker exec`, in the same directory."""
        command = [self.docker.binary, "exec", "--interactive", "--workdir", "/app", self.container(), *arguments]
        return subprocess.run(command, input=input, capture_output=True, timeout=TIMEOUT, check=False)

    @contextmanager
    def start(
        self,
        *arguments: str,
        ready: bytes | None = b"ready\n",
        prepare: Callable[[], None] = as_from_a_shell,
        **more: Any,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """devkit, once its command has said that it is ready; killed at the end if it still runs."""
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [self.launcher, *arguments]
        with subprocess.Popen(command, cwd=self.directory, preexec_fn=prepare, **{**pipes, **more}) as child:
            try:
                if ready is not None:
                    assert child.stdout is not None
                    assert child.stdout.readline() == ready
                yield child
            finally:
                child.kill()

    def processes(self, service: str = "app") -> list[str]:
        """What runs in the container besides what it was started for. Zombies are PID 1's, not the command's."""
        rows = self.docker.run("top", self.container(service), "-eo", "pid,stat,args").stdout.decode().splitlines()[1:]
        parts = [row.split(None, 2) for row in rows]
        return [words for _, state, words in parts if "Z" not in state and not words.endswith("sleep infinity")]

    def is_empty(self, seconds: float = 2.0) -> bool:
        """Whether nothing is left there within the time: no event tells of a process that ended in a container."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.05)
        return not left

    def clear(self) -> None:
        """End what a test left on purpose."""
        script = """for file in /proc/[0-9]*/cmdline; do
            pid=${file#/proc/}
            case $pid:$(tr '\\0' ' ' < $file) in
            $$/*|1/*|*:'sleep infinity '|*:) ;;
            *) kill -9 ${pid%/cmdline};;
            esac
        done 2> /dev/null; true"""
        self.docker.run("exec", self.container(), "sh", "-c", script)
