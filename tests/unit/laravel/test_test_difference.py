"""Two values, and the lines in which they differ."""

from __future__ import annotations

import pytest

from devkit.laravel.test_difference import difference

pytestmark = pytest.mark.unit


def test_lines_that_differ_stand_between_those_that_do_not() -> None:
    assert list(difference("'one\ntwo\nthree'", "'one\n2\nthree'")) == [
        "@@ -1,3 +1,3 @@",
        " 'one",
        "-two",
        "+2",
        " three'",
    ]


def test_values_that_read_the_same_say_so() -> None:
    assert list(difference("1", "1")) == [
        " 1",
        " (both read the same: they differ in type, or in what a text does not show)",
    ]


def test_long_values_are_compared_as_far_as_anybody_reads() -> None:
    lines = list(difference("a\n" * 5000, "b\n" * 7000))
    assert len(lines) < 2100 and lines[-1] == " … up to 6,001 more lines, not compared"
