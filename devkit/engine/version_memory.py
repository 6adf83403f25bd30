"""The plugins' versions, asked once and remembered for as long as their files stay the same.

Starting Compose and buildx for nothing but their version costs a tenth of a second, with every command that checks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from devkit.engine.connection import config_directory
from devkit.engine.docker import Docker
from devkit.engine.versions import PLUGIN_DIRECTORIES, Versions, read_engine_version, read_versions, version_problems
from devkit.project.files import write_atomically

_FILE = "versions.json"
_PLUGINS = ("docker-compose", "docker-buildx")


def known_versions(docker: Docker, state: Path) -> Versions:
    """What `read_versions` says; `state` is devkit's directory for what it remembers. EngineError as there.

    The engine itself is always asked. Only what is new enough is remembered: what is not will be replaced.
    """
    path, programs = state / _FILE, _programs(docker)
    plugins = _remembered(path, programs)
    if plugins is not None:
        engine, podman = read_engine_version(docker)
        return Versions(engine, *plugins, podman=podman)
    found = read_versions(docker)
    if programs is not None and not version_problems(found):
        entry = {"programs": programs, "compose": found.compose, "buildx": found.buildx}
        with suppress(OSError):  # then they are asked again the next time
            state.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(entry) + "\n")
    return found


def _remembered(path: Path, programs: list[str] | None) -> tuple[str, str] | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return (str(entry["compose"]), str(entry["buildx"])) if entry["programs"] == programs else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _programs(docker: Docker) -> list[str] | None:
    """A text for the client and for each plugin that is there, another one for another file; None without both."""
    plugins = [_identity(directory / name) for directory in _directories() for name in _PLUGINS]
    there = [plugin for plugin in plugins if plugin]
    if not all(any(f"/{name} " in plugin for plugin in there) for name in _PLUGINS):
        return None
    return [_identity(docker.binary), *there]


def _directories() -> Iterator[Path]:
    configuration = config_directory()
    try:
        settings = json.loads((configuration / "config.json").read_bytes())
        extra = settings.get("cliPluginsExtraDirs") or []
    except (OSError, ValueError, AttributeError):
        extra = []
    yield from (Path(str(directory)) for directory in extra)
    yield configuration / "cli-plugins"
    yield from PLUGIN_DIRECTORIES


def _identity(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{path} {status.st_ino} {status.st_size} {status.st_mtime_ns}"
