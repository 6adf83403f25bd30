"""What was expected and what came, as the lines in which they differ."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice

_MOST_LINES = 1000
"""Of each: comparing takes its time, and nobody reads more."""

_CONTEXT = 3


def difference(expected: str, actual: str) -> Iterator[str]:
    """Lines with `-` before what was expected, `+` before what came, a space before what both have; `@@` between."""
    before, after = (text.split("\n") for text in (expected, actual))
    lines = unified_diff(before[:_MOST_LINES], after[:_MOST_LINES], lineterm="", n=_CONTEXT)
    found = False
    for line in islice(lines, 2, None):  # without the names of two files
        found = True
        yield line
    if longest := max(0, len(before) - _MOST_LINES, len(after) - _MOST_LINES):
        yield f" … up to {longest:,} more lines, not compared"
    elif not found:
        yield from (f" {line}" for line in before[:_CONTEXT])
        yield " (both read the same: they differ in type, or in what a text does not show)"
