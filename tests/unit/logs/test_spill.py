"""A source keeps its lines in order while new ones come at its end and a history in its middle, through restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_lines import line, text

from devkit.logs.spill import START, Spill
from devkit.logs.stored import time_of

pytestmark = pytest.mark.unit


@pytest.fixture
def spill(tmp_path: Path) -> Iterator[Spill]:
    made = Spill(tmp_path / "app-1", segment_bytes=200)
    yield made
    made.close()


def texts(spill: Spill) -> list[bytes]:
    forwards = [text(one) for _, one in spill.after(START)]
    backwards = [text(one) for _, one in spill.before(spill.end)]
    assert forwards == backwards[::-1]
    blocks = b"".join(block for _, block in spill.blocks_after(START, 70))
    assert [text(one) for one in blocks.splitlines()] == forwards
    reversed_blocks = [block for _, block in spill.blocks_before(spill.end, 70)]
    assert b"".join(reversed(reversed_blocks)) == blocks
    return forwards


def test_a_history_goes_between_what_was_kept_and_what_came_first(tmp_path: Path, spill: Spill) -> None:
    for second in range(10):
        spill.append(line(second, f"kept {second}"))
    history = spill.leave_room()
    for second in range(10):
        spill.append(line(100 + second, f"new {second}"))
        history.append(line(50 + second, f"between {second}"))
    history.complete()
    expected = [f"{what} {n}".encode() for what in ("kept", "between", "new") for n in range(10)]
    assert texts(spill) == expected
    spill.close()
    again = Spill(tmp_path / "app-1", segment_bytes=200)
    assert texts(again) == expected
    assert again.lines == 30
    again.close()


def test_a_history_that_was_not_read_to_its_end_goes_on_where_it_stopped(tmp_path: Path, spill: Spill) -> None:
    spill.append(line(1, "kept"))
    history = spill.leave_room()
    history.append(line(2, "between"))
    spill.append(line(9, "new"))
    spill.append(line(9, "new too"))
    spill.append(line(10, "newest"))
    spill.close()
    again = Spill(tmp_path / "app-1", segment_bytes=200)
    (rest,) = again.gaps()
    assert again.filling
    assert rest.known == line(2, "between")
    assert rest.newest == line(9, "new") + line(9, "new too")
    rest.append(line(3, "more"))
    rest.complete()
    assert not again.filling and again.gaps() == ()
    assert texts(again) == [b"kept", b"between", b"more", b"new", b"new too", b"newest"]
    again.close()
    last = Spill(tmp_path / "app-1", segment_bytes=200)
    assert last.gaps() == ()
    last.close()


def test_a_first_history_of_which_nothing_was_read_is_one_as_well(tmp_path: Path, spill: Spill) -> None:
    spill.leave_room()
    spill.append(line(9, "new"))
    spill.close()
    again = Spill(tmp_path / "app-1", segment_bytes=200)
    (rest,) = again.gaps()
    assert rest.known == b""
    rest.append(line(3, "before"))
    assert texts(again) == [b"before", b"new"]
    again.close()


def test_a_history_whose_container_has_gone_is_said_to_be_missing_once(tmp_path: Path, spill: Spill) -> None:
    spill.append(line(1, "kept"))
    spill.leave_room()
    spill.append(line(9, "new"))
    spill.close()
    for _ in range(2):
        again = Spill(tmp_path / "app-1", segment_bytes=200)
        for gap in again.gaps():
            gap.give_up()
        kept, marker, new = texts(again)
        assert (kept, new) == (b"kept", b"new")
        assert b"may be missing" in marker
        again.close()


def test_room_that_was_left_for_nothing_is_no_gap(tmp_path: Path, spill: Spill) -> None:
    spill.append(line(1, "kept"))
    spill.leave_room()
    spill.close()
    again = Spill(tmp_path / "app-1", segment_bytes=200)
    assert again.gaps() == ()
    again.append(line(2, "new"))
    assert texts(again) == [b"kept", b"new"]
    again.close()


@pytest.mark.parametrize("counts", [None, "[]", "{", '{"0": 1}', '{"0": [999999, 1]}', '{"0": ["a", "b"]}'])
def test_lines_are_counted_right_whatever_was_remembered_of_them(
    tmp_path: Path, spill: Spill, counts: str | None
) -> None:
    for second in range(20):
        spill.append(line(second, f"{second}"))
    spill.close()
    remembered = tmp_path / "app-1" / "counts.json"
    if counts is not None:
        remembered.write_text(counts)
    (first, *_, last) = sorted((tmp_path / "app-1").glob("*.log"))
    with last.open("ab") as file:
        file.write(line(30) + b"cut o")
    again = Spill(tmp_path / "app-1", segment_bytes=200)
    assert again.lines == 21 == len(texts(again))
    again.close()
    assert first.exists()


def test_the_oldest_go_first_and_are_counted(tmp_path: Path, spill: Spill) -> None:
    for second in range(20):
        spill.append(line(second, f"{second}"))
    before, gone = spill.lines, 0
    while spill.forget_oldest():
        gone = before - spill.lines
        assert spill.forgotten == gone
        assert texts(spill)[0] == f"{gone}".encode()
    assert 0 < spill.lines < before
    again = Spill(tmp_path / "app-1")
    assert again.forgotten == gone
    again.close()


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(0, 31))
def test_a_time_is_found_in_the_right_segment(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int], wanted: int
) -> None:
    spill = Spill(tmp_path_factory.mktemp("spill") / "app-1", segment_bytes=100)
    for second in sorted(seconds):
        spill.append(line(second))
    time = time_of(line(wanted))
    assert [one for _, one in spill.after(spill.seek(time))] == [
        line(second)[:-1] for second in sorted(seconds) if second >= wanted
    ]
    spill.close()


def test_the_newest_time_says_how_many_lines_have_it(spill: Spill) -> None:
    assert spill.last_time() is None
    for second in (1, 2, 2, 2):
        spill.append(line(second))
    assert spill.last_time() == (time_of(line(2)), 3)
