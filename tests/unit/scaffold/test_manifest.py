from __future__ import annotations

from pathlib import Path

import pytest

from devkit.scaffold.manifest import Manifest

pytestmark = pytest.mark.unit


def test_what_was_recorded_is_the_base(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    assert manifest.base_of("docker/php/10-app.ini") is None
    manifest.record("docker/php/10-app.ini", "one\n")
    manifest.record("docker/php/10-app.ini", "two\n")
    assert manifest.base_of("docker/php/10-app.ini") == "two\n"
    assert manifest.paths() == ["docker/php/10-app.ini"]


def test_an_empty_project_has_no_generated_files(tmp_path: Path) -> None:
    assert Manifest(tmp_path).paths() == []


def test_a_text_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.record("Dockerfile", "x")
    before = (manifest.directory / "Dockerfile").stat().st_ino
    manifest.record("Dockerfile", "x")
    assert (manifest.directory / "Dockerfile").stat().st_ino == before
