"""TeamCity's service messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.laravel.teamcity import Message, pieces, unescaped

pytestmark = pytest.mark.unit

_PLAIN = {"|": "||", "'": "|'", "\n": "|n", "\r": "|r", "[": "|[", "]": "|]"}


def escaped(text: str) -> str:
    """As PHPUnit does."""
    return "".join(_PLAIN.get(sign, sign) for sign in text)


def test_a_message_has_a_name_and_its_values() -> None:
    (found,) = pieces("##teamcity[testFinished name='test_a' duration='12' flowId='42']")
    assert found == Message("testFinished", {"name": "test_a", "duration": "12", "flowId": "42"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a|nb|rc", "a\nb\rc"),
        ("it|'s |[1|] ||n", "it's [1] |n"),
        ("|0x00FCber |0xD83D|0xDE00", "\u00fcber \U0001f600"),
        ("|x|l|p", "\x85\u2028\u2029"),
        ("|0xD83D alone", "\ufffd alone"),
        ("|q and | ", "|q and | "),
    ],
)
def test_values_are_unescaped(written: str, meant: str) -> None:
    (found,) = pieces(f"##teamcity[testStarted name='{written}']")
    assert isinstance(found, Message)
    assert found.attributes["name"] == unescaped(written) == meant


@given(st.text())
def test_every_text_comes_back_as_it_was(text: str) -> None:
    (found,) = pieces(f"##teamcity[testFailed message='{escaped(text)}' details='']")
    assert found == Message("testFailed", {"message": text, "details": ""})


def test_what_a_test_printed_stands_before_a_message_and_behind_it() -> None:
    line = "said##teamcity[testFinished name='a']more##teamcity[testCount count='2'] end"
    assert list(pieces(line)) == [
        "said",
        Message("testFinished", {"name": "a"}),
        "more",
        Message("testCount", {"count": "2"}),
        " end",
    ]


def test_a_line_without_a_message_is_a_text() -> None:
    assert list(pieces("PHPUnit 12.5")) == ["PHPUnit 12.5"]
    assert list(pieces("")) == []


@pytest.mark.parametrize(
    ("line", "attributes"),
    [
        ("##teamcity[testFailed name='a' message='half of |", {"name": "a", "message": "half of "}),
        ("##teamcity[testFailed name='a' message='half", {"name": "a", "message": "half"}),
        ("##teamcity[testFailed name='a'", {"name": "a"}),
        ("##teamcity[testFailed name='a' broken]", {"name": "a"}),
    ],
)
def test_a_message_that_is_cut_has_what_could_be_read_and_is_kept_as_a_text(
    line: str, attributes: dict[str, str]
) -> None:
    assert list(pieces(line)) == [Message("testFailed", attributes, whole=False), line]


def test_what_only_looks_like_a_message_is_a_text() -> None:
    assert list(pieces("##teamcity[")) == ["##teamcity["]
    assert list(pieces("a ##teamcity['b']")) == ["a ", "##teamcity['b']"]


@given(st.text(alphabet="#teamciy[]|'n= a\\"))
def test_whatever_comes_nothing_of_it_is_lost(text: str) -> None:
    line = "##teamcity[" + text
    texts = "".join(piece for piece in pieces(line) if isinstance(piece, str))
    assert texts in line
    assert any(isinstance(piece, Message) and piece.whole for piece in pieces(line)) or texts == line


def test_a_value_of_a_million_signs_without_an_end_takes_no_time() -> None:
    line = "##teamcity[testFailed name='a' message='" + "|n x" * 250_000
    message, rest = pieces(line)
    assert isinstance(message, Message) and len(message.attributes["message"]) == 750_000
    assert rest == line
