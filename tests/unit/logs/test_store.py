"""A project's lines stay within their budget, survive a full disk, and belong to one devkit at a time."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from stored_lines import line, text

from devkit.logs.segment import Segment
from devkit.logs.spill import START
from devkit.logs.store import LogStore

pytestmark = pytest.mark.unit


@pytest.fixture
def trouble() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, trouble: list[str]) -> Iterator[LogStore]:
    made = LogStore(tmp_path, budget=4 * 1024 * 1024, on_trouble=trouble.append)
    yield made
    made.close()


def test_the_oldest_lines_of_all_sources_go_once_the_budget_is_used(store: LogStore) -> None:
    quiet, loud = store.source("redis-1"), store.source("app-1")
    store.write(quiet, line(0, "kept, for its segment is the only one"))
    for second in range(6000):
        store.write(loud, line(second, "y" * 1000))
    assert 3 * 1024 * 1024 < store.size <= 4.5 * 1024 * 1024
    assert (quiet.forgotten, quiet.lines) == (0, 1)
    assert loud.forgotten + loud.lines == 6000


def test_what_was_kept_is_there_again(tmp_path: Path, store: LogStore) -> None:
    store.write(store.source("app-1"), line(1, "before"))
    store.close()
    again = LogStore(tmp_path)
    assert [(source.name, source.lines) for source in again.sources] == [("app-1", 1)]
    again.close()


def test_a_second_devkit_beside_has_lines_of_its_own_for_as_long(tmp_path: Path, store: LogStore) -> None:
    store.write(store.source("app-1"), line(1))
    beside = LogStore(tmp_path)
    assert beside.sources == ()
    beside.write(beside.source("app-1"), line(2))
    beside.close()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("beside")] == []
    assert store.source("app-1").lines == 1


def test_what_a_full_disk_does_not_take_is_counted_and_said_in_its_place(
    store: LogStore, trouble: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = store.source("app-1")
    store.write(source, line(1, "before"))

    def full(self: Segment, lines: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Segment, "append", full)
        store.write(source, line(2) + line(3))
        store.write(source, line(4))
    assert len(trouble) == 2 and "No space left" in trouble[0]
    store.write(source, line(5, "after"))
    assert trouble[-1] == ""
    assert [text(one) for _, one in source.after(START)] == [
        b"before",
        b"3 lines are missing here: the disk was full",
        b"after",
    ]


def test_lines_that_cannot_be_written_for_another_reason_are_said_with_it(
    store: LogStore, trouble: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = store.source("app-1")

    def gone(self: Segment, lines: bytes) -> None:
        raise OSError(errno.ENOENT, "No such file or directory")

    with monkeypatch.context() as patch:
        patch.setattr(Segment, "append", gone)
        store.write(source, line(2))
    assert "cannot be kept" in trouble[-1] and "No such file" in trouble[-1]
    store.write(source, line(5, "after"))
    assert [text(one) for _, one in source.after(START)] == [
        b"1 lines are missing here: they could not be written (No such file or directory)",
        b"after",
    ]


def test_a_full_disk_takes_new_lines_in_the_place_of_the_oldest(
    store: LogStore, trouble: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = store.source("app-1")
    for second in range(600):
        store.write(source, line(second, "y" * 1000))
    really, refused = Segment.append, iter([True])

    def once_full(self: Segment, lines: bytes) -> None:
        if next(refused, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        really(self, lines)

    monkeypatch.setattr(Segment, "append", once_full)
    store.write(source, line(601, "newest"))
    assert trouble == []
    assert text(next(source.before(source.end))[1]) == b"newest"
    assert source.forgotten > 0
