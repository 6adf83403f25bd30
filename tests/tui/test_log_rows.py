"""What a container wrote is shown, and nothing of it is obeyed by the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.logs.spill import START
from devkit.logs.stored import StoredLine
from devkit.logs.timeline import Entry
from devkit.tui.log_rows import Painter, Row, View, coloured, local_time, rows_of, service_of

pytestmark = pytest.mark.unit

PIECES = st.sampled_from(
    [
        b"\x1b",
        b"[31m",
        b"[0m",
        b"[2J",
        b"]0;t\x07",
        b"]8;;http://x\x1b\\",
        b"\x9b31m",
        b"\r",
        b"\t",
        b"\0",
        b"\xff",
        b"a",
        b"[/]",
    ]
)


def entry(text: bytes, source: str = "app-1", tag: str = "o") -> Entry:
    line = StoredLine(ord(tag), b"2026-01-31T10:00:00.123456789Z", text)
    return Entry(source, START, line, (START,), (START,))


@given(st.lists(PIECES | st.binary(max_size=5), max_size=30).map(b"".join).map(lambda text: text.replace(b"\n", b"")))
def test_no_control_character_and_no_link_reaches_the_screen(text: bytes) -> None:
    for view in (View(), View(pretty=False)):
        painted = Painter().paint(Row(entry(text)), view, 8)
        assert not any(unicodedata.category(sign) == "Cc" for sign in painted.plain)
        assert not any(getattr(span.style, "link", None) for span in painted.spans)


def test_colours_that_a_program_chose_are_kept() -> None:
    text = coloured(b"\x1b[31mred\x1b[0m and \x1b[1;32mgreen\x1b[0m\x1b[2J")
    assert text.plain == "red and green"
    assert [str(span.style) for span in text.spans] == ["color(1)", "bold color(2)"]


def test_a_progress_bar_is_shown_as_it_stood_last() -> None:
    assert coloured(b"10%\r50%\r100%\r").plain == "100%"


def test_frames_of_packages_become_one_row_by_source() -> None:
    vendor, own = b"#0 /app/vendor/a.php(1): a()", b"#1 /app/app/b.php(1): b()"
    entries = [entry(vendor), entry(vendor), entry(own), entry(vendor), entry(vendor, "queue-1")]
    assert [row.folded for row in rows_of(entries, View())] == [2, 0, 1, 1]
    assert [row.folded for row in rows_of(entries, View(fold=False))] == [0] * 5


def test_a_marker_stands_out() -> None:
    painted = Painter().paint(Row(entry(b"3 lines are missing here", tag="m")), View(), 8)
    assert "── 3 lines are missing here ──" in painted.plain


@pytest.mark.parametrize(
    ("source", "service"), [("app-1", "app"), ("my-db-12", "my-db"), ("laravel.log", "laravel.log"), ("app", "app")]
)
def test_a_source_belongs_to_its_service(source: str, service: str) -> None:
    assert service_of(source) == service


def test_a_time_that_is_none_is_left_blank() -> None:
    assert local_time(b"x" * 30).strip() == ""
