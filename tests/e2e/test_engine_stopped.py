"""The engine stopped between two runs: said with the right exit status, and started again where that is agreed to.

In namespaces of their own, where the machine's engine is not to be seen: a mount namespace with another /run and
/var/lib/docker, and a network namespace for the daemon's bridge.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import Finished, devkit

pytestmark = pytest.mark.e2e

# Process 1 of the namespaces: makes the machine look as if no engine ran, then takes care of whatever is orphaned.
FIRST_PROCESS = """
import fcntl, os, signal, socket, struct, subprocess, sys

subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
os.makedirs("/var/lib/docker", exist_ok=True)
subprocess.run(["mount", "--bind", sys.argv[1], "/var/lib/docker"], check=True)
with socket.socket() as any_socket:  # ip link set lo up
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))
signal.signal(signal.SIGCHLD, lambda *_: None)
print("ready", flush=True)
while True:
    try:
        os.wait()
    except ChildProcessError:
        signal.sigwait([signal.SIGCHLD])
"""


@dataclass(frozen=True)
class Machine:
    """A machine without a running engine, in namespaces of this one."""

    process: int
    place: Path

    @property
    def inside(self) -> list[str]:
        return ["nsenter", f"--target={self.process}", "--mount", "--net", "--pid", "--"]

    def devkit(self, *arguments: str, env: dict[str, str] | None = None) -> Finished:
        # devkit's own data (its engine's programs) are the machine's; what it remembers is not.
        variables = {"XDG_STATE_HOME": str(self.place / "state"), "DOCKER_HOST": "", **(env or {})}
        return devkit(*arguments, directory=self.place, through=self.inside, env=variables)

    def run(self, *command: str) -> str:
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, check=True)
        return done.stdout

    def stop_engine(self) -> None:
        """Ask the daemon to end, and wait until it has."""
        program = (
            "import os, select, signal\n"
            "pid = int(open('/run/docker.pid').read())\n"
            "ended = os.pidfd_open(pid)\n"
            "os.kill(pid, signal.SIGTERM)\n"
            "assert select.select([ended], [], [], 60)[0]\n"
        )
        self.run(sys.executable, "-c", program)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    place = Path(tempfile.mkdtemp(prefix="devkit-engine-", dir="/var/tmp"))
    (place / "docker").mkdir()
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    holder = subprocess.Popen(
        [*command, sys.executable, "-c", FIRST_PROCESS, str(place / "docker")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        yield Machine(int(children[0]), place)
    finally:
        holder.kill()
        holder.wait()
        shutil.rmtree(place, ignore_errors=True)


def started_until_images(machine: Machine, *flags: str) -> str:
    """A first run that is killed once it has an engine and begins with the images; what it said."""
    arguments = ["init", "shop", "--yes", "--json", "--images", "local", *flags]
    said = []
    with subprocess.Popen(
        [*machine.inside, sys.executable, "-m", "devkit.entry", *arguments],
        cwd=machine.place,
        env={**os.environ, "XDG_STATE_HOME": str(machine.place / "state"), "DOCKER_HOST": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                said.append(line)
                if " images:" in line:
                    break
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    return "".join(said)


def error(done: Finished) -> dict[str, str]:
    found: dict[str, str] = json.loads(done.stdout)["error"]
    assert "\n" not in found["message"]
    assert found["hint"]
    return found


def test_without_a_consent_nothing_is_started_or_written(machine: Machine) -> None:
    done = machine.devkit("init", "shop", "--yes", "--json", "--images", "local")
    assert done.status == 5, done.stderr
    assert "the container engine is not started" in error(done)["message"]
    assert not (machine.place / "shop").exists()


def test_with_the_consent_it_is_started_also_when_it_was_stopped_between_two_runs(machine: Machine) -> None:
    first = started_until_images(machine, "--install-docker")
    assert "▸ images" in first or "> images" in first, first
    assert machine.run("docker", "version", "--format", "{{.Server.Version}}").strip()
    machine.stop_engine()

    assert machine.devkit("init", "shop", "--yes", "--json", "--images", "local").status == 5
    again = started_until_images(machine, "--install-docker")
    assert "▸ images" in again or "> images" in again, again
    assert machine.run("docker", "version", "--format", "{{.Server.Version}}").strip()
    machine.stop_engine()


def test_commands_of_a_project_say_that_the_engine_is_stopped_and_change_nothing(machine: Machine) -> None:
    project = machine.place / "project"
    project.mkdir()
    (project / "devkit.toml").write_text('schema = 1\n[project]\nname = "stopped"\n')
    for command in ("up", "down", "restart", "status", "logs", "build"):
        done = machine.devkit("--json", "--project", str(project), command)
        assert done.status == 3, (command, done.stderr)
        assert error(done)["code"] == "engine"
        assert "the container engine is not started" in error(done)["message"]
        assert "--install-docker" in error(done)["hint"]
    assert [path.name for path in project.iterdir()] == ["devkit.toml"]


def test_an_engine_that_was_named_is_not_replaced_by_another(machine: Machine) -> None:
    host = {"DOCKER_HOST": "unix:///run/another.sock"}
    done = machine.devkit("init", "shop", "--yes", "--json", "--images", "local", "--install-docker", env=host)
    assert done.status == 3, done.stderr
    assert "/run/another.sock (DOCKER_HOST)" in error(done)["message"]
    assert not (machine.place / "shop").exists()
