"""The stream of an exec: sorted rightly however the network cuts it, and freed of the shell's first line."""

from __future__ import annotations

import itertools

import pytest
from fake_engine import frame
from hypothesis import given
from hypothesis import strategies as st

from devkit.engine.exec.frames import ERR, OUT, Announced, Announcement, Frames

pytestmark = pytest.mark.unit

PIECES = st.lists(st.tuples(st.sampled_from([OUT, ERR]), st.binary(max_size=40)), max_size=8)


def cut(content: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    return [content[start:end] for start, end in itertools.pairwise(edges)]


def joined(pieces: list[tuple[int, bytes]]) -> dict[int, bytes]:
    return {stream: b"".join(text for where, text in pieces if where == stream) for stream in (OUT, ERR)}


@given(PIECES, st.lists(st.integers(0, 1000), max_size=6))
def test_both_streams_are_whole_wherever_the_bytes_are_cut(pieces: list[tuple[int, bytes]], cuts: list[int]) -> None:
    frames = Frames(terminal=False)
    got = [
        (stream, bytes(piece))
        for part in cut(b"".join(frame(stream, text) for stream, text in pieces), cuts)
        for stream, piece in frames.sort(memoryview(part))
    ]
    assert joined(got) == joined(pieces)


def test_a_terminal_has_no_frames() -> None:
    content = memoryview(frame(ERR, b"looks like one"))
    assert Frames(terminal=True).sort(content) == [(OUT, content)]


@given(PIECES, st.lists(st.integers(0, 1000), max_size=6), st.integers(0, 8))
def test_the_announcement_is_taken_out_and_nothing_else(
    pieces: list[tuple[int, bytes]], cuts: list[int], before: int
) -> None:
    """Stdout may overtake the line, stderr cannot: the shell wrote it first."""
    early = [(OUT, text) for _, text in pieces[:before]]
    sent = [*early, (ERR, b"devkit 4711\n"), *pieces[before:]]
    frames, announcement = Frames(terminal=False), Announcement(terminal=False)
    got: list[tuple[int, bytes]] = []
    for part in cut(b"".join(frame(stream, text) for stream, text in sent), cuts):
        sorted_ = frames.sort(memoryview(part))
        own = sorted_ if announcement.done else announcement.take(sorted_)
        got += [(stream, bytes(piece)) for stream, piece in own]
    assert announcement.pid == 4711
    assert joined(got) == joined([*early, *pieces[before:]])


def test_what_the_dynamic_linker_says_first_stays() -> None:
    announcement = Announcement(terminal=False)
    own = announcement.take([(ERR, memoryview(b"ld.so: cannot preload\ndevkit 12\nmine"))])
    assert [bytes(piece) for _, piece in own] == [b"ld.so: cannot preload\n", b"mine"]


def test_at_a_terminal_the_line_ends_as_lines_do_there() -> None:
    announcement = Announcement(terminal=True)
    assert announcement.take([(OUT, memoryview(b"devkit 1"))]) == []
    own = announcement.take([(OUT, memoryview(b"2\r\n$ "))])
    assert (announcement.pid, [bytes(piece) for _, piece in own]) == (12, [b"$ "])


def test_without_the_line_nothing_ran_and_the_engines_reason_is_kept() -> None:
    announcement = Announcement(terminal=False)
    assert announcement.take([(OUT, memoryview(b"OCI runtime exec failed: no such file\r\n"))]) == []
    assert not announcement.done
    assert announcement.refusal() == "OCI runtime exec failed: no such file"


def test_without_a_shell_all_is_the_commands_but_the_engines_reason() -> None:
    plain = Announced()
    assert plain.take([(OUT, memoryview(b"hello"))]) == [(OUT, b"hello")]
    refused = Announced()
    assert refused.take([(OUT, memoryview(b'OCI runtime exec failed: exec: "x"'))]) == []
    assert refused.refusal().endswith('exec: "x"')
