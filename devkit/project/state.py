"""What devkit remembers of a project in .devkit/: safe to lose, so the directory may be missing at any time."""

from __future__ import annotations

from pathlib import Path

from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths, give_to_owner


def remember(paths: ProjectPaths, name: str, text: str) -> Path:
    """Write a file of .devkit/, which is made where it is missing and belongs to the project's owner; its path."""
    if not paths.state.is_dir():
        paths.state.mkdir(exist_ok=True)
        give_to_owner(paths.state, paths.root)
    path = paths.state / name
    write_atomically(path, text)
    return path
