"""Text for a terminal: what a container wrote cannot move the cursor, change colours or set a title."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""CSI and OSC sequences and two-byte escapes (ECMA-48)."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
"""Unicode's control characters (category Cc) but the tab."""


def printable(text: str) -> str:
    """Text without escape sequences and control characters; tabs stay."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def one_line(text: str) -> str:
    """Text without line ends, escape sequences and control characters."""
    return printable(" ".join(_ESCAPE.sub("", text).split()))
