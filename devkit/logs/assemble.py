"""Lines of one source put together to records: an exception's trace belongs to the line before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from devkit.logs.monolog import continues_trace, is_head, opens_trace, parse_monolog
from devkit.logs.parse import parse_line
from devkit.logs.record import LogRecord

_MOST_LINES = 2000
"""A trace longer than this comes in several records: a flood must not fill the memory."""


@dataclass
class Assembler:
    """One stream of one container, or one file (`whole`: each of its lines belongs to a record of Monolog)."""

    service: str
    stream: str
    whole: bool = False
    _time: str = ""
    _lines: list[str] = field(default_factory=list)

    def take(self, time: str, text: str) -> Iterator[LogRecord]:
        """The records that this line ends; `time` is empty where only the record says it."""
        if self._lines:
            goes_on = not is_head(text) and (self.whole or continues_trace(text))
            if goes_on and len(self._lines) < _MOST_LINES:
                self._lines.append(text)
                if not self.whole and text.startswith('"}'):
                    yield from self.flush()
                return
            yield from self.flush()
        if is_head(text) and (self.whole or opens_trace(text)):
            self._time, self._lines = time, [text]
        elif not self.whole:
            yield parse_line(time, self.service, self.stream, text)
        # A line of a file before its first head: the reading began amid a trace.

    def flush(self) -> Iterator[LogRecord]:
        """The record that is held: nothing more comes, or not soon."""
        lines, self._lines = self._lines, []
        found = parse_monolog(lines) if lines else None
        if found is not None:
            yield LogRecord(
                self._time or found.time, self.service, self.stream, found.level, found.message, found.context
            )
