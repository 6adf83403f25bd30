"""The installed program on a real terminal, from its first frame to its last."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pyte
import pytest

from devkit.cli.context import AGENT_VARIABLES
from devkit.engine.docker import Docker

pytestmark = pytest.mark.engine

PATIENCE = 30
COMPOSE = """
services:
  app:
    image: devkit.local/debian:forky
    init: true
    stop_grace_period: 1s
    command: [bash, -c, "seq 1 3000; echo all written; exec sleep infinity"]
  redis:
    image: devkit.local/debian:forky
    init: true
    stop_grace_period: 1s
    command: [bash, -c, "echo ready for connections; exec sleep infinity"]
"""


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Path:
    (project_directory / "compose.yaml").write_text(COMPOSE)
    name = project_directory.name
    (project_directory / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{name}"\n')
    docker.run("compose", "--project-directory", str(project_directory), "-p", name, "up", "-d", timeout=PATIENCE)
    return project_directory


class Terminal:
    """What a person sees, and the keys that they press."""

    def __init__(self, child: pexpect.spawn[bytes]) -> None:
        self.child = child
        rows, columns = child.getwinsize()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    def until(self, holds: Callable[[list[str]], bool]) -> list[str]:
        """The screen once this holds."""
        end = time.monotonic() + PATIENCE
        while not holds(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            with suppress(pexpect.TIMEOUT):
                self._stream.feed(self.child.read_nonblocking(65536, timeout=1))
        return self.lines

    def until_shown(self, text: str) -> list[str]:
        return self.until(lambda lines: any(text in line for line in lines))

    def rest(self) -> bytes:
        """All that comes until the program has ended."""
        said = b""
        try:
            while True:
                said += self.child.read_nonblocking(65536, timeout=PATIENCE)
        except pexpect.EOF:
            return said


@contextmanager
def running(project: Path) -> Iterator[Terminal]:
    hidden = {"CI", *AGENT_VARIABLES}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry"],
        cwd=str(project),
        env={**{name: value for name, value in os.environ.items() if name not in hidden}, "TERM": "xterm-256color"},
        dimensions=(30, 120),
        timeout=PATIENCE,
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)


def test_from_the_first_frame_to_quit(project: Path) -> None:
    with running(project) as terminal:
        before = termios.tcgetattr(terminal.child.child_fd)
        shown = terminal.until(lambda lines: any("● app" in line for line in lines) and "all written" in "".join(lines))
        assert any("● redis" in line for line in shown)
        terminal.child.send("/")
        terminal.until_shown("search all lines")
        terminal.child.send("1234\r")
        terminal.until_shown("/1234 1 lines")
        terminal.child.setwinsize(24, 80)
        terminal.screen.resize(24, 80)
        terminal.until(lambda lines: any(line.endswith(" 1234") for line in lines))
        terminal.child.send("G")
        terminal.until_shown("following")
        terminal.child.send("q")
        assert b"\x1b[?1049l" in terminal.rest()
        terminal.child.wait()
        assert terminal.child.exitstatus == 0
        assert termios.tcgetattr(terminal.child.child_fd) == before


def test_a_service_is_stopped_and_started_by_a_key(docker: Docker, project: Path) -> None:
    with running(project) as terminal:
        terminal.until_shown("● redis")
        terminal.child.send("jjs")
        terminal.until_shown("○ redis")
        terminal.child.send("s")
        terminal.until_shown("● redis")
        terminal.until_shown("docker compose up --detach --no-recreate redis")
        terminal.child.send("q")
        terminal.rest()


def test_sigterm_leaves_the_terminal_as_it_was(project: Path) -> None:
    with running(project) as terminal:
        before = termios.tcgetattr(terminal.child.child_fd)
        terminal.until_shown("● app")
        terminal.child.kill(signal.SIGTERM)
        assert b"\x1b[?1049l" in terminal.rest()
        terminal.child.wait()
        assert terminal.child.exitstatus == 128 + signal.SIGTERM
        assert termios.tcgetattr(terminal.child.child_fd) == before


def test_a_signal_while_the_app_is_made_leaves_the_terminal_as_it_was(project: Path) -> None:
    for moment in range(10):
        with running(project) as terminal:
            before = termios.tcgetattr(terminal.child.child_fd)
            terminal.until_shown("● app")
            time.sleep(0.04 * moment)  # the rows are there, and the app comes within this
            terminal.child.kill(signal.SIGTERM)
            said = terminal.rest()
            terminal.child.wait()
            assert terminal.child.exitstatus == 128 + signal.SIGTERM, (moment, said)
            assert b"\x1b[?1049l" in said, (moment, said)
            assert b"Traceback" not in said
            assert termios.tcgetattr(terminal.child.child_fd) == before, moment


def test_a_terminal_that_is_closed_ends_the_app(project: Path) -> None:
    with running(project) as terminal:
        terminal.until_shown("● app")
        with Path("/dev/null").open("rb") as nothing:
            os.dup2(nothing.fileno(), terminal.child.child_fd)  # the terminal is closed, as its window would be: SIGHUP
        terminal.child.wait()
        assert terminal.child.exitstatus == 128 + signal.SIGHUP
    assert not children_in(project)


def test_a_container_that_dies_under_a_shell_leads_back_to_the_app(docker: Docker, project: Path) -> None:
    with running(project) as terminal:
        terminal.until_shown("● redis")
        terminal.child.send("jj")
        terminal.until_shown("ready for connections")
        terminal.child.send("e")
        terminal.until_shown("#")
        docker.run("kill", f"{project.name}-redis-1")
        terminal.until_shown("○ redis")
        terminal.until_shown("ended with status 137")
        terminal.child.send("s")
        terminal.until_shown("● redis")
        terminal.child.send("q")
        terminal.rest()


def children_in(project: Path) -> list[str]:
    """Programs that still run for this project."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(project) in words:
                found.append(words)
    return found
