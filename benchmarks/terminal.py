"""A program on a pseudo-terminal of 140x45: when its screen holds what, and what it takes meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

ROWS, COLUMNS = 45, 140
GIVE_UP = 60.0
IDLE_SECONDS = 30.0


def devkit_command() -> list[str]:
    """`devkit` as it was installed, else this checkout's."""
    installed = shutil.which("devkit")
    return [installed] if installed else [sys.executable, "-m", "devkit.entry"]


class Seen:
    """A program on a terminal, timed from its start."""

    def __init__(self, command: list[str], root: Path) -> None:
        self._began = time.perf_counter()
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.child = pexpect.spawn(
            command[0], command[1:], cwd=str(root), env=environment, dimensions=(ROWS, COLUMNS), timeout=GIVE_UP
        )
        self.child.delaybeforesend = None  # pexpect waits 50 ms before it sends a key
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.peak = 0.0
        """MiB of the program and its children."""

    def until(self, holds: Callable[[str], bool], longest: float = GIVE_UP) -> float | None:
        """Milliseconds from the start until the screen holds that; None if it does not within so many seconds."""
        end = time.perf_counter() + longest
        while time.perf_counter() < end:
            self.read(0.02)
            if holds("\n".join(self._screen.display)):
                return (time.perf_counter() - self._began) * 1000
        return None

    def read(self, seconds: float) -> None:
        try:
            data = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            data = b""
        if b"\x1b[6n" in data:
            self.child.send("\x1b[1;1R")
        self._stream.feed(data)
        self.peak = max(self.peak, self.resident())

    def answer(self, key: str, expected: bytes) -> float:
        """Seconds from a key until these bytes come; the screen is not kept meanwhile, which would take longer."""
        self.drain(0)
        began = time.perf_counter()
        self.child.send(key)
        received = b""
        while expected not in received:
            received = received[-len(expected) :] + self.child.read_nonblocking(65536, timeout=GIVE_UP)
        return time.perf_counter() - began

    def drain(self, seconds: float) -> None:
        """Take what it writes for so long, and look at none of it."""
        end = time.perf_counter() + seconds
        while True:
            try:
                self.child.read_nonblocking(65536, timeout=max(0.0, end - time.perf_counter()))
            except pexpect.TIMEOUT:
                return
            if time.perf_counter() > end:
                return

    def wait(self) -> None:
        """Until it has ended by itself."""
        self.child.expect(pexpect.EOF)
        self.child.close()

    def resident(self) -> float:
        """MiB of the program and its children now."""
        return sum(_resident(pid) for pid in self._tree())

    def cpu_share(self, seconds: float = IDLE_SECONDS) -> float:
        """Percent of one core over so long."""
        before, began = self._cpu(), time.perf_counter()
        self.drain(seconds)
        return 100 * (self._cpu() - before) / (time.perf_counter() - began)

    def close(self) -> None:
        self.child.close(force=True)

    def _tree(self) -> list[int]:
        found = [self.child.pid]
        for pid in found:
            try:
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            except OSError:
                continue
        return found

    def _cpu(self) -> float:
        """Seconds of the program and its children, those that have ended too."""
        ticks = 0
        for pid in self._tree():
            try:
                ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
            except OSError:
                continue
        return ticks / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
