"""A project as git gives it: devkit.toml and the files are there, and nothing that devkit remembers of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.plan import apply_plan
from devkit.setup.rendering import plan_project

pytestmark = pytest.mark.engine


@pytest.fixture
def clone(project_directory: Path) -> Path:
    root, settings = laravel(project_directory), Settings(project_directory.name)
    apply_plan(root, plan_project(root, settings, detect(root)))
    write_settings(root / "devkit.toml", settings)
    shutil.rmtree(root / ".devkit")
    return root


def config_set(root: Path, key: str, value: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devkit.entry", "--yes", "config", "set", key, value],
        cwd=root,
        env={**os.environ, "XDG_STATE_HOME": str(state)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_setting_and_the_files_made_of_it_change_together(clone: Path, tmp_path: Path) -> None:
    done = config_set(clone, "php.jit", "tracing", tmp_path / "state")
    assert done.returncode == 0, done.stderr
    assert 'jit = "tracing"' in (clone / "devkit.toml").read_text()
    assert "tracing" in "".join(path.read_text() for path in (clone / "docker" / "php").iterdir())


def test_where_a_file_cannot_follow_no_file_is_written_and_the_difference_is_shown(clone: Path, tmp_path: Path) -> None:
    compose = clone / "compose.yaml"
    compose.write_text("services:\n  app:\n    image: ours\n")
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    done = config_set(clone, "services.with", "redis", tmp_path / "state")
    assert done.returncode == 1
    assert "your edits in compose.yaml and the new text disagree; nothing was written" in done.stderr
    assert "redis" in done.stderr
    after = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    assert {path: text for path, text in after.items() if ".devkit" not in path.parts} == before
