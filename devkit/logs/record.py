"""One log record, and the levels: those of PSR-3, which Laravel writes, with what other programs call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
"""From the least to the most severe (https://www.php-fig.org/psr/psr-3/)."""

_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "trace": "debug",
        "log": "info",
        "information": "info",
        "note": "notice",
        "deprecated": "notice",
        "warn": "warning",
        "err": "error",
        "fatal": "critical",
        "crit": "critical",
        "panic": "emergency",
        "emerg": "emergency",
    }
)


@dataclass(frozen=True)
class LogRecord:
    """One record: `time` is RFC 3339 in UTC, the engine's for a container's line and the record's own in a file.

    `stream` is stdout, stderr or file; `context` holds what a line says besides its message: an access line's method,
    path, status and milliseconds, an exception with its trace, the fields of a JSON line.
    """

    time: str
    service: str
    stream: str
    level: str | None
    message: str
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trace(self) -> tuple[str, ...]:
        """The frames of an exception; none without one."""
        return tuple(self.context.get("trace") or ())

    def to_json(self) -> dict[str, Any]:
        """The object that `devkit logs --json` prints."""
        return {**vars(self), "context": dict(self.context)}


def level_of(name: object) -> str | None:
    """A level by whatever name a program gives it; None for what is none."""
    word = str(name or "").strip().lower()
    word = _OTHER_NAMES.get(word, word)
    return word if word in LEVELS else None


def severity(level: str | None) -> int:
    """A number that grows with the level; below all of them for none."""
    return LEVELS.index(level) if level in LEVELS else -1
