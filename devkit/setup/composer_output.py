"""What Composer's output says of a failure: it ends with how the command is used, and not with the error."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SYNOPSIS = re.compile(r"^[a-z:-]+ (?:\[|<)")
_THROWN = re.compile(r"^(?:In .+ line \d+:|\s*\[[\w\\]+(?:Exception|Error)\]\s*)$")
"""How Symfony's console heads an error: the file and line, or in older ones the exception's class."""
_PROBLEM = re.compile(r"^\s*Problem \d+\s*$")
_REVERTED = re.compile(r"^Installation failed, ")


def error_lines(lines: Sequence[str]) -> list[str]:
    """The output without the usage behind it, and without empty lines."""
    kept = [line.rstrip() for line in lines if line.strip()]
    while kept and _SYNOPSIS.match(kept[-1]):
        kept.pop()
    return kept


def reason(lines: Sequence[str]) -> str:
    """The error in one line: what was thrown, else the first problem of the solver, else what was said last."""
    kept = error_lines(lines)
    for number in range(len(kept) - 1, -1, -1):
        if _THROWN.match(kept[number]):
            return _block(kept[number + 1 :])
    for number, line in enumerate(kept):
        if _PROBLEM.match(line):
            return _block(kept[number + 1 :]).removeprefix("- ")
    said = [line.strip() for line in kept if not _REVERTED.match(line)]
    return said[-1] if said else ""


def _block(lines: Sequence[str]) -> str:
    """The lines that are set in: the sentences of one error, up to the next item."""
    words: list[str] = []
    for line in lines:
        if not line.startswith(" ") or (words and line.lstrip().startswith("- ")):
            break
        words.append(line.strip())
    return " ".join(words)
