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

    def matches(self, line: bytes) -> bool:
        """Whether a stored line is what was asked for; its tag and time do not count."""
        found = self.stored.match(line) if self._is_anchored else self.stored.search(line, TEXT_AT)
        return (found is None) is self.inverted

    def lines_in(self, block: bytes) -> Iterator[int]:
        """Where the lines of a block of stored lines begin that are what was asked for."""
        at, end = 0, len(block)
        while at < end:
            if self.inverted:
                start = at
            elif match := self.stored.search(block, at):
                start = block.rfind(b"\n", at, match.start()) + 1 or at
            else:
                return
            behind = block.find(b"\n", start) + 1 or end
            if self.matches(block[start : behind - 1]):
                yield start
            at = behind

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in a shown text, to be set off."""
        if self.inverted:
            return []
        return [match.span() for match in self.shown.finditer(text) if match.end() > match.start()]

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
    literal = re.escape(wanted)
    return Query(wanted, inverted, re.compile(literal, flags), re.compile(literal.encode(), flags))


def _in_stored_lines(expression: str) -> str:
    """The expression for a block of stored lines: `^` is where a text begins, and nothing runs over a line's end."""
    if expression.startswith("^"):
        expression = _TEXT_BEGINS + expression[1:]
    return re.sub(r"(?<!\\)\[\^", r"[^\\n", expression)
