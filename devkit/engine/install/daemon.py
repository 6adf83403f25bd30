"""Starting the Docker daemon, with systemd and without, and knowing when it is ready."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine import http_socket
from devkit.engine.install.commands import OnLine, run_lines
from devkit.engine.install.machine import Rights, rights
from devkit.engine.install.programs import at_least, capture_version, engine_path
from devkit.engine.install.unpacked import read_stamp
from devkit.engine.versions import OLDEST
from devkit.project.errors import CommandError, EngineError
from devkit.project.paths import MachinePaths

SOCKET = Path("/var/run/docker.sock")
PID_FILE = Path("/var/run/docker.pid")
SYSTEMD = Path("/run/systemd/system")
UNIT = "devkit-docker.service"
UNIT_DIRECTORY = Path("/etc/systemd/system")
READY_SECONDS = 90.0
_PING_SECONDS = 5.0
LOG_LINES = 8


@dataclass(frozen=True)
class Daemon:
    """A daemon that this call started itself; it lives on in a session of its own."""

    process: subprocess.Popen[bytes]
    log: Path


def start_daemon(
    paths: MachinePaths,
    on_line: OnLine,
    *,
    extra_args: Sequence[str] = (),
    socket_path: Path = SOCKET,
) -> Daemon | None:
    """Have an engine answer on `socket_path` within 90 s; None where this call started none itself.

    Where no systemd runs, dockerd is started in a session of its own, with its log in
    `paths.state`/dockerd.log; `extra_args` are added to it (and keep systemd out of it). EngineError with
    the daemon's last words where it ends or is not ready in time.
    """
    if answers(socket_path):
        return None
    allowed = rights()
    if allowed is None:
        raise EngineError(
            "the Docker daemon is not running, and starting it needs root",
            "run: sudo systemctl start docker (or: sudo service docker start)",
        )
    if SYSTEMD.is_dir() and not extra_args:
        _start_by_systemd(paths, allowed, on_line)
        _wait_for_socket(socket_path)
        return None
    if not extra_args and (running := _running_daemon()) is not None:
        on_line("a Docker daemon is starting already: waiting for it")
        _wait_for_socket(socket_path, running)
        return None
    return _start_directly(paths, allowed, on_line, extra_args, socket_path)


def answers(socket_path: Path) -> bool:
    """Whether an engine answers on a socket; one that is not permitted counts, for it is there."""
    try:
        return http_socket.request(socket_path, "GET", "/_ping", timeout=_PING_SECONDS)[0] == http_socket.HTTP_OK
    except PermissionError:
        return True
    except OSError:
        return False


def _start_by_systemd(paths: MachinePaths, allowed: Rights, on_line: OnLine) -> None:
    """The unit of the system's packages, or one of devkit's own for an engine that devkit unpacked."""
    unit = "docker.service"
    if read_stamp(paths.engine) is not None:
        unit = UNIT
        with tempfile.NamedTemporaryFile("w", suffix=".service", encoding="utf-8") as text:
            text.write(unit_text(paths.engine))
            text.flush()
            run_lines(allowed.command("install", "-m", "0644", text.name, str(UNIT_DIRECTORY / UNIT)), on_line)
        run_lines(allowed.command("systemctl", "daemon-reload"), on_line)
        run_lines(allowed.command("systemctl", "enable", UNIT), on_line)
    on_line(f"systemctl start {unit}")
    try:
        run_lines(allowed.command("systemctl", "start", unit), on_line)
    except CommandError as error:
        raise EngineError(
            f"the Docker daemon did not start: {error.message}",
            f"see why with: journalctl -u {unit} -n 30",
        ) from error


def unit_text(engine: Path) -> str:
    """The systemd unit of an unpacked engine, as Docker's own unit is, less what asks for its packages."""
    return f"""# Written by devkit: the Docker daemon that devkit unpacked.
[Unit]
Description=Docker daemon, unpacked by devkit
After=network-online.target
Wants=network-online.target
Conflicts=docker.service docker.socket

[Service]
Type=notify
Environment="PATH={engine}/usr/sbin:{engine}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ExecStart="{engine}/usr/sbin/dockerd"
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutStartSec=0
Restart=always
RestartSec=2
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
"""


def _start_directly(
    paths: MachinePaths,
    allowed: Rights,
    on_line: OnLine,
    extra_args: Sequence[str],
    socket_path: Path,
) -> Daemon:
    path = engine_path(paths.engine)
    program = shutil.which("dockerd", path=path)
    if program is None:
        raise EngineError("no Docker daemon is installed here", "run: devkit init --install-docker")
    version = capture_version(program)
    if not at_least(version, OLDEST["engine"]):
        raise EngineError(
            f"{program} is too old for devkit, which needs Engine {OLDEST['engine'][0]}",
            "run: devkit init --install-docker",
        )
    paths.state.mkdir(parents=True, exist_ok=True)
    log = paths.state / "dockerd.log"
    with (
        tempfile.TemporaryDirectory(prefix="devkit-") as directory,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready,
    ):
        ready.bind(f"{directory}/ready")
        words = ["env", f"PATH={path}", f"NOTIFY_SOCKET={directory}/ready", program, *extra_args]
        if not allowed.is_root and not extra_args:
            words += ["--group", str(os.getgid())]  # usable at once; group docker counts from the next login
        on_line(f"starting {program} (log: {log})")
        with log.open("wb") as output:
            process = subprocess.Popen(
                allowed.command(*words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        _wait_until_ready(process, ready, log)
    if not answers(socket_path):
        raise EngineError(
            f"the Docker daemon says that it is ready, but {socket_path} does not answer",
            f"see its log: {log}",
        )
    return Daemon(process, log)


def _wait_until_ready(process: subprocess.Popen[bytes], ready: socket.socket, log: Path) -> None:
    """Wait for the daemon's READY=1 (sd_notify(3)) or its end, whichever comes first."""
    deadline = time.monotonic() + READY_SECONDS
    ended = os.pidfd_open(process.pid)
    try:
        while (left := deadline - time.monotonic()) > 0:
            readable = select.select([ready.fileno(), ended], [], [], left)[0]
            if ready.fileno() in readable and b"READY=1" in ready.recv(4096).split(b"\n"):
                return
            if ended in readable:
                process.wait()
                words = last_lines(log)
                raise EngineError(f"the Docker daemon ended at once: {words}", advice(words, log))
    finally:
        os.close(ended)
    words = last_lines(log)
    raise EngineError(f"the Docker daemon was not ready after {READY_SECONDS:.0f} s: {words}", advice(words, log))


def last_lines(log: Path) -> str:
    """The end of the daemon's log, warnings and chatter left out where it says an error."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    errors = [line for line in lines if "level=" not in line or "level=error" in line or "level=fatal" in line]
    return " | ".join((errors or lines)[-LOG_LINES:]) or "it said nothing"


def advice(words: str, log: Path) -> str:
    """What a person can do about a daemon that did not start, by its last words."""
    if "iptables" in words or "nf_tables" in words:
        return "switch to the other iptables: sudo update-alternatives --set iptables /usr/sbin/iptables-legacy"
    if "overlay" in words or "storage-driver" in words or "graphdriver" in words:
        return f"the kernel or file system lacks overlayfs: see {log}"
    if "cgroup" in words:
        return "mount the control groups: sudo mount -t cgroup2 none /sys/fs/cgroup"
    if "permitted" in words or "permission" in words:
        return "run it on a machine, or in a container that is privileged: the daemon needs root's full rights"
    return f"see its log: {log}"


def _running_daemon() -> int | None:
    """The process in the daemon's PID file, if it is alive and a dockerd."""
    try:
        pid = int(PID_FILE.read_text().strip())
    except (OSError, ValueError):
        return None
    return pid if _is_daemon(pid) else None


def _is_daemon(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd"
    except OSError:
        return False


def _wait_for_socket(socket_path: Path, daemon: int | None = None) -> None:
    """Bounded poll: a daemon that someone else started gives this process no event. `daemon` is its id, if known."""
    deadline = time.monotonic() + READY_SECONDS
    while not answers(socket_path):
        if daemon is not None and not _is_daemon(daemon):
            raise EngineError("the Docker daemon that was starting has ended", "see why in its log, then try again")
        if time.monotonic() > deadline:
            raise EngineError(
                f"no Docker daemon answers on {socket_path} after {READY_SECONDS:.0f} s",
                "see why with: journalctl -u docker -n 30, or the daemon's own log",
            )
        time.sleep(0.1)
