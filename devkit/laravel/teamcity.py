"""TeamCity's service messages, in which PHPUnit, Pest and Paratest tell of a run with `--teamcity`.

https://www.jetbrains.com/help/teamcity/service-messages.html has the format, PHPUnit's TeamCityLogger what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_START = "##teamcity["
_NAME = re.compile(r"\s*(\w+)")
_ATTRIBUTE = re.compile(r"\s+([A-Za-z_]\w*)='((?:[^'|]++|\|.)*+)'", re.DOTALL)
_CUT = re.compile(r"\s+([A-Za-z_]\w*)='((?:[^'|]++|\|.)*+)\|?\Z", re.DOTALL)
_END = re.compile(r"\s*\]")
_ESCAPE = re.compile(r"\|(0x[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Message:
    """One message. `whole` is false where it is cut or malformed: then it has what could be read of it."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


def pieces(line: str) -> Iterator[Message | str]:
    """The messages of a line, and the texts before, between and behind them, in order.

    A program that ends its output without a line end has the next message on the same line. Of a message that is not
    whole the rest of the line is its own, and comes as a text too.
    """
    at = 0
    while (start := line.find(_START, at)) >= 0:
        if start > at:
            yield line[at:start]
        message, at = _message(line, start + len(_START))
        if message is None or not message.whole:
            if message is not None:
                yield message
            yield line[start:]
            return
        yield message
    if at < len(line):
        yield line[at:]


def unescaped(value: str) -> str:
    """A value as it was before it was written: `|n`, `||`, `|0x00FC`. What is no escape stays as it is."""
    if "|" not in value:
        return value
    text = _ESCAPE.sub(_escaped, value)
    if _SURROGATE.search(text):  # two escapes for one sign beyond the basic plane
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code, 16))
    return _ESCAPED.get(code, code if code in "|'[]" else match[0])


def _message(line: str, at: int) -> tuple[Message | None, int]:
    """The message whose name stands at a place, and where it ends; None where there is not even a name."""
    name = _NAME.match(line, at)
    if name is None:
        return None, len(line)
    at = name.end()
    attributes: dict[str, str] = {}
    while found := _ATTRIBUTE.match(line, at):
        attributes[found[1]] = unescaped(found[2])
        at = found.end()
    if end := _END.match(line, at):
        return Message(name[1], attributes), end.end()
    if cut := _CUT.match(line, at):
        attributes[cut[1]] = unescaped(cut[2])
    return Message(name[1], attributes, whole=False), len(line)
