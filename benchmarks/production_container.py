"""Containers of the stage `app` with the settings of one side of a comparison, and the load that wrk puts on them.

The load goes to the container's own address: Docker's proxy for published ports would be measured with every side.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.project.settings import Settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.render import render
from devkit.setup.answers import with_setting
from devkit.setup.rendering import context_for

_SCRIPT = Path(__file__).parent / "report.lua"

ENVIRONMENT = {"APP_KEY": f"base64:{'A' * 43}=", "SESSION_DRIVER": "array", "CACHE_STORE": "array"}
"""Sessions of requests without a cookie would pile up as files."""


@dataclass(frozen=True)
class Load:
    """One run of wrk: answers and a second's share of them, milliseconds, and failures by the kinds that wrk knows."""

    requests: int
    rate: float
    mean: float
    p50: float
    p99: float
    errors: Mapping[str, int]


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")


def mounts(project: Path, settings: Settings, directory: Path, changes: Mapping[str, str]) -> list[str]:
    """Options of `docker run` that lay the Caddyfile and PHP settings of changed settings over the image's."""
    changed = settings
    for name, value in changes.items():
        changed = with_setting(changed, name, value)
    files = render(changed, context_for(project, changed, detect(project)))
    directory.mkdir()
    options = []
    for source, target in (
        ("docker/Caddyfile", "/etc/frankenphp/Caddyfile"),
        ("docker/php/20-production.ini", "/usr/local/etc/php/conf.d/20-production.ini"),
    ):
        path = directory / Path(source).name
        path.write_text(files[source].text, encoding="utf-8")
        path.chmod(0o644)
        options += ["--volume", f"{path}:{target}:ro"]
    directory.chmod(0o755)
    return options


def start(image: str, options: Sequence[str], variables: Mapping[str, str], command: Sequence[str] = ()) -> str:
    """A container that runs: its id. Values of variables stay out of the command line."""
    given = {**ENVIRONMENT, **variables}
    names = [word for name in given for word in ("--env", name)]
    run = ["docker", "run", "--detach", *names, *options, image, *command]
    done = subprocess.run(run, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"a container of {image} does not start: {done.stderr}")
    return done.stdout.strip()


def remove(container: str) -> None:
    subprocess.run(["docker", "rm", "--force", "--volumes", container], capture_output=True, check=False)


def address_of(container: str) -> str:
    """The container's server on its own network address."""
    inspect = ["docker", "inspect", "--format", "{{json .NetworkSettings.Networks}}", container]
    networks = json.loads(subprocess.run(inspect, check=True, capture_output=True).stdout)
    return next(f"http://{network['IPAddress']}:8080" for network in networks.values())


def wait(container: str, path: str = "/up") -> bytes:
    """What the container answers once it does; there is no event for it without a health check's delay."""
    address, last = address_of(container) + path, ""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                body: bytes = answer.read()
                return body
        except (OSError, urllib.error.URLError) as error:
            last = str(error)
            time.sleep(0.1)
    logs = subprocess.run(["docker", "logs", "--tail", "30", container], capture_output=True, text=True, check=False)
    sys.exit(f"{address} does not answer: {last}\n{logs.stdout}{logs.stderr}")


def cpu_seconds(container: str) -> float:
    """What the container's processes have used of the processors since its start."""
    files = "cat /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpuacct/cpuacct.usage"
    said = subprocess.run(["docker", "exec", container, "sh", "-c", files], check=True, capture_output=True, text=True)
    first = said.stdout.split("\n")[0].split()
    return int(first[-1]) / (1e6 if first[0] == "usage_usec" else 1e9)


def load(address: str, seconds: int, connections: int = 1) -> Load:
    """wrk for so long over so many kept connections."""
    threads = str(min(connections, 2))
    command = ["wrk", "--threads", threads, "--connections", str(connections), "--duration", f"{seconds}s"]
    command += ["--timeout", "10s", "--script", str(_SCRIPT), address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("REPORT "))
    body = json.loads(line.removeprefix("REPORT "))
    errors = {name: body[name] for name in ("connect", "read", "write", "timeout", "status")}
    rate = body["requests"] / (body["duration"] / 1e6)
    return Load(body["requests"], rate, body["mean"] / 1000, body["p50"] / 1000, body["p99"] / 1000, errors)
