"""Snapshots: their names, their files, and that half of one is never seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devkit.database.dump_kinds import Form
from devkit.database.snapshots import KEPT_AUTOMATIC, Snapshot, Snapshots, check_name, snapshot_directory
from devkit.database.streams import open_dump
from devkit.project.errors import UsageError
from devkit.project.paths import MachinePaths
from devkit.setup.uninstall import installation, uninstall

pytestmark = pytest.mark.unit


@pytest.fixture
def snapshots(machine_paths: MachinePaths) -> Snapshots:
    return Snapshots(snapshot_directory(machine_paths, "shop"))


def take(snapshots: Snapshots, name: str, content: bytes = b"CREATE TABLE a (b int);", **about: object) -> Snapshot:
    values = {"engine": "mysql", "version": "9.7.4", "database_bytes": 1000, "automatic": False, **about}
    with snapshots.writing(name, Form.TEXT, **values) as sink:  # type: ignore[arg-type]
        sink.write(content)
    return snapshots.find(name)


@pytest.mark.parametrize("name", ["a", "before-refactoring", "2026-11-25-091500", "v1.2_final", "x" * 80])
def test_a_plain_name_is_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/a", "a\\b", ".hidden", "-x", "a b", "ü", "a\n", "a\0", "x" * 81, "x" * 300]
)
def test_a_name_that_could_be_another_place_is_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_name(name)
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 100


def test_a_snapshot_is_listed_with_what_it_is_of(snapshots: Snapshots) -> None:
    taken = take(snapshots, "first")
    assert snapshots.all() == [taken]
    assert (taken.engine, taken.version, taken.database_bytes) == ("mysql", "9.7.4", 1000)
    assert taken.bytes == taken.path.stat().st_size
    assert set(taken.to_json()) == {
        "name", "created", "engine", "version", "bytes", "database_bytes", "automatic", "path",
    }  # fmt: skip


def test_a_snapshots_file_is_a_dump_like_any_other(snapshots: Snapshots) -> None:
    taken = take(snapshots, "first", b"SELECT 1;" * 100_000)
    with open_dump(taken.path, lambda _: None) as incoming:
        assert b"".join(incoming.chunks()) == b"SELECT 1;" * 100_000
    assert taken.path.name == "first.sql.zst"


def test_nobody_else_on_the_machine_reads_a_snapshot(snapshots: Snapshots) -> None:
    taken = take(snapshots, "first")
    assert taken.path.stat().st_mode & 0o777 == 0o600
    assert snapshots.directory.stat().st_mode & 0o777 == 0o700


def test_snapshots_outlive_devkit_itself(snapshots: Snapshots, machine_paths: MachinePaths, tmp_path: Path) -> None:
    taken = take(snapshots, "first")
    found = installation(machine_paths, home=tmp_path, prefix=tmp_path)
    uninstall(machine_paths, found)
    assert taken.path.is_file()
    assert any(str(snapshots.directory.parent) in text for text in found.stays)


def test_the_newest_comes_back_without_a_name(snapshots: Snapshots) -> None:
    for name in ("b", "c", "a"):
        take(snapshots, name)
    assert snapshots.find(None).name == "a"
    assert [one.name for one in snapshots.all()] == ["b", "c", "a"]


def test_what_is_not_there_is_said_with_the_way_on(snapshots: Snapshots) -> None:
    with pytest.raises(UsageError, match="no snapshot") as refused:
        snapshots.find(None)
    assert "devkit db snapshot" in refused.value.hint
    take(snapshots, "a")
    with pytest.raises(UsageError, match="no snapshot 'b'"):
        snapshots.find("b")


def test_a_snapshot_that_fails_is_not_there_and_the_former_one_is(snapshots: Snapshots) -> None:
    former = take(snapshots, "a", b"former")
    with pytest.raises(ZeroDivisionError):
        take(snapshots, "a", 1 // 0)  # type: ignore[arg-type]
    with (
        pytest.raises(ZeroDivisionError),
        snapshots.writing("a", Form.TEXT, engine="mysql", version="", database_bytes=0, automatic=False) as sink,
    ):
        sink.write(b"half")
        raise ZeroDivisionError
    assert snapshots.all() == [former]
    assert [path.name for path in snapshots.directory.iterdir()] == ["a.sql.zst"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from devkit.database.dump_kinds import Form
from devkit.database.snapshots import Snapshots
about = {"engine": "", "version": "", "database_bytes": 0, "automatic": False}
with Snapshots(Path(sys.argv[1])).writing("a", Form.TEXT, **about) as s:
    s.write(os.urandom(1_000_000))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_snapshot_whose_devkit_is_killed_is_never_listed_and_is_cleared_away(snapshots: Snapshots) -> None:
    subprocess.run([sys.executable, "-c", _KILLED, str(snapshots.directory)], check=False)
    assert [path.name[:11] for path in snapshots.directory.iterdir()] == [".a.sql.zst."]
    assert snapshots.all() == []
    snapshots.clear()
    assert list(snapshots.directory.iterdir()) == []


def test_files_that_are_no_snapshots_are_passed_over(snapshots: Snapshots) -> None:
    taken = take(snapshots, "a")
    (snapshots.directory / "b.sql.zst").write_bytes(b"")
    (snapshots.directory / "c.sql.zst").write_bytes(taken.path.read_bytes()[12:])
    (snapshots.directory / "notes.txt").write_text("x")
    assert snapshots.all() == [taken]


def test_a_name_in_another_case_is_the_same_where_files_make_no_difference(snapshots: Snapshots) -> None:
    take(snapshots, "Friday")
    found = snapshots.named("friday")
    assert found is not None
    take(snapshots, "friday")
    assert [one.name for one in snapshots.all()] == ["friday"]


def test_two_names_by_the_time_are_never_the_same(snapshots: Snapshots) -> None:
    names = []
    for _ in range(3):
        names.append(snapshots.free_name())
        take(snapshots, names[-1])
    assert len(set(names)) == 3
    assert all(check_name(name) for name in names)


def test_only_the_newest_automatic_ones_stay_and_every_other(snapshots: Snapshots) -> None:
    take(snapshots, "mine")
    for number in range(KEPT_AUTOMATIC + 2):
        take(snapshots, f"auto{number}", automatic=True)
    snapshots.forget_old_automatic()
    assert [one.name for one in snapshots.all()] == ["mine", *(f"auto{n}" for n in range(2, KEPT_AUTOMATIC + 2))]


def test_a_file_that_a_person_renamed_has_its_new_name(snapshots: Snapshots, tmp_path: Path) -> None:
    taken = take(snapshots, "a")
    taken.path.rename(taken.path.with_name("b.sql.zst"))
    assert [one.name for one in snapshots.all()] == ["b"]
