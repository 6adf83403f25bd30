"""Text for a terminal: what a container wrote cannot move the cursor, change colours or set a title."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""CSI and OSC sequences and two-byte escapes (ECMA-48)."""


def printable(text: str) -> str:
    """Text without escape sequences and control characters; tabs stay."""
    return "".join(sign for sign in _ESCAPE.sub("", text) if sign == "\t" or unicodedata.category(sign) != "Cc")


def one_line(text: str) -> str:
    """Text without line ends, escape sequences and control characters."""
    return printable(" ".join(_ESCAPE.sub("", text).split()))
