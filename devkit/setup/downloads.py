"""What package managers download, kept on this machine for the next container that asks for it."""

from __future__ import annotations

import os
from pathlib import Path

from devkit.project.paths import MachinePaths


def kept_downloads(paths: MachinePaths, name: str, uid: int, gid: int) -> Path:
    """The directory for one program's downloads, made where it is missing; it belongs to the container's user."""
    directory = paths.cache / name
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(directory, uid, gid)
    return directory
