"""A newer template gives a service another volume: that is said before anything is written, where there is one."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.engine.docker import Docker
from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.manifest import Manifest

pytestmark = pytest.mark.engine


@pytest.fixture
def older(docker: Docker, tmp_path: Path) -> Iterator[Path]:
    """A project of a devkit that called MySQL's volume otherwise, with the volume that it made."""
    root = tmp_path / f"devkit-test-{secrets.token_hex(4)}"
    (root / ".devkit").mkdir(parents=True)
    write_settings(root / "devkit.toml", Settings(root.name, database="mysql"))
    assert devkit(root, "upgrade").returncode == 0
    file = root / "compose.yaml"
    file.write_text(file.read_text().replace("devkit-mysql", "mysql-data"))
    Manifest(root).record("compose.yaml", file.read_text())
    docker.run("volume", "create", f"{root.name}_mysql-data")
    yield root
    docker.run("volume", "rm", "--force", f"{root.name}_mysql-data")


def devkit(root: Path, *words: str, yes: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devkit.entry", *(["--yes"] if yes else []), *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("words", [("upgrade",), ("config", "set", "php.mode", "classic")])
def test_data_that_would_stay_behind_are_named_before_anything_is_written(older: Path, words: tuple[str, ...]) -> None:
    before = (older / "compose.yaml").read_text()
    asked = devkit(older, *words, yes=False)
    assert asked.returncode == 5
    assert f"mysql gets another volume, and begins empty: its data stay in {older.name}_mysql-data" in asked.stderr
    assert (older / "compose.yaml").read_text() == before
    done = devkit(older, *words)
    assert (done.returncode, done.stderr.count("begins empty")) == (0, 1)
    assert "devkit-mysql:/var/lib/mysql" in (older / "compose.yaml").read_text()


def test_what_the_line_says_keeps_the_data(older: Path) -> None:
    said = devkit(older, "upgrade").stderr
    file = older / "compose.yaml"
    file.write_text(
        file.read_text().replace("\n  devkit-mysql:\n", f"\n  devkit-mysql: {{name: {older.name}_mysql-data}}\n")
    )
    assert f"devkit-mysql: {{name: {older.name}_mysql-data}}" in said
    assert f"name: {older.name}_mysql-data" in file.read_text()
    again = devkit(older, "config", "set", "php.mode", "classic")
    assert (again.returncode, "begins empty" in again.stderr) == (0, False)
    assert f"name: {older.name}_mysql-data" in file.read_text()


def test_a_volume_that_was_never_made_is_not_spoken_of(older: Path, docker: Docker) -> None:
    docker.run("volume", "rm", f"{older.name}_mysql-data")
    done = devkit(older, "upgrade")
    assert (done.returncode, "begins empty" in done.stderr) == (0, False)
