"""FrankenPHP's file watcher: a Python wheel, fetched with pip from the machine's own index."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from devkit.engine.docker import Docker
from devkit.engine.install.commands import capture, run_lines
from devkit.project.errors import FailedError

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def fetch_watcher(docker: Docker, requirements: Path, directory: Path, on_line: Callable[[str], None]) -> Path:
    """The directory with the wheel for the engine's machine; pip checks it against the hash in `requirements`.

    One that is there already is not asked for again. FailedError where there is no wheel for this kind of
    machine, or no pip.
    """
    kind = docker.run("version", "--format", "{{.Server.Arch}}").stdout.decode().strip()
    machine = _MACHINES.get(kind)
    if machine is None:
        raise FailedError(
            f"there is no file watcher for {kind} machines, so no stand-in for FrankenPHP",
            "make an image registry reachable, or use an amd64 or arm64 engine",
        )
    directory = directory / machine
    directory.mkdir(parents=True, exist_ok=True)
    if _is_there(requirements, directory):
        return directory
    run_lines(
        [
            *_pip(),
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            f"--platform=manylinux2014_{machine}",
            f"--platform=manylinux_2_17_{machine}",
            f"--dest={directory}",
            f"--requirement={requirements}",
        ],
        on_line,
        hint="see that pip reaches its index: pip download wtr-watcher",
    )
    return directory


def _is_there(requirements: Path, directory: Path) -> bool:
    """Whether a wheel that is asked for is there, whole; any other one (of another version) is removed."""
    wanted = re.findall(r"--hash=sha256:([0-9a-f]{64})", requirements.read_text(encoding="utf-8"))
    found = False
    for wheel in directory.glob("*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() in wanted:
            found = True
        else:
            wheel.unlink()
    return found


def _pip() -> list[str]:
    """A pip that runs: this environment's, the wheel that quickstart keeps, the system's, or uv's."""
    # quickstart keeps pip as a file where Python comes without ensurepip: a wheel can be run as it is.
    wheels = sorted(Path(sys.prefix).glob("pip-*.whl")) + sorted(Path(sys.prefix).glob("pip-*/pip-*.whl"))
    candidates = [
        [sys.executable, "-m", "pip"],
        *([sys.executable, str(wheel / "pip")] for wheel in reversed(wheels)),
        ["python3", "-m", "pip"],
        *([["uv", "tool", "run", "pip"]] if shutil.which("uv") else []),
    ]
    for candidate in candidates:
        if capture([*candidate, "--version"]):
            return candidate
    raise FailedError(
        "FrankenPHP's file watcher is a Python wheel, and there is no pip to fetch it with",
        "install one: sudo apt-get install python3-pip",
    )
