"""`devkit delete --self`: devkit itself leaves the machine; the projects, their containers and Docker stay."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.laravel import watch_process
from devkit.project.errors import FailedError
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.setup.known_projects import known_projects

MARK = "written by devkit's quickstart.py"
"""Stands in the launcher that quickstart writes: a `devkit` without it is somebody else's."""

_LAUNCHER_BYTES = 2000


@dataclass(frozen=True)
class Installation:
    """What is removed, what stays and why, and the command where another program installed devkit (else empty)."""

    removed: tuple[Path, ...]
    stays: tuple[str, ...]
    command: str

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit delete --self --json`."""
        return {"removed": [str(path) for path in self.removed], "stays": list(self.stays), "command": self.command}


def installation(machine: MachinePaths, *, home: Path, prefix: Path) -> Installation:
    """What devkit put on this machine; `prefix` is the environment that runs now."""
    environment = machine.data / "venv"
    launcher = home / ".local" / "bin" / "devkit"
    wanted = [environment, machine.data / "venv.lock", machine.cache, machine.state]
    if _is_ours(launcher):
        wanted.insert(1, launcher)
    stays = [f"the projects, {len(known_projects(machine))} of them: their files, containers and data"]
    if machine.engine.is_dir():
        stays.append(f"the container engine in {machine.engine}: the projects run on it")
    if (snapshots := machine.data / "snapshots").is_dir():
        stays.append(f"the snapshots of databases in {snapshots}")
    command = "" if prefix.resolve() == environment.resolve() else _installed_by(prefix)
    return Installation(tuple(path for path in wanted if path.exists()), tuple(stays), command)


def uninstall(machine: MachinePaths, found: Installation) -> None:
    """Remove it; FailedError names what could not be. Nothing may be imported afterwards: it may be gone."""
    for directory in known_projects(machine).values():
        watch_process.end(ProjectPaths(directory))
    for path in found.removed:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise FailedError(
                f"{error.filename or path} could not be removed: {error.strerror}", f"remove {path} by hand"
            ) from error


def this_prefix() -> Path:
    """The environment that runs now."""
    return Path(sys.prefix)


def _installed_by(prefix: Path) -> str:
    parts = prefix.parts
    if "pipx" in parts:
        return "pipx uninstall devkit"
    if "uv" in parts and "tools" in parts:
        return "uv tool uninstall devkit"
    return f"{prefix / 'bin' / 'python'} -m pip uninstall devkit"


def _is_ours(launcher: Path) -> bool:
    try:
        with launcher.open("rb") as stream:
            return os.fsencode(MARK) in stream.read(_LAUNCHER_BYTES)
    except OSError:
        return False
