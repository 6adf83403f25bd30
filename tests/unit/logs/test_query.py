"""What a person types finds what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_lines import line

from devkit.logs.query import parse_query

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("orders", "GET /Orders", True),
        ("Orders", "GET /orders", False),
        ("2026", "nothing of the time", False),
        ("o", "", False),
        ("[x", "a [x b", True),
        ("a.c", "abc", True),
        ("a\\.c", "abc", False),
        ("^abc", "abc", True),
        ("^bc", "abc", False),
        ("abc$", "abc", True),
        ("[^a]$", "a", False),
        ("zürich", "nach zürich", True),
        ("!orders", "GET /", True),
        ("!orders", "GET /orders", False),
    ],
)
def test_lines_are_found_by_their_text(typed: str, text: str, found: bool) -> None:
    query = parse_query(typed)
    assert query is not None
    stored = line(1, text)
    assert query.matches(stored[:-1]) is found
    block = line(0, "~") + stored + line(2, "~")
    assert (len(line(0, "~")) in list(query.lines_in(block))) is found
    assert query.count_in(block) == len(list(query.lines_in(block)))


@given(
    st.lists(st.text("ab2Zz: \x1b", max_size=12), max_size=20),
    st.sampled_from(["a", "A", "2", "z ", "!b", "a.", "^a|b"]),
)
def test_counting_and_finding_agree(texts: list[str], typed: str) -> None:
    query = parse_query(typed)
    assert query is not None
    lines = [line(second, text) for second, text in enumerate(texts)]
    wanted = [one for one in lines if query.matches(one[:-1])]
    block = b"".join(lines)
    assert query.count_in(block) == len(wanted)
    assert [block[place : block.index(b"\n", place) + 1] for place in query.lines_in(block)] == wanted


def test_nothing_typed_is_no_query() -> None:
    assert parse_query("") is None
    assert parse_query("!") is None


def test_places_on_the_screen_are_set_off() -> None:
    query, without = parse_query("or"), parse_query("!or")
    assert query is not None and without is not None
    assert query.spans("GET /orders/Oregon") == [(5, 7), (12, 14)]
    assert without.spans("GET /orders") == []
