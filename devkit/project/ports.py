"""Host ports: which are free, who holds one, and which to take.

All published ports lie on 127.0.0.1, so that is where a port has to be free.
"""

from __future__ import annotations

import errno
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from pathlib import Path

from devkit.project.errors import FailedError, UsageError

_HOST = "127.0.0.1"
_HIGHEST = 65535
_LISTEN = "0A"
_LSOF_SECONDS = 10.0
_SHIFT = 8000
"""What a port that needs privileges is moved by: 80 becomes 8080, 443 becomes 8443."""


class PortState(Enum):
    """Whether a port can be taken, and if not, why."""

    FREE = "free"
    TAKEN = "taken"
    NOT_PERMITTED = "not permitted"
    """Below 1024 (or where the system draws the line), and this user may not bind it."""


def port_state(port: int) -> PortState:
    """Try to listen on the port, and whether something answers on it."""
    _valid(port)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        # a port whose last connections are still closing is free for the engine as well
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((_HOST, port))
            server.listen(1)
        except PermissionError:
            return PortState.TAKEN if _answers(port) else PortState.NOT_PERMITTED
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return PortState.TAKEN
            raise FailedError(f"{_HOST} cannot be listened on: {error.strerror}") from error
    # macOS lets a second socket bind beside one that listens on all addresses
    return PortState.TAKEN if _answers(port) else PortState.FREE


def is_free(port: int) -> bool:
    """Whether a service can publish this port; UsageError where it is none."""
    return port_state(port) is PortState.FREE


def holder(port: int) -> str | None:
    """Who listens on a TCP port: `process nginx (pid 12)`, or of whom, or None where nothing is seen."""
    if sys.platform.startswith("linux"):
        return _holder_by_proc(port, Path("/proc"))
    return _holder_by_lsof(port)


def choose_ports(
    wanted: Mapping[str, int],
    remembered: Mapping[str, int],
    taken: Collection[int] = (),
    ours: Collection[int] = (),
    *,
    privileged: bool = False,
) -> dict[str, int]:
    """A port for each name of `wanted`, the same ones for the same state of the machine.

    A remembered port is kept while it is free or held by the project's own containers (`ours`); else it is the
    wanted one, else the next free one above it. `taken` are ports that others will want, or have, also where they
    are of the project. A port that needs privileges is moved up by 8000, unless the engine, which publishes them, has
    these (`privileged`). No port is given out twice.
    """
    free = (PortState.FREE, PortState.NOT_PERMITTED) if privileged else (PortState.FREE,)
    for port in wanted.values():
        _valid(port)
    chosen: dict[str, int] = {}

    def usable(port: int) -> bool:
        if port in chosen.values() or port in taken:
            return False
        return port in ours or port_state(port) in free

    for name in wanted:
        kept = remembered.get(name)
        if kept is not None and 0 < kept <= _HIGHEST and usable(kept):
            chosen[name] = kept
    for name, port in wanted.items():
        if name not in chosen:
            found = next((candidate for candidate in _candidates(port) if usable(candidate)), None)
            if found is None:
                raise FailedError(f"no free port for {name} on 127.0.0.1", "end what listens on so many ports")
            chosen[name] = found
    return {name: chosen[name] for name in wanted}


def _candidates(port: int) -> Iterator[int]:
    start = port
    if port_state(port) is PortState.NOT_PERMITTED:
        start = port + _SHIFT
    yield port
    yield from range(start, _HIGHEST + 1)
    yield from range(1024, start)


def _valid(port: int) -> None:
    if not 0 < port <= _HIGHEST:
        raise UsageError(f"{port} is not a port", f"a port is a number from 1 to {_HIGHEST}")


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(0.5)
        return client.connect_ex((_HOST, port)) == 0


def _holder_by_proc(port: int, proc: Path) -> str | None:
    """From the kernel's tables: the listening sockets' inodes, then who has one open."""
    sockets: dict[str, int] = {}
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (proc / table).read_text().splitlines()[1:]
        except OSError:
            continue  # no IPv6 here
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                sockets[f"socket:[{fields[9]}]"] = int(fields[7])
    if not sockets:
        return None
    for process in sorted((p for p in proc.iterdir() if p.name.isdigit()), key=lambda p: int(p.name)):
        if _has_open(process, sockets):
            try:
                name = (process / "comm").read_text().strip()
            except OSError:
                continue  # it has just ended
            return f"process {name} (pid {process.name})"
    return f"a process of user {_user(next(iter(sockets.values())))}"


def _has_open(process: Path, sockets: Collection[str]) -> bool:
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return False  # another user's process, or one that has just ended
    for descriptor in descriptors:
        try:
            if os.readlink(descriptor) in sockets:  # noqa: PTH115 - Path.readlink would parse each one
                return True
        except OSError:
            continue
    return False


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _holder_by_lsof(port: int) -> str | None:
    program = shutil.which("lsof", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if program is None:
        return None
    command = [program, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=_LSOF_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return holder_in_lsof(done.stdout.decode(errors="replace"))


def holder_in_lsof(output: str) -> str | None:
    """The first process in lsof's field output: a line `pPID`, then `cCOMMAND`."""
    found = re.search(r"^p(\d+)\n(?:.*\n)*?c(.+)$", output, re.MULTILINE)
    return f"process {found[2]} (pid {found[1]})" if found else None
