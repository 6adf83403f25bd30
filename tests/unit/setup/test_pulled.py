"""What is remembered of a pull holds no value, and may be lost at any time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths
from devkit.setup.pulled import Pulled, age_in_words, age_of, last_pull, remember_pull

pytestmark = pytest.mark.unit


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    return ProjectPaths(tmp_path)


def test_the_last_pull_is_read_back(paths: ProjectPaths) -> None:
    assert last_pull(paths) is None
    done = Pulled("shop", "dev", 1700000000.5, frozenset({"B", "A"}))
    remember_pull(paths, done)
    assert last_pull(paths) == done


@pytest.mark.parametrize("text", ["", "{", "[]", '{"names": 1}', '{"project": "p", "config": "c", "time": "x"}'])
def test_a_broken_record_is_none(paths: ProjectPaths, text: str) -> None:
    paths.state.mkdir()
    (paths.state / "secrets.json").write_text(text)
    assert last_pull(paths) is None


def test_the_age_is_that_of_the_pull_else_that_of_the_file(paths: ProjectPaths) -> None:
    assert age_of(paths) is None
    assert age_in_words(paths) == "there is no .env yet"
    paths.env.write_text("A=1\n")
    os.utime(paths.env, (time.time() - 7300, time.time() - 7300))
    assert 7299 <= (age_of(paths) or 0) <= 7310
    assert age_in_words(paths) == ".env stays as it is, written 2 hours ago"
    remember_pull(paths, Pulled("shop", "dev", time.time() - 3 * 86400 - 60, frozenset()))
    assert age_in_words(paths) == ".env stays as it is, pulled 3 days ago"
