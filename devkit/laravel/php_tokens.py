"""PHP source in tokens, without PHP: enough to find calls in it, and no more.

Comments, text outside `<?php` and what stands in a heredoc are no tokens. What is no valid PHP gives some tokens, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KINDS = ("name", "string", "variable", "sign")
_BEGIN = re.compile(r"<\?(?:(?i:php)\b|=)")
_TOKEN = re.compile(
    r"""
    (?P<outside>\?>.*?(?:<\?(?:(?i:php)\b|=)|\Z))
    |(?P<comment>/\*.*?(?:\*/|\Z)|(?://|\#(?!\[))(?:(?!\?>)[^\r\n])*)
    |(?P<heredoc><<<[ \t]*(?P<quote>["']?)(?P<mark>\w+)(?P=quote)\r?\n(?:.*?\n)?[ \t]*(?P=mark)\b)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)
    |(?P<variable>\$+\w+)
    |(?P<name>\\?[^\W\d]\w*(?:\\\w+)*|\d\w*)
    |(?P<sign>\?->|->|::|\?\?=?|\?:|\S)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """`kind` is name, string, variable or sign; `line` is where it begins, from 1.

    A string has its quotes, a name its namespace.
    """

    kind: str
    text: str
    line: int


def php_tokens(source: str) -> Iterator[Token]:
    """The tokens of a file in their order."""
    begin = _BEGIN.search(source)
    if begin is None:
        return
    line, counted = 1, 0
    for match in _TOKEN.finditer(source, begin.end()):
        kind = match.lastgroup
        if kind in _KINDS:
            line += source.count("\n", counted, match.start())
            counted = match.start()
            yield Token(str(kind), match[0], line)
