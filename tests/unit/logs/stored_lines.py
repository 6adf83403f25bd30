"""Stored lines for tests."""

from __future__ import annotations

from devkit.logs.stored import stored


def line(second: int, text: str | bytes = "x", tag: str = "o") -> bytes:
    """A line of that second."""
    return stored(
        tag, b"2026-01-31T%02d:%02d:%02d.000000000Z" % (second // 3600, second // 60 % 60, second % 60), _bytes(text)
    )


def text(found: bytes) -> bytes:
    """The text of a stored line without its end."""
    return found[32:]


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
