"""What a person typed to find lines or to choose among them.

`orders` finds it whatever its case, `Orders` only so (as in vim's smartcase); what holds signs of a regular expression
is one if it is valid; `!` before it chooses the lines that do not have it, as in k9s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from devkit.logs.stored import TEXT_AT

_SIGNS = frozenset(r"\.^$*+?{}[]|()")
_TEXT_BEGINS = f"^.{{{TEXT_AT}}}"


@dataclass(frozen=True)
class Query:
    """A text that was typed, ready to be looked for; `inverted` where lines without it are wanted."""

    text: str
    inverted: bool
    shown: re.Pattern[str]
    """For text on the screen."""
    stored: re.Pattern[bytes]
    """For stored lines; with `^` it begins at their tag."""
    literal: bytes = b""
    """What was typed, where it is no regular expression; in small letters where those stand for capitals too."""

    def matches(self, line: bytes) -> bool:
        """Whether a stored line is what was asked for; its tag and time do not count."""
        found = self.stored.match(line) if self._is_anchored else self.stored.search(line, TEXT_AT)
        return (found is None) is self.inverted

    def lines_in(self, block: bytes) -> Iterator[int]:
        """Where the lines of a block of stored lines begin that are what was asked for."""
        at, end = 0, len(block)
        folded = block.lower() if self.literal and not self._is_exact else block
        while at < end:
            start = at
            if not self.inverted:
                place = self._place_in(folded, at)
                if place < 0:
                    return
                start = block.rfind(b"\n", at, place) + 1 or at
            behind = block.find(b"\n", start) + 1 or end
            if self.matches(block[start : behind - 1]):
                yield start
            at = behind

    def count_in(self, block: bytes) -> int:
        """How many lines of a block of stored lines are what was asked for; a million takes half a second."""
        if self.literal:
            block = block if self._is_exact else block.lower()
            missing = self.literal not in block
        else:
            missing = self.stored.search(block) is None
        lines = block.split(b"\n")[:-1]
        if missing:
            found = 0
        elif self.literal:
            found = sum([self.literal in line[TEXT_AT:] for line in lines])
        elif self._is_anchored:
            found = sum([self.stored.match(line) is not None for line in lines])
        else:
            found = sum([self.stored.search(line, TEXT_AT) is not None for line in lines])
        return len(lines) - found if self.inverted else found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in a shown text, to be set off."""
        if self.inverted:
            return []
        return [match.span() for match in self.shown.finditer(text) if match.end() > match.start()]

    def _place_in(self, folded: bytes, at: int) -> int:
        """Where it stands at `at` or behind, below 0 for nowhere; in small letters it is found five times as fast."""
        if self.literal:
            return folded.find(self.literal, at)
        match = self.stored.search(folded, at)
        return match.start() if match else -1

    @property
    def _is_exact(self) -> bool:
        return not self.stored.flags & re.IGNORECASE

    @property
    def _is_anchored(self) -> bool:
        return self.stored.pattern.startswith(_TEXT_BEGINS.encode())


def parse_query(text: str) -> Query | None:
    """The query that a text stands for; None for an empty one."""
    inverted, wanted = text.startswith("!"), text.removeprefix("!")
    if not wanted:
        return None
    flags = re.NOFLAG if any(sign.isupper() for sign in wanted) else re.IGNORECASE
    if _SIGNS.intersection(wanted):
        try:
            shown = re.compile(wanted, flags)
            return Query(wanted, inverted, shown, re.compile(_in_stored_lines(wanted).encode(), flags | re.MULTILINE))
        except re.error:
            pass  # then it is meant as it stands
    escaped = re.escape(wanted)
    literal = wanted.encode() if flags is re.NOFLAG else wanted.encode().lower()
    return Query(wanted, inverted, re.compile(escaped, flags), re.compile(escaped.encode(), flags), literal)


def _in_stored_lines(expression: str) -> str:
    """The expression for a block of stored lines: `^` is where a text begins, and nothing runs over a line's end."""
    if expression.startswith("^"):
        expression = _TEXT_BEGINS + expression[1:]
    return re.sub(r"(?<!\\)\[\^", r"[^\\n", expression)
