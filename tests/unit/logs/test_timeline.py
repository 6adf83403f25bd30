"""Several sources are one timeline, read page by page from anywhere without a line lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_lines import line

from devkit.logs.query import parse_query
from devkit.logs.search import count, find_after, find_before
from devkit.logs.spill import Spill
from devkit.logs.timeline import Entry, Position, Timeline

pytestmark = pytest.mark.unit

SECONDS = st.lists(st.lists(st.integers(0, 15), max_size=15), min_size=1, max_size=4)


def made(directory: Path, sources: list[list[int]], *, in_order: bool = True) -> Timeline:
    spills = []
    for number, seconds in enumerate(sources):
        spill = Spill(directory / f"s{number}", segment_bytes=150)
        for place, second in enumerate(sorted(seconds) if in_order else seconds):
            spill.append(line(second, f"{number}.{place}"))
        spills.append(spill)
    return Timeline(spills)


def close(timeline: Timeline) -> None:
    for source in timeline.sources:
        source.close()


def texts(entries: list[Entry] | tuple[Entry, ...]) -> list[bytes]:
    return [entry.line.text for entry in entries]


def backwards(timeline: Timeline, position: Position, size: int, budget: int | None = None) -> list[Entry]:
    entries: list[Entry] = []
    while True:
        page = timeline.before(position, size, budget=budget)
        entries = [*page.entries, *entries]
        if page.is_end:
            return entries
        position = page.reached


def forwards(timeline: Timeline, position: Position, size: int, budget: int | None = None) -> list[Entry]:
    entries: list[Entry] = []
    while True:
        page = timeline.after(position, size, budget=budget)
        entries += page.entries
        if page.is_end:
            return entries
        position = page.reached


@given(SECONDS, st.integers(1, 7), st.data())
def test_pages_in_both_directions_give_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, sources: list[list[int]], size: int, data: st.DataObject
) -> None:
    timeline = made(tmp_path_factory.mktemp("logs"), sources)
    entries = forwards(timeline, timeline.start, size)
    assert [entry.line.time for entry in entries] == sorted(entry.line.time for entry in entries)
    assert len(entries) == sum(map(len, sources))
    assert texts(backwards(timeline, timeline.end, size)) == texts(entries)
    assert texts(backwards(timeline, timeline.end, size, budget=50)) == texts(entries)
    if entries:
        cut = data.draw(st.integers(0, len(entries) - 1))
        assert texts(forwards(timeline, entries[cut].before, size)) == texts(entries[cut:])
        assert texts(forwards(timeline, entries[cut].behind, size)) == texts(entries[cut + 1 :])
        assert texts(backwards(timeline, entries[cut].before, size)) == texts(entries[:cut])
    close(timeline)


@given(SECONDS, st.integers(1, 7), st.data())
def test_times_out_of_order_lose_and_double_nothing(
    tmp_path_factory: pytest.TempPathFactory, sources: list[list[int]], size: int, data: st.DataObject
) -> None:
    timeline = made(tmp_path_factory.mktemp("logs"), sources, in_order=False)
    entries = forwards(timeline, timeline.start, size)
    everything = sorted(texts(entries))
    assert len(set(everything)) == sum(map(len, sources)) == len(everything)
    if entries:
        middle = data.draw(st.sampled_from(entries)).before
        parts = [*backwards(timeline, middle, size), *forwards(timeline, middle, size)]
        assert sorted(texts(parts)) == everything
    close(timeline)


def test_a_time_is_a_position_in_all_of_them(tmp_path: Path) -> None:
    timeline = made(tmp_path, [[1, 3, 5], [2, 3, 4]])
    position = timeline.at(line(3)[1:31])
    assert texts(timeline.after(position, 10).entries) == [b"0.1", b"1.1", b"1.2", b"0.2"]
    assert texts(timeline.before(position, 10).entries) == [b"0.0", b"1.0"]
    close(timeline)


def test_only_lines_that_are_wanted_are_given(tmp_path: Path) -> None:
    found = made(tmp_path, [[1, 2, 3], [1, 2, 3]])
    chosen = Timeline(found.sources, lambda source, stored: source == "s1" and not stored.endswith(b".1"))
    assert texts(chosen.before(chosen.end, 10).entries) == [b"1.0", b"1.2"]
    assert texts(chosen.after(chosen.start, 1).entries) == [b"1.0"]
    close(found)


@given(SECONDS, st.sampled_from(["1", "!1", r"\.[0-3]$", "^0", "z"]), st.data())
def test_the_next_and_the_last_place_are_those_that_reading_all_lines_finds(
    tmp_path_factory: pytest.TempPathFactory, sources: list[list[int]], typed: str, data: st.DataObject
) -> None:
    query = parse_query(typed)
    assert query is not None
    timeline = made(tmp_path_factory.mktemp("logs"), sources)
    entries = forwards(timeline, timeline.start, 100)
    hits = [entry for entry in entries if query.matches(b"o" + entry.line.time + b" " + entry.line.text)]
    *_, last = count(timeline, query)
    assert (last.lines, last.done) == (len(hits), last.size)
    position = data.draw(st.sampled_from([timeline.start, timeline.end, *(entry.before for entry in entries)]))
    ahead = [entry for entry in forwards(timeline, position, 100) if entry in hits or texts([entry])[0] in texts(hits)]
    found = find_after(timeline, position, query)
    assert (found is not None) == bool(ahead)
    if found is not None:
        assert texts(timeline.after(found, 1).entries) == texts(ahead[:1])
    behind = [entry for entry in backwards(timeline, position, 100) if texts([entry])[0] in texts(hits)]
    found = find_before(timeline, position, query)
    assert (found is not None) == bool(behind)
    if found is not None:
        assert timeline.after(found, 1).entries[0].line.text == behind[-1].line.text
    close(timeline)
