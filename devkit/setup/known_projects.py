"""The projects of this user on this machine: Compose project name -> directory, so that names never clash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.engine.containers import project_directories
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError, UsageError
from devkit.project.file_lock import locked
from devkit.project.files import write_atomically
from devkit.project.paths import SETTINGS_FILE, MachinePaths
from devkit.project.settings_file import read_settings

_FILE = "projects.json"


def known_projects(paths: MachinePaths) -> dict[str, Path]:
    """Every project that still has its devkit.toml, by name. A broken file counts as empty."""
    try:
        entries = json.loads((paths.state / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(entries, dict):
        return {}
    found = {name: Path(directory) for name, directory in entries.items() if isinstance(directory, str)}
    return {name: directory for name, directory in found.items() if (directory / SETTINGS_FILE).is_file()}


def free_name(paths: MachinePaths, wanted: str, directory: Path) -> str:
    """`wanted`, or `wanted-2`, `wanted-3` … where another directory's project has that name already."""
    projects = known_projects(paths)
    number, name = 1, wanted
    while projects.get(name, directory) != directory:
        number += 1
        name = f"{wanted}-{number}"
    return name


def refuse_name_of_another(paths: MachinePaths, name: str, directory: Path, docker: Docker | None = None) -> None:
    """UsageError where another directory is the project of that name: both would share containers and data.

    With `docker` the directories of its containers count too, devkit's or not. One that is gone does not.
    """
    known = known_projects(paths).get(name)
    others = [known] if known is not None and _is_named(known, name) else []
    others += sorted(project_directories(docker, name)) if docker is not None else []
    for other in others:
        if other.is_dir() and other.resolve() != directory.resolve():
            raise UsageError(
                f"{other} is the project {name} too: both would share containers and data",
                f'give this one another name: name = "{free_name(paths, f"{name}-2", directory)}" in devkit.toml',
            )


def _is_named(directory: Path, name: str) -> bool:
    """Whether a project still has the name that it had; one that cannot be read may have it."""
    try:
        return read_settings(directory / SETTINGS_FILE).name == name
    except (UsageError, OSError):
        return True


@contextmanager
def named(paths: MachinePaths, name: str, directory: Path) -> Iterator[None]:
    """Write the project down once the block has written its devkit.toml; no other project gets the name meanwhile.

    FailedError, before the block runs, where a new project's name was given away since it was chosen.
    """
    paths.state.mkdir(parents=True, exist_ok=True)
    with locked(paths.state / f"{_FILE}.lock"):
        projects = known_projects(paths)
        if projects.get(name, directory) != directory and not (directory / SETTINGS_FILE).is_file():
            raise FailedError(
                f"{projects[name]} became the project {name} at the same time", "run the same command again"
            )
        yield
        if projects.get(name) != directory:
            projects[name] = directory
            text = json.dumps({key: str(value) for key, value in sorted(projects.items())}, indent=2)
            write_atomically(paths.state / _FILE, text + "\n")


def remember_project(paths: MachinePaths, name: str, directory: Path) -> None:
    """Write down a project that no first run made here (a clone, a new name); one that is known stays as it is."""
    if name not in known_projects(paths):
        with named(paths, name, directory):
            pass


def forget_project(paths: MachinePaths, name: str) -> None:
    """Give the name back; nothing is written where it is not known."""
    if name not in known_projects(paths):
        return
    with locked(paths.state / f"{_FILE}.lock"):
        projects = {key: str(value) for key, value in sorted(known_projects(paths).items()) if key != name}
        write_atomically(paths.state / _FILE, json.dumps(projects, indent=2) + "\n")
