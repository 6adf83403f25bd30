"""A file of stored lines is read from any place in both directions, whatever its lines are."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_lines import line

from devkit.logs import segment as segment_module
from devkit.logs.segment import Segment
from devkit.logs.stored import time_of

pytestmark = pytest.mark.unit

TEXTS = st.binary(max_size=300).map(lambda text: text.replace(b"\n", b""))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_module, "CHUNK", 100)
    monkeypatch.setattr(segment_module, "_PROBE", 16)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("segments")


def filled(directory: Path, lines: list[bytes]) -> Segment:
    path = directory / "0.log"
    path.unlink(missing_ok=True)
    made = Segment(path, 0)
    made.append(b"".join(lines))
    return made


@given(st.lists(TEXTS, max_size=12), st.data())
def test_lines_come_from_any_place_in_both_directions(directory: Path, texts: list[bytes], data: st.DataObject) -> None:
    lines = [line(second, text) for second, text in enumerate(texts)]
    places = [sum(map(len, lines[:i])) for i in range(len(lines) + 1)]
    segment = filled(directory, lines)
    cut = data.draw(st.integers(0, len(lines)))
    expected = [(place, one[:-1]) for place, one in zip(places, lines, strict=False)]
    assert list(segment.after(places[cut])) == expected[cut:]
    assert list(segment.before(places[cut])) == expected[:cut][::-1]
    assert segment.lines == len(lines)
    segment.close()


@given(st.lists(TEXTS, max_size=12), st.integers(1, 700), st.data())
def test_blocks_hold_whole_lines_and_all_of_them(
    directory: Path, texts: list[bytes], size: int, data: st.DataObject
) -> None:
    lines = [line(second, text) for second, text in enumerate(texts)]
    segment = filled(directory, lines)
    cut = data.draw(st.integers(0, len(lines)))
    at = start = sum(map(len, lines[:cut]))
    behind = b""
    while block := segment.block_after(at, size):
        assert block.endswith(b"\n")
        behind, at = behind + block, at + len(block)
    assert behind == b"".join(lines[cut:])
    ahead, at = b"", start
    while block := segment.block_before(at, size):
        ahead, at = block + ahead, at - len(block)
    assert ahead == b"".join(lines[:cut])
    segment.close()


@given(st.lists(st.tuples(st.integers(0, 20), TEXTS), max_size=12), st.integers(0, 21))
def test_a_time_is_found_by_halving(directory: Path, made: list[tuple[int, bytes]], second: int) -> None:
    lines = [line(when, text) for when, text in sorted(made)]
    segment = filled(directory, lines)
    wanted = time_of(line(second))
    assert segment.seek(wanted) == sum(len(one) for one in lines if time_of(one) < wanted)
    segment.close()


def test_a_line_that_was_not_written_to_its_end_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(line(1) + line(2) + line(3)[:-5])
    segment = Segment(path, 0)
    assert (segment.lines, segment.size) == (2, len(line(1)) * 2)
    segment.append(line(4))
    assert path.read_bytes() == line(1) + line(2) + line(4)
    segment.close()


def test_what_a_full_disk_took_of_it_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = filled(tmp_path, [line(1)])
    answers: Iterator[int | OSError] = iter([10, OSError(errno.ENOSPC, "No space left on device")])
    really = os.write

    def write(file: int, data: bytes) -> int:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return really(file, data[:answer])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        segment.append(line(2))
    monkeypatch.undo()
    segment.append(line(3))
    assert segment.path.read_bytes() == line(1) + line(3)
    assert segment.lines == 2
    segment.close()
