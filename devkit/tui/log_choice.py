"""Which lines of the store are shown: of which services, level and time, with which text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from devkit.logs.query import Query
from devkit.logs.record import LEVELS, severity
from devkit.logs.spill import Spill
from devkit.logs.stored import TEXT_AT, stored_time
from devkit.logs.timeline import Timeline, Wanted
from devkit.tui.log_rows import service_of

STEPS: tuple[str | None, ...] = (None, "info", "warning", "error")
"""The levels that one key goes through; None shows all."""

_SUSPECT = re.compile(
    rb"warn|err|crit|alert|emerg|fatal|panic|exception|notice|info|deprecat|\"level|\"status\":|\.[A-Z]+: ",
    re.IGNORECASE,
)
"""What a line without any of these has no level by: most are ruled out by this alone."""


@dataclass(frozen=True)
class LogChoice:
    """What a person chose; `service` of None is all of them. Times are as in stored lines, empty for no limit."""

    service: str | None = None
    level: str | None = None
    filter: Query | None = None
    since: bytes = b""
    until: bytes = b""

    def of_time(self, text: str, now: datetime) -> LogChoice:
        """Only the lines of a time, as `devkit logs --since` takes it, or `FROM..TO`; UsageError for what is none."""
        from devkit.logs.select import moments

        since, until = moments(text, now)
        return replace(self, since=stored_time(since) if since else b"", until=stored_time(until) if until else b"")

    @property
    def is_everything(self) -> bool:
        """Whether no line of the service is left out."""
        return self == LogChoice(self.service)

    def timeline(self, sources: Iterable[Spill]) -> Timeline:
        """What is shown of these sources."""
        chosen = [source for source in sources if self.has(source.name)]
        return Timeline(chosen, self.wanted, since=self.since, until=self.until)

    def next_level(self) -> LogChoice:
        """The next step of the levels."""
        return replace(self, level=STEPS[(STEPS.index(self.level) + 1) % len(STEPS)])

    def has(self, source: str) -> bool:
        """Whether a source belongs to what is shown; laravel.log belongs to the app."""
        return self.service in (None, service_of(source)) or (self.service == "app" and source.endswith(".log"))

    @property
    def wanted(self) -> Wanted | None:
        """What a timeline asks of each line; None where every line is shown."""
        if self.level is None and self.filter is None:
            return None
        least = severity(self.level)

        def is_wanted(source: str, line: bytes) -> bool:
            if self.filter is not None and not self.filter.matches(line):
                return False
            return self.level is None or _severity(source, line) >= least

        return is_wanted

    def __str__(self) -> str:
        parts = [self.service or "all services"]
        if self.level is not None:
            parts.append(f"{self.level} and above" if self.level != LEVELS[-1] else self.level)
        if self.since:
            parts.append(f"since {_said(self.since)}")
        if self.until:
            parts.append(f"until {_said(self.until)}")
        if self.filter is not None:
            parts.append(f"{'without' if self.filter.inverted else 'with'} “{self.filter.text}”")
        return ", ".join(parts)


def _said(time: bytes) -> str:
    """A moment on this machine's clock; with its day where that is not today."""
    moment = datetime.fromisoformat(time[:19].decode() + "+00:00").astimezone()
    return f"{moment:%H:%M:%S}" if moment.date() == datetime.now().astimezone().date() else f"{moment:%d %b %H:%M:%S}"


def _severity(source: str, line: bytes) -> int:
    if _SUSPECT.search(line, TEXT_AT, TEXT_AT + 4096) is None:
        return -1
    from devkit.logs.parse import parse_line

    text = line[TEXT_AT:].decode("utf-8", errors="replace")
    record = parse_line("", service_of(source), "", text)
    if "status" in record.context and record.level is not None:
        status = record.context["status"]
        if isinstance(status, int) and status >= 500:
            return severity("error")
    return severity(record.level)
