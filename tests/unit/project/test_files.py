"""Files are replaced whole or not at all, and what a killed writer left goes with the next write."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.project.files import TEMPORARY_SUFFIX, is_temporary, write_atomically

pytestmark = pytest.mark.unit

KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from devkit.project import files

os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
files.write_atomically(Path(sys.argv[1]), "new, and never in place")
"""
# A limit on the size of a file ends a write half-way, as a full disk does.
NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from devkit.project.files import write_atomically

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), "x" * 5000)
except OSError as error:
    print(error.filename)
"""


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def temporary_files(directory: Path) -> list[str]:
    return [name for name in names(directory) if name.endswith(TEMPORARY_SUFFIX)]


def test_a_file_is_made_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    write_atomically(path, "one", mode=0o640)
    write_atomically(path, b"two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(tmp_path) == ["compose.yaml"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


@pytest.mark.parametrize("name", [".env", "x" * 255, "é" * 127, "a\nb"])
def test_any_name_can_be_written(name: str, tmp_path: Path) -> None:
    write_atomically(tmp_path / name, "text")
    assert (tmp_path / name).read_text() == "text"


def test_a_killed_writer_leaves_the_old_file_and_its_left_over_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("old")
    assert run(KILLED_WHILE_WRITING, path).returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    (left,) = temporary_files(tmp_path)
    assert is_temporary(left)
    assert stat.S_IMODE((tmp_path / left).stat().st_mode) == 0o600
    write_atomically(tmp_path / "another", "text")
    assert temporary_files(tmp_path) == []


def test_the_temporary_file_of_a_writer_that_lives_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, seen = os.fsync, []

    def in_between(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", synced)
        write_atomically(tmp_path / "second", "2")
        seen.extend(temporary_files(tmp_path))

    monkeypatch.setattr(os, "fsync", in_between)
    write_atomically(tmp_path / "first", "1")
    assert len(seen) == 1
    assert (tmp_path / "first").read_text() == "1"
    assert temporary_files(tmp_path) == []


def test_only_names_that_surely_are_devkits_are_cleared(tmp_path: Path) -> None:
    theirs = {".env.devkit-tmp", "env.abcdefgh.devkit-tmp", ".env.ABCDEFGH.devkit-tmp", ".env.abcdefgh.tmp"}
    for name in theirs:
        (tmp_path / name).write_text("a person's")
    (tmp_path / ".x.abcdefgh.devkit-tmp").symlink_to(tmp_path / ".env.abcdefgh.tmp")
    write_atomically(tmp_path / "text", "text")
    assert set(names(tmp_path)) == {*theirs, "text", ".x.abcdefgh.devkit-tmp"}


def write_often(path: Path, text: str) -> None:
    for _ in range(150):
        write_atomically(path, text)


def test_writers_side_by_side_do_not_take_each_others_files_away(tmp_path: Path) -> None:
    texts = ["a" * 9000, "b" * 9000]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_often, args=(tmp_path / "shared", text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert (tmp_path / "shared").read_text() in texts
    assert names(tmp_path) == ["shared"]


def test_where_there_is_no_room_the_old_file_stays_and_the_error_names_it(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text("old")
    assert run(NO_ROOM, path).stdout == f"{path}\n"
    assert path.read_text() == "old"
    assert names(tmp_path) == ["compose.yaml"]


def test_a_directory_that_is_missing_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "none" / "file", "text")
    assert caught.value.filename == str(tmp_path / "none" / "file")
