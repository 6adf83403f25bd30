"""What devkit remembers of a project in .devkit/: safe to lose, so the directory may be missing at any time."""

from __future__ import annotations

from pathlib import Path

from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths, give_to_owner


def state_directory(paths: ProjectPaths) -> Path:
    """.devkit/, made where it is missing; it belongs to the project's owner."""
    if not paths.state.is_dir():
        paths.state.mkdir(exist_ok=True)
        give_to_owner(paths.state, paths.root)
    return paths.state


def remember(paths: ProjectPaths, name: str, text: str, *, mode: int | None = None) -> Path:
    """Write a file of .devkit/, with this mode where one is given; its path."""
    path = state_directory(paths) / name
    write_atomically(path, text, mode=mode)
    return path
