"""A log that is read again from a second before the last known line gives what comes behind that line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.engine.log_resume import OVERLAP_SECONDS, Behind, in_seconds, nanoseconds

pytestmark = pytest.mark.unit

BASE = nanoseconds("2026-11-29T21:16:20Z")
BILLION = 1_000_000_000


def line(moment: int, text: str) -> bytes:
    seconds, rest = divmod(moment, BILLION)
    return f"o2026-11-29T21:{16 + seconds // 60:02}:{seconds % 60:02}.{rest:09}Z {text}\n".encode()


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[tuple[int, bytes]], int]:
    """A log whose lines' moments go back a little now and then, and the index of the last known line."""
    steps = draw(st.lists(st.integers(min_value=-BILLION // 4, max_value=BILLION), min_size=1, max_size=30))
    moment, newest, found = 30 * BILLION, 0, []
    for index, step in enumerate(steps):
        moment = max(moment + step, newest - OVERLAP_SECONDS * BILLION // 2)
        newest = max(newest, moment)
        found.append((moment, line(moment, f"line {index}")))
    return found, draw(st.integers(min_value=0, max_value=len(found) - 1))


@given(logs(), st.integers(min_value=1, max_value=5))
def test_each_line_behind_the_known_one_comes_once(log: tuple[list[tuple[int, bytes]], int], size: int) -> None:
    lines, known = log
    behind = Behind(lines[known][1])
    asked = float(behind.since) - BASE / BILLION + 20  # seconds of this test's clock
    sent = [text for moment, text in lines if moment / BILLION >= asked - 1e-6]
    batches = [b"".join(sent[at : at + size]) for at in range(0, len(sent), size)]
    got = b"".join(behind.take(batch) for batch in batches) + behind.end()
    assert got == b"".join(text for _, text in lines[known + 1 :])


def test_where_the_known_line_is_gone_what_is_younger_comes() -> None:
    behind = Behind(line(5 * BILLION, "gone"))
    assert behind.take(line(4 * BILLION, "older") + line(6 * BILLION, "a\rb")) == b""
    assert behind.take(line(7 * BILLION, "next")) == line(6 * BILLION, "a\rb") + line(7 * BILLION, "next")
    assert behind.take(line(1 * BILLION, "all")) == line(1 * BILLION, "all")


def test_where_the_log_ends_without_the_known_line_what_is_younger_comes() -> None:
    behind = Behind(line(5 * BILLION, "gone"))
    assert behind.take(line(5 * BILLION + 1, "younger")) == b""
    assert behind.take(b"") == b""
    assert behind.end() == line(5 * BILLION + 1, "younger")


def test_a_line_that_only_ends_like_the_known_one_is_not_it() -> None:
    known = line(5 * BILLION, "x")
    behind = Behind(known)
    other = b"o2026-11-29T21:16:05.000000000Z quotes " + known
    assert behind.take(other) == b""
    assert behind.take(known + line(6 * BILLION, "y")) == line(6 * BILLION, "y")


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1970-01-01T00:00:01.5Z", "1.500000000"),
        ("1970-01-01T02:00:01.000000007+02:00", "1.000000007"),
        ("1970-01-01T00:00:00Z", "0.000000000"),
    ],
)
def test_timestamps_keep_their_nanoseconds(timestamp: str, expected: str) -> None:
    assert in_seconds(nanoseconds(timestamp)) == expected
