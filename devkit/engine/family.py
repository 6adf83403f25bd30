"""A program that a person's own line started, with all that descends from it: signalled and ended together.

At a terminal it shares devkit's process group, so that it may use the terminal, and Ctrl-C and Ctrl-Z reach it as they
do anywhere: a group of its own would be stopped at the first password that it asks for. So who belongs to it is looked
up. What left its parents and its group on purpose, as daemons do, is no longer the program's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 3.0
"""After the second request: a devkit among them kills then what it runs in a container."""

Process = tuple[int, str]
"""Its id and when it was started: an id alone may be another one's by and by."""

Kin = tuple[int, int]
"""The ids of a process's parent and of its group."""


def in_foreground() -> bool:
    """Whether this process's group has the terminal: the signals of its keys go to all of the group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def own_group() -> int | None:
    """For Popen's `process_group`: a group of its own, where no terminal needs the program in this one.

    Whoever signals devkit's whole group does not signal the program twice then.
    """
    return None if in_foreground() else 0


class Family:
    """A child that has not been waited for yet, its descendants as far as they were ever seen, and its own group."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._seen: set[Process] = set()
        try:
            self._leads = os.getpgid(child.pid) == child.pid
        except (ProcessLookupError, PermissionError):  # what macOS says of one that has just ended
            self._leads = False

    def signal(self, number: int) -> None:
        """Send a signal to each of them that is there now, those that have lost their parent since among them."""
        main = [self._child.pid] if self._child.returncode is None else []  # once waited for, its id is anybody's
        here = kin()
        each = [*main, *(pid for pid, _ in self._left(here, main))]
        if self._leads:  # the system lets nobody fork out of a group that is signalled
            _send(os.killpg, self._child.pid, number)
            inside = {pid for (pid, _), (_, group) in here.items() if group == self._child.pid}
            each = [pid for pid in each if pid not in inside]
        for pid in each:
            _send(os.kill, pid, number)

    def end(self, seconds: float, *, asked: bool = False) -> None:
        """Ask all of them to end, twice, and kill what is left then; `asked` says that the terminal has asked once.

        An exception meanwhile (a second Ctrl-C) kills them at once, and passes through.
        """
        try:
            for patience in (seconds, _AGAIN_SECONDS):
                if not asked:
                    self.signal(signal.SIGTERM)
                asked = False
                if self.wait(patience):
                    return
        finally:
            self.signal(signal.SIGKILL)
            self._child.wait()

    def wait(self, seconds: float) -> bool:
        """Whether they have all ended within the time: no event tells of a process that is not one's own child."""
        deadline = time.monotonic() + seconds
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(seconds)
        while (left := self._left(kin())) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return not left and self._child.returncode is not None

    def _left(self, here: Mapping[Process, Kin], main: Sequence[int] = ()) -> set[Process]:
        """Those besides the child that are `here`, with what has been forked since they were looked for before."""
        self._seen |= _below([*main, *(pid for pid, _ in self._seen & set(here))], here)
        if self._leads:  # the id stays the group's as long as one of it is there
            own = self._child.pid
            self._seen |= {process for process, (_, group) in here.items() if group == own and process[0] != own}
        return self._seen & set(here)


def _send(kill: Callable[[int, int], None], whom: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        kill(whom, number)


def _below(pids: Sequence[int], here: Mapping[Process, Kin]) -> set[Process]:
    """All that descends from these."""
    children: dict[int, list[Process]] = {}
    for process, (parent, _) in here.items():
        children.setdefault(parent, []).append(process)
    found: set[Process] = set()
    waiting = list(pids)
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += [pid for pid, _ in below]
    return found


def kin() -> dict[Process, Kin]:
    """Parent and group of each process of this machine that has not ended."""
    if not Path("/proc/self/stat").exists():
        return kin_by_ps()
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                # The name stands in parentheses, and may hold any. Then state, parent, group; the 22nd is the start.
                fields = Path(entry.path, "stat").read_bytes().rpartition(b") ")[2].split()
                if fields[0] not in (b"Z", b"X"):
                    found[int(entry.name), fields[19].decode()] = (int(fields[1]), int(fields[2]))
    return found


def kin_by_ps() -> dict[Process, Kin]:
    """The same where there is no /proc, as on macOS."""
    command = ["ps", "-A", "-o", "pid=,ppid=,pgid=,state=,lstart="]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = {}
    for line in said.splitlines():
        pid, parent, group, state, started = line.split(None, 4)
        if not state.startswith("Z"):
            found[int(pid), started.strip()] = (int(parent), int(group))
    return found
