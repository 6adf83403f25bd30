"""Records as Laravel's Monolog writes them: a line, and behind it the stack trace of an exception.

[2026-01-31 10:00:00] local.ERROR: Oops {"exception":"[object] (RuntimeException(code: 0): Oops at /app/a.php:3)
[stacktrace]
#0 /app/vendor/laravel/framework/src/…(41): …
#1 {main}
"}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from devkit.logs.record import level_of

_HEAD = re.compile(
    r"\[(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\]\s]*)\] (?P<channel>[\w-]+)\.(?P<level>[A-Z]+): ?(?P<rest>.*)",
    re.DOTALL,
)
_EXCEPTION = re.compile(
    r"\[object\] \((?P<class>[\w\\@.:/$-]+)\(code: [^)]*\): (?P<message>.*) at (?P<file>/.*):(?P<line>\d+)\)",
    re.DOTALL,
)
_FRAME = re.compile(r"#\d+ ")
_START = ' {"exception":"[object] ('
_CONTINUES = ("[stacktrace]", "[previous exception]", '"}', "#")


@dataclass(frozen=True)
class MonologRecord:
    """What the text says; `time` is RFC 3339 in UTC, for Laravel writes no zone and its own is UTC by default."""

    time: str
    level: str | None
    message: str
    context: Mapping[str, Any]


def is_head(line: str) -> bool:
    """Whether a line begins a record."""
    return _HEAD.match(line) is not None


def opens_trace(line: str) -> bool:
    """Whether a record's first line has an exception whose trace stands on the lines behind it."""
    return _START in line and not line.rstrip().endswith(('"}', '"} []'))


def continues_trace(line: str) -> bool:
    """Whether a line belongs to the trace before it."""
    return not line.strip() or line.startswith(_CONTINUES)


def parse_monolog(lines: Sequence[str]) -> MonologRecord | None:
    """The record that these lines hold; None where the first is no record's."""
    head = _HEAD.match("\n".join(lines))
    if head is None:
        return None
    rest, context = head["rest"], {"channel": head["channel"]}
    if _START in rest:
        message, _, behind = rest.partition(_START)
        return MonologRecord(
            _moment(head["time"]), level_of(head["level"]), message.strip(), {**context, **_exception(behind)}
        )
    message, found = _split_context(rest)
    return MonologRecord(_moment(head["time"]), level_of(head["level"]), message, {**context, **found})


def _exception(text: str) -> dict[str, Any]:
    """Class, message and place of the exception, and its frames; those of a previous one follow."""
    found: dict[str, Any] = {}
    match = _EXCEPTION.search("[object] (" + text.partition("\n[stacktrace]")[0])
    if match:
        found["exception"] = {
            "class": match["class"].replace("\\\\", "\\"),
            "message": match["message"].strip(),
            "file": match["file"],
            "line": int(match["line"]),
        }
    frames = [line.replace("\\\\", "\\") for line in text.splitlines() if _FRAME.match(line)]
    return {**found, "trace": frames} if frames else found


def _split_context(rest: str) -> tuple[str, dict[str, Any]]:
    """The message and the JSON object behind it; Monolog leaves ` []` for an extra that is empty."""
    text = rest.rstrip()
    decoder, at = json.JSONDecoder(), text.find(" {")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at + 1)
        except (ValueError, RecursionError):
            found, end = None, 0
        if isinstance(found, dict) and text[end:].strip() in ("", "[]"):
            return text[:at], found
        at = text.find(" {", at + 1)
    return text.removesuffix(" []").removesuffix(" []"), {}


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat().replace("+00:00", "Z")
