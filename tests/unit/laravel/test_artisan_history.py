from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from devkit.laravel.artisan_history import LONGEST_VALUE, MOST_RUNS, History, Ran, note, recall, toggle_favourite
from devkit.project.paths import ProjectPaths
from devkit.setup.masked import secret_finder

pytestmark = pytest.mark.unit


def nothing_is_secret(_name: str, _value: str) -> bool:
    return False


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    return ProjectPaths(tmp_path)


def ran(command: str, at: float = 1.0, **values: str) -> Ran:
    return Ran(command, values, at, 0, 0.5)


def test_runs_come_back_newest_first_and_each_way_to_call_once(paths: ProjectPaths) -> None:
    first = Ran("mail:send", {"files": ("a", "b c"), "--queue": True, "user": ""}, 1.5, 1, 0.25)
    note(paths, first, nothing_is_secret)
    note(paths, ran("about", 2.0), nothing_is_secret)
    note(paths, ran("about", 3.0), nothing_is_secret)
    assert recall(paths) == History((ran("about", 3.0), first))


def test_only_so_many_are_kept(paths: ProjectPaths) -> None:
    for number in range(MOST_RUNS + 5):
        note(paths, ran("about", number, name=str(number)), nothing_is_secret)
    runs = recall(paths).runs
    assert len(runs) == MOST_RUNS
    assert runs[0].values == {"name": str(MOST_RUNS + 4)}


def test_the_file_is_this_users_alone(paths: ProjectPaths) -> None:
    note(paths, ran("about"), nothing_is_secret)
    for name in ("artisan.json", "artisan.lock"):
        assert stat.S_IMODE((paths.state / name).stat().st_mode) == 0o600


def test_a_favourite_is_one_until_it_is_none(paths: ProjectPaths) -> None:
    assert toggle_favourite(paths, "migrate").favourites == ("migrate",)
    assert toggle_favourite(paths, "about").favourites == ("migrate", "about")
    assert toggle_favourite(paths, "migrate").favourites == ("about",)
    assert recall(paths).favourites == ("about",)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("--password", "hunter"),
        ("api-token", "x"),
        ("user", "s3cret-of-env"),
        ("--execute", "fetch('https://me:pass@host/')"),
        ("note", "x" * (LONGEST_VALUE + 1)),
    ],
)
def test_secrets_and_what_is_too_long_are_left_out_by_name(paths: ProjectPaths, key: str, value: str) -> None:
    paths.env.write_text("DB_PASSWORD=s3cret-of-env\nAPP_NAME=shop\n")
    kept = note(paths, ran("make:user", **{key: value, "name": "shop"}), secret_finder(paths)).runs[0]
    assert (kept.values, kept.left_out) == ({"name": "shop"}, (key,))
    assert value not in (paths.state / "artisan.json").read_text()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1, "runs": [3], "favourites": []}', "\0"]
)
def test_a_broken_file_counts_as_none(paths: ProjectPaths, text: str) -> None:
    paths.state.mkdir()
    (paths.state / "artisan.json").write_text(text)
    assert recall(paths) == History()
    assert note(paths, ran("about"), nothing_is_secret).runs == (ran("about"),)


def _note_many(root: Path, name: str) -> None:
    for number in range(20):
        note(ProjectPaths(root), ran(name, number, number=str(number)), nothing_is_secret)


def test_two_at_once_lose_nothing(paths: ProjectPaths) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_note_many, args=(paths.root, name)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    runs = recall(paths).runs
    assert sorted(run.command for run in runs) == ["one"] * 20 + ["two"] * 20
    json.loads((paths.state / "artisan.json").read_text())
