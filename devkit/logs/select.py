"""Which records are wanted: from when on, how severe, with which text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from devkit.logs.record import LEVELS, LogRecord, level_of, severity
from devkit.project.errors import UsageError

_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True)
class Selection:
    """`since` is a moment, `level` the least severe that is wanted, `pattern` what message or trace have to hold."""

    since: datetime | None = None
    level: str | None = None
    pattern: re.Pattern[str] | None = None

    def takes(self, record: LogRecord) -> bool:
        """Whether a record is wanted. One without a level is not where a level is asked for."""
        if self.level is not None and severity(record.level) < severity(self.level):
            return False
        if self.since is not None and _before(record.time, self.since):
            return False
        if self.pattern is None:
            return True
        return any(self.pattern.search(text) for text in (record.message, *record.trace))


def selection(*, since: str | None = None, level: str | None = None, grep: str | None = None) -> Selection:
    """A selection by what a person gave; UsageError for what is no time, level or regular expression."""
    named = None
    if level is not None and (named := level_of(level)) is None:
        raise UsageError(f"unknown level {level!r}", f"the levels are: {', '.join(LEVELS)}")
    try:
        pattern = None if grep is None else re.compile(grep)
    except re.error as error:
        raise UsageError(f"--grep {grep!r} is no regular expression: {error}", "put a \\ before ( [ * + ?") from error
    return Selection(None if since is None else moment(since, datetime.now(UTC), "--since"), named, pattern)


def moment(text: str, now: datetime, flag: str = "") -> datetime:
    """`10m`, `1h30m`, `2d` before now, or a time such as 14:30 or 2026-01-31T10:00:00 (local where no zone is given).

    A time without a day is the last one that has passed. UsageError for what is no time; it names the `flag`.
    """
    age = _AGE.fullmatch(text)
    try:
        if text and age is not None:
            days, hours, minutes, seconds = (float(part or 0) for part in age.groups())
            return now - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if _CLOCK.fullmatch(text):
            clock = time_of_day.fromisoformat(text if text[2] == ":" else f"0{text}")
            today = datetime.combine(now.astimezone().date(), clock).astimezone(UTC)
            return today if today <= now else today - timedelta(days=1)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{flag} {text!r} is no time".lstrip(), "give an age (10m, 2h, 1d) or a time (14:30, 2026-01-31T10:00:00)"
        ) from None


def moments(text: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when until when: `10m`, `14:00..14:30`, `..9:15`; None where a side is left out. Errors as `moment` has."""
    since, _, until = text.replace(" ", "").partition("..")
    return (moment(since, now) if since else None, moment(until, now) if until else None)


def _before(time: str, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(time) < since
    except (ValueError, TypeError):
        return False
