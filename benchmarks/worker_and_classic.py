"""Requests a second of /up at one connection: worker mode against classic mode, in the production image.

    python benchmarks/worker_and_classic.py PROJECT [ROUNDS]

Every container runs the stage `app` as the scaffold writes it, with the Caddyfile and PHP settings of its side: each
mode without JIT (the default), and with `php.jit` as `function` and as `tracing`. Rounds alternate. The load is
wrk's, on the container's own address: Docker's proxy for published ports would be measured with both sides.
Target: worker mode at least 7 times classic mode.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from measure import devkit, table

from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.render import render
from devkit.setup.answers import with_setting
from devkit.setup.rendering import context_for

_SECONDS = 4
_WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Side:
    """One way to run the application."""

    mode: str
    jit: str

    def __str__(self) -> str:
        return f"{self.mode} mode" + ("" if self.jit == "off" else f", jit {self.jit}")


SIDES = [Side(mode, jit) for jit in ("off", "function", "tracing") for mode in ("classic", "worker")]


def main(project: Path, rounds: int) -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")
    devkit("build", "app", directory=project)
    settings = read_settings(project / "devkit.toml")
    rates: dict[Side, list[float]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as temporary:
        containers: dict[Side, str] = {}
        try:
            for side in SIDES:
                containers[side] = start(project, settings, side, Path(temporary) / str(side))
            addresses = {side: address_of(container) for side, container in containers.items()}
            for address in addresses.values():
                wait(address)
                rate(address, _WARM_UP_SECONDS)
            for _ in range(rounds):
                for side, address in addresses.items():
                    rates[side].append(rate(address, _SECONDS))
        finally:
            for container in containers.values():
                subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
    print(table("/up at one connection, stage app", [(str(side), rates[side], "/s") for side in SIDES]))


def start(project: Path, settings: Settings, side: Side, directory: Path) -> str:
    """A container of the production image with one side's Caddyfile and PHP settings: its id."""
    changed = with_setting(with_setting(settings, "php.mode", side.mode), "php.jit", side.jit)
    files = render(changed, context_for(project, changed, detect(project)))
    directory.mkdir()
    mounts = []
    for source, target in (
        ("docker/Caddyfile", "/etc/frankenphp/Caddyfile"),
        ("docker/php/20-production.ini", "/usr/local/etc/php/conf.d/20-production.ini"),
    ):
        path = directory / Path(source).name
        path.write_text(files[source].text, encoding="utf-8")
        path.chmod(0o644)
        mounts += ["--volume", f"{path}:{target}:ro"]
    directory.chmod(0o755)
    environment = {"APP_KEY": f"base64:{'A' * 43}=", "SESSION_DRIVER": "array", "CACHE_STORE": "array"}
    flags = [flag for name, value in environment.items() for flag in ("--env", f"{name}={value}")]
    image = f"{settings.name}-app:app"
    run = ["docker", "run", "--detach", *mounts, *flags, image]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


def address_of(container: str) -> str:
    """The container's /up on its own network address."""
    inspect = ["docker", "inspect", "--format", "{{json .NetworkSettings.Networks}}", container]
    networks = json.loads(subprocess.run(inspect, check=True, capture_output=True).stdout)
    return f"http://{networks['bridge']['IPAddress']}:8080/up"


def wait(address: str) -> None:
    """Until the container answers; there is no event for it without a health check's delay."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    sys.exit(f"{address} does not answer")


def rate(address: str, seconds: int) -> float:
    """Answers a second over one kept connection; an answer other than 2xx or 3xx ends the benchmark."""
    command = ["wrk", "--threads", "1", "--connections", "1", "--duration", f"{seconds}s", address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"^Requests/sec:\s+([\d.]+)", said, re.MULTILINE)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{address} answers with errors:\n{said}")
    return float(found[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
