"""Bytes of a container's log made into lines, cut anywhere on their way."""

from __future__ import annotations

import re

import pytest
from fake_engine import frame
from hypothesis import given
from hypothesis import strategies as st

from devkit.engine.log_frames import LONGEST, FrameLines, LogLines, RawLines, first_and_last

pytestmark = pytest.mark.unit

TIMES = [f"2026-11-29T21:16:{second:02}.151557363Z".encode() for second in range(60)]
PART = 16 * 1024
FULL = b"-" * PART

# As Docker 26 sent them: a line of 40,000 x, one with a NUL, and text that ended without a line feed.
SEEN = b"".join(
    (
        frame(1, b"2026-11-29T21:16:20.151557363Z out\n"),
        frame(2, b"2026-11-29T21:16:20.151666003Z err\n"),
        frame(1, b"2026-11-29T21:16:20.159424919Z " + b"x" * PART),
        frame(1, b"2026-11-29T21:16:20.159424919Z " + b"x" * PART),
        frame(1, b"2026-11-29T21:16:20.159424919Z " + b"x" * 7232 + b"\n"),
        frame(1, b"2026-11-29T21:16:20.161722367Z a\x00b\xef\xbf\xbd\x1b[31mred\r\n"),
        frame(1, b"2026-11-29T21:16:20.275178326Z noend"),
    )
)
SEEN_LINES = [
    b"o2026-11-29T21:16:20.151557363Z out",
    b"e2026-11-29T21:16:20.151666003Z err",
    b"o2026-11-29T21:16:20.159424919Z " + b"x" * 40_000,
    b"o2026-11-29T21:16:20.161722367Z a\x00b\xef\xbf\xbd\x1b[31mred\r",
    b"o2026-11-29T21:16:20.275178326Z noend",
]


def lines_of(reader: LogLines, pieces: list[bytes]) -> list[bytes]:
    """All lines; each batch that is not empty holds whole ones."""
    batches = [*(reader.take(piece) for piece in pieces), reader.end()]
    assert all(batch.endswith(b"\n") for batch in batches if batch)
    assert not reader.cut_off
    return b"".join(batches).split(b"\n")[:-1]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = sorted({place % (len(data) + 1) for place in places})
    return [data[a:b] for a, b in zip([0, *borders], [*borders, len(data)], strict=True) if a != b]


def test_lines_of_both_streams_come_with_the_engines_own_timestamps() -> None:
    assert lines_of(FrameLines(), [SEEN]) == SEEN_LINES


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_frames_cut_at_any_place_give_the_same_lines(places: list[int]) -> None:
    assert lines_of(FrameLines(), cut(SEEN, places)) == SEEN_LINES


def test_frames_cut_into_single_bytes_give_the_same_lines() -> None:
    short = b"".join(frame(1, time + b" line\n") for time in TIMES[:5])
    assert len(lines_of(FrameLines(), [bytes([byte]) for byte in short])) == 5


texts = st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"?"))


@given(st.lists(st.tuples(st.sampled_from([1, 2]), texts), max_size=30), st.lists(st.integers(min_value=0)))
def test_what_a_line_holds_stays_as_it_is(written: list[tuple[int, bytes]], places: list[int]) -> None:
    sent = b"".join(frame(stream, b"%s %s\n" % (TIMES[0], text)) for stream, text in written)
    expected = [b"%s%s %s" % (b" oe"[stream : stream + 1], TIMES[0], text) for stream, text in written]
    assert lines_of(FrameLines(), cut(sent, places)) == expected


def test_parts_of_two_streams_that_overtake_one_another_stay_two_lines() -> None:
    sent = [
        frame(1, TIMES[1] + b" out, " + FULL),
        frame(2, TIMES[2] + b" err, " + FULL),
        frame(1, TIMES[1] + b"  more\n"),
        frame(2, TIMES[2] + b"  more\n"),
        frame(1, TIMES[3] + b" whole\n"),
    ]
    assert [line.partition(b" ")[2] for line in lines_of(FrameLines(), sent)] == [
        b"out, " + FULL + b" more",
        b"err, " + FULL + b" more",
        b"whole",
    ]


@pytest.mark.parametrize("text", [b"noend", FULL])
def test_text_without_an_end_is_a_line_of_its_own_before_what_the_next_run_writes(text: bytes) -> None:
    sent = frame(1, TIMES[1] + b" " + text) + frame(1, TIMES[2] + b" next\n")
    assert lines_of(FrameLines(), [sent]) == [b"o" + TIMES[1] + b" " + text, b"o" + TIMES[2] + b" next"]


def test_a_containers_last_words_are_not_held_back_for_a_line_feed() -> None:
    reader = FrameLines()
    assert reader.take(frame(1, TIMES[1] + b" noend")) == b"o" + TIMES[1] + b" noend\n"
    assert reader.take(frame(2, TIMES[2] + b" " + FULL)) == b""
    assert reader.take(frame(2, TIMES[2] + b" noend")) == b"e" + TIMES[2] + b" " + FULL + b"noend\n"
    assert reader.end() == b""


@pytest.mark.parametrize("sent", [20_000, LONGEST, LONGEST + 1, 3 * LONGEST + 5])
def test_a_line_is_cut_at_a_mebibyte_and_says_how_many_bytes_were_left_out(sent: int) -> None:
    parts = [b"y" * min(PART, sent - at) for at in range(0, sent, PART)]
    framed = [frame(1, TIMES[1] + b" " + part) for part in parts[:-1]]
    framed.append(frame(1, TIMES[1] + b" " + parts[-1] + b"\n"))
    raw = [TIMES[1] + b" " + part for part in parts] + [b"\r\n", TIMES[2] + b" next\r\n"]
    left_out = max(0, sent - LONGEST)
    marker = b" [%d bytes left out]" % left_out if left_out else b""
    assert lines_of(FrameLines(), framed) == [b"o" + TIMES[1] + b" " + b"y" * (sent - left_out) + marker]
    (long, short) = lines_of(RawLines(), raw)
    at_terminal = max(0, sent + 1 - LONGEST)  # \r counts
    text = (b"y" * sent + b"\r")[:LONGEST]
    assert long == b"o" + TIMES[1] + b" " + text + (b" [%d bytes left out]" % at_terminal if at_terminal else b"")
    assert short == b"o" + TIMES[2] + b" next\r"


def test_one_frame_of_more_than_a_mebibyte_is_cut_too() -> None:
    (line,) = lines_of(FrameLines(), [frame(2, TIMES[1] + b" " + b"z" * (LONGEST + 7) + b"\n")])
    assert line.endswith(b"zzz [7 bytes left out]")


def test_the_engines_own_words_about_a_log_that_it_cannot_read_are_a_line_with_the_last_timestamp() -> None:
    sent = frame(1, TIMES[1] + b" fine\n") + frame(3, b"Error grabbing logs: unexpected EOF\n")
    assert lines_of(FrameLines(), [sent])[1] == b"e" + TIMES[1] + b" Error grabbing logs: unexpected EOF"
    assert lines_of(FrameLines(), [frame(3, b"no\n")]) == [b"e1970-01-01T00:00:00.000000000Z no"]


def test_a_frame_that_was_cut_off_is_known() -> None:
    reader = FrameLines()
    assert reader.take(frame(1, TIMES[1] + b" fine\n") + b"\x01\x00\x00") == b"o" + TIMES[1] + b" fine\n"
    assert reader.cut_off


def test_what_are_no_frames_is_not_waited_for() -> None:
    with pytest.raises(ValueError, match="a frame of"):
        FrameLines().take(b"HTTP/1.1 200 OK")


RAW = b"".join(
    (
        b"2026-11-29T21:16:20.474717447Z out\r\n",
        b"2026-11-29T21:16:20.474984382Z " + b"x" * PART,
        b"2026-11-29T21:16:20.474984382Z " + b"x" * 7232 + b"\r\n",
        b"2026-11-29T21:16:20.531290999Z \x1b[1mno\x00end",
    )
)


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_a_terminals_bytes_cut_at_any_place_give_the_same_lines(places: list[int]) -> None:
    assert lines_of(RawLines(), cut(RAW, places)) == [
        b"o2026-11-29T21:16:20.474717447Z out\r",
        b"o2026-11-29T21:16:20.474984382Z " + b"x" * (PART + 7232) + b"\r",
        b"o2026-11-29T21:16:20.531290999Z \x1b[1mno\x00end",
    ]


@given(st.lists(st.integers(min_value=0), max_size=30))
def test_a_terminals_endless_line_is_the_same_wherever_it_is_cut(places: list[int]) -> None:
    part = TIMES[1] + b" " + b"x" * PART
    pieces = cut(part * 70 + b"\r\n", places)
    (line,) = lines_of(RawLines(), pieces)
    assert line == b"o" + TIMES[1] + b" " + b"x" * LONGEST + b" [%d bytes left out]" % (6 * PART + 1)


def test_the_first_and_the_last_timestamp_of_a_batch() -> None:
    batch = b"".join(b"o%s text with spaces\n" % time for time in TIMES[:3])
    assert first_and_last(batch) == (TIMES[0].decode(), TIMES[2].decode())
    assert first_and_last(b"e2026-11-29T23:16:20+02:00 \n") == ("2026-11-29T23:16:20+02:00",) * 2
    assert re.fullmatch(r"[\dT:.Z-]+", first_and_last(batch)[0])
