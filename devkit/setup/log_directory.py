"""Where a project's log lines are kept."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from devkit.laravel.mounts import on_slow_mount
from devkit.project.paths import MachinePaths, ProjectPaths, machine_paths, project_name


def log_directory(paths: ProjectPaths) -> Path:
    """`.devkit/logs`; on a mount as slow as a Windows drive's or a network's, a directory of this user's own.

    Thousands of lines a second are written there.
    """
    return aside(paths, machine_paths()) if on_slow_mount(paths.root) else paths.state / "logs"


def aside(paths: ProjectPaths, machine: MachinePaths) -> Path:
    """The one among this user's own; another project of the same name elsewhere has another."""
    place = hashlib.sha256(os.fsencode(paths.root.resolve())).hexdigest()[:12]
    return machine.state / "logs" / f"{project_name(paths.root)}-{place}"
