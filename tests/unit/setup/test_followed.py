"""What was done is kept, and which files wait for a rebuild."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.laravel.reactions import Reaction
from devkit.project.paths import ProjectPaths
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.rebuild_offer import files_to_take_up, is_known, remember_taken_up

pytestmark = pytest.mark.unit


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    (tmp_path / ".devkit").mkdir()
    return ProjectPaths(tmp_path)


def test_the_last_ones_are_read_as_they_were_written(paths: ProjectPaths) -> None:
    assert followed.kept(paths) == ()
    ones = [Followed(Reaction.CODE, (f"app/{number}.php",), "answered", 0.5, time=number) for number in range(3)]
    stamps = set()
    for one in ones:
        followed.keep(paths, one)
        stamps.add(followed.stamp(paths))
    assert followed.kept(paths) == tuple(ones)
    assert len(stamps) == 3


def test_they_do_not_grow_without_end_and_a_broken_line_is_left_out(paths: ProjectPaths) -> None:
    (paths.state / followed.FILE).write_text('{"reaction": "code"\n[]\n')
    for number in range(1500):
        followed.keep(paths, Followed(Reaction.CODE, ("app/a-file-with-a-name.php",), "x" * 100, 0.1, time=number))
    assert (paths.state / followed.FILE).stat().st_size < 200_000
    assert [one.time for one in followed.kept(paths)] == list(range(1400, 1500))


def test_a_disk_that_takes_nothing_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / ".devkit").touch()
    followed.keep(ProjectPaths(tmp_path), Followed(Reaction.CODE, (), "", 0.0))


def test_a_file_is_offered_when_its_text_is_another_and_no_more_when_it_was_taken_up(paths: ProjectPaths) -> None:
    dockerfile, compose = paths.root / "Dockerfile", paths.root / "compose.yaml"
    dockerfile.write_text("FROM a\n")
    assert not is_known(paths) and files_to_take_up(paths) == ()
    remember_taken_up(paths)
    assert is_known(paths) and files_to_take_up(paths) == ()
    dockerfile.write_text("FROM b\n")
    compose.write_text("services: {}\n")
    assert files_to_take_up(paths) == ("Dockerfile", "compose.yaml")
    dockerfile.write_text("FROM a\n")
    assert files_to_take_up(paths) == ("compose.yaml",)
    remember_taken_up(paths)
    assert files_to_take_up(paths) == ()
