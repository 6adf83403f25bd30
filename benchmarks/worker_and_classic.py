"""Requests a second of /up at one connection: worker mode against classic mode, in the production image.

    python benchmarks/worker_and_classic.py PROJECT [ROUNDS]

Both containers run the stage `app` as the scaffold writes it, one with the Caddyfile of each mode; rounds alternate.
Target: at least 7 times.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import devkit, table

from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.render import render
from devkit.setup.answers import with_setting
from devkit.setup.rendering import context_for

_SECONDS = 4.0


def main(project: Path, rounds: int) -> None:
    devkit("build", "app", directory=project)
    settings = read_settings(project / "devkit.toml")
    rates: dict[str, list[float]] = {"classic": [], "worker": []}
    with tempfile.TemporaryDirectory() as temporary:
        containers: dict[str, tuple[str, int]] = {}
        try:
            for mode in rates:
                changed = with_setting(settings, "php.mode", mode)
                files = render(changed, context_for(project, changed, detect(project)))
                caddyfile = Path(temporary) / f"{mode}.Caddyfile"
                caddyfile.write_text(files["docker/Caddyfile"].text, encoding="utf-8")
                caddyfile.chmod(0o644)
                containers[mode] = start(f"{settings.name}-app:app", caddyfile)
            for _, port in containers.values():
                wait(port)
                rate(port, 1.0)
            for _ in range(rounds):
                for mode, (_, port) in containers.items():
                    rates[mode].append(rate(port, _SECONDS))
        finally:
            for container, _ in containers.values():
                subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
    print(
        table(
            "/up at one connection, stage app",
            [("classic mode", rates["classic"], "/s"), ("worker mode", rates["worker"], "/s")],
        )
    )


def start(image: str, caddyfile: Path) -> tuple[str, int]:
    """A container of the production image with one mode's Caddyfile: its id and host port."""
    key = "base64:" + "A" * 43 + "="
    environment = {"APP_KEY": key, "APP_ENV": "production", "SESSION_DRIVER": "array", "CACHE_STORE": "array"}
    flags = [flag for name, value in environment.items() for flag in ("--env", f"{name}={value}")]
    mount = f"{caddyfile}:/etc/frankenphp/Caddyfile:ro"
    run = ["docker", "run", "--detach", "--publish", "127.0.0.1::8080", "--volume", mount, *flags, image]
    container = subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()
    port = subprocess.run(["docker", "port", container, "8080/tcp"], check=True, capture_output=True, text=True).stdout
    return container, int(port.splitlines()[0].rpartition(":")[2])


def wait(port: int) -> None:
    """Until the container answers; there is no event for it without a health check's delay."""
    for _ in range(200):
        try:
            if rate(port, 0.0) >= 0:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    sys.exit(f"port {port} does not answer")


def rate(port: int, seconds: float) -> float:
    """Answers of 200 a second over one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began, count = time.perf_counter(), 0
    try:
        while count == 0 or time.perf_counter() - began < seconds:
            connection.request("GET", "/up")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            count += 1
    finally:
        connection.close()
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
