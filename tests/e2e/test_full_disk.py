"""A disk that is full: the old files stay, and one line says it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import devkit

from devkit.project.files import is_temporary

pytestmark = pytest.mark.e2e


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for half of the scaffold."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_in_one_line_and_the_same_command_goes_on_once_there_is_room(small_disk: Path) -> None:
    settings = small_disk / "devkit.toml"
    settings.write_text('schema = 1\n[project]\nname = "small"\n')
    before = settings.read_bytes()
    change = ("--yes", "config", "set", "php.workers", "8")

    failed = devkit(*change, directory=small_disk)
    assert failed.status == 1
    said, hint = failed.stderr.splitlines()[-2:]  # behind the difference that was shown
    assert said.startswith(f"devkit: the disk is full: {small_disk}/")
    assert "free some space" in hint
    assert settings.read_bytes() == before
    assert not any(is_temporary(path.name) for path in small_disk.rglob("*"))

    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert devkit(*change, directory=small_disk).status == 0
    assert "workers = 8" in settings.read_text()
    assert "num 8" in (small_disk / "docker" / "Caddyfile").read_text()
