"""Saved files with their moments."""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath

import pytest

from devkit.setup.saves import Saves, is_followed, saved_since

pytestmark = pytest.mark.unit


def test_a_file_has_the_moment_of_its_save_unless_that_is_not_plausible(tmp_path: Path) -> None:
    now = time.time()
    for name, moment in (("a", now - 0.5), ("b", now - 3600), ("c", now + 3600)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    files = Saves.noticed(tmp_path, ("a", "b", "c", "deleted")).files
    assert files["a"] == pytest.approx(now - 0.5)
    for name in ("b", "c", "deleted"):
        assert files[name] == pytest.approx(time.time(), abs=5)


def test_what_was_saved_meanwhile_is_found_in_trees_and_flat_directories(tmp_path: Path) -> None:
    before = time.time() - 100
    followed = ("app/Http/C.php", ".env", "docker/Caddyfile", "docker/php/10-app.ini", "composer.lock")
    for name in (*followed, "storage/logs/laravel.log", "vendor/a.php", "docker/other/Caddyfile", "app/Old.php"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.utime(tmp_path / "app/Old.php", (before - 1, before - 1))
    assert set(saved_since(tmp_path, before)) == set(followed)


def test_two_batches_are_one(tmp_path: Path) -> None:
    both = Saves({"a": 1.0, "b": 1.0}).with_more(Saves({"a": 2.0}, agreed=True))
    assert both == Saves({"a": 2.0, "b": 1.0}, agreed=True)


def test_the_switch_and_what_others_did_are_followed_too() -> None:
    for name in (".devkit/follow.off", ".devkit/followed.jsonl", "app/A.php"):
        assert is_followed(PurePosixPath(name))
    assert not is_followed(PurePosixPath(".devkit/lock"))
