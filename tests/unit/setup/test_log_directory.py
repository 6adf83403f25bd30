"""Where log lines are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths, machine_paths
from devkit.setup import log_directory

pytestmark = pytest.mark.unit


def test_a_project_on_a_disk_of_this_machine_has_them_itself(tmp_path: Path) -> None:
    assert log_directory.log_directory(ProjectPaths(tmp_path)) == tmp_path / ".devkit" / "logs"


def test_a_project_on_a_slow_mount_has_them_in_the_users_own_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    mounts = tmp_path / "mounts"
    mounts.write_text(f"C: {tmp_path} 9p rw 0 0\n")
    monkeypatch.setattr(log_directory, "on_slow_mount", lambda root: log_directory_mounts(root, mounts))
    first = log_directory.log_directory(ProjectPaths(tmp_path / "a" / "shop"))
    assert first.parent == machine_paths().state / "logs"
    assert first.name.startswith("shop-")
    assert first != log_directory.log_directory(ProjectPaths(tmp_path / "b" / "shop"))


def log_directory_mounts(root: Path, mounts: Path) -> bool:
    from devkit.laravel.mounts import on_slow_mount

    return on_slow_mount(root, mounts)
