"""What devkit says while it works: lines on stderr, progress rewritten in place only on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from devkit.cli.context import Context, is_terminal
from devkit.cli.errors_shown import one_line

if TYPE_CHECKING:
    from devkit.engine.state import ServiceState
    from devkit.setup.step import StepStatus

_MARKS = {"start": "▸", "done": "✓", "skipped": "–", "failed": "✗", "planned": "·", "warning": "!"}  # noqa: RUF001
_PLAIN = {"start": ">", "done": "ok", "skipped": "-", "failed": "x", "planned": ".", "warning": "!"}
_COLOURS = {"start": "36", "done": "32", "skipped": "2", "failed": "31", "planned": "2", "warning": "33"}

_SECONDS_BETWEEN_LINES = 15.0
"""Off a terminal a long step says where it is this often, not with each of its thousands of lines."""


@dataclass
class Narrator:
    """Says things on one stream; the Reporter of the first run's steps is one of its roles.

    Steps may speak from several threads, so every line is written under a lock.
    """

    stream: TextIO
    quiet: bool = False
    terminal: bool = False
    colour: bool = False
    marks: Mapping[str, str] = field(default_factory=lambda: _MARKS)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _standing: int = 0
    """Lines of progress that stand at the bottom, and are to be written over."""
    _last_line: float = 0.0
    _seen: dict[str, str] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """One line, unless --quiet."""
        if not self.quiet:
            self._write(text)

    def mark(self, name: str, text: str) -> None:
        """One line behind a mark: start, done, skipped, failed, planned or warning."""
        sign = self.marks[name]
        self.say(f"{self.paint(sign, _COLOURS[name])} {text}")

    def warning(self, text: str) -> None:
        """Something to know that stops nothing."""
        self.mark("warning", one_line(text))

    def progress(self, text: str) -> None:
        """Where the work is: replaces the line before on a terminal, else a line every 15 s."""
        shown = one_line(text)
        if self.quiet or not shown:
            return
        if self.terminal:
            self.progress_lines([shown])
            return
        now = time.monotonic()
        if now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._write(f"  {shown}")

    def progress_lines(self, texts: Sequence[str]) -> None:
        """Where the work is, in a few lines that replace those before; only on a terminal."""
        if self.quiet or not self.terminal:
            return
        with self._lock:
            shown = [self.paint(fit(f"  {one_line(text)}", self._width() - 1), "2") for text in texts]
            self.stream.write((self._erasure() or "\r\x1b[K") + "\n".join(shown))
            self.stream.flush()
            self._standing = len(shown)

    def step_started(self, name: str, title: str) -> None:
        """A step begins: one line."""
        self.mark("start", f"{name}: {one_line(title)}")

    def step_line(self, _name: str, text: str) -> None:
        """Progress within a step."""
        self.progress(text)

    def step_ended(self, name: str, status: StepStatus, seconds: float) -> None:
        """A step is over: one line with its time."""
        note = " (nothing to do)" if status == "skipped" else " failed" if status == "failed" else ""
        self.mark(status, f"{name}{note} {seconds:.1f} s")

    def service(self, state: ServiceState) -> None:
        """One line for a service whose state or health is another than before."""
        word = state.health or state.state
        if self._seen.get(state.name) == word:
            return
        self._seen[state.name] = word
        bad = word in ("unhealthy", "exited", "missing")
        self.mark("done" if state.ready else "failed" if bad else "start", f"{state.name} {word}")

    def clear(self) -> None:
        """Take away a line of progress that still stands, before something else is printed."""
        with self._lock:
            self._clear()

    def paint(self, text: str, code: str) -> str:
        """The text in a colour, where there is colour."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def _write(self, text: str) -> None:
        with self._lock:
            self._clear()
            self.stream.write(text + "\n")
            self.stream.flush()
            self._last_line = time.monotonic()

    def _clear(self) -> None:
        if erasure := self._erasure():
            self.stream.write(erasure)
            self.stream.flush()
            self._standing = 0

    def _erasure(self) -> str:
        """What takes the standing lines away, and leaves the cursor where the first of them began."""
        if self._standing > 1:
            return f"\r\x1b[{self._standing - 1}A\x1b[J"
        return "\r\x1b[K" if self._standing else ""

    def _width(self) -> int:
        try:
            return max(os.get_terminal_size(self.stream.fileno()).columns, 20)
        except (OSError, ValueError):
            return 80


def narrator(context: Context) -> Narrator:
    """The narrator for this run: stderr, with colour and marks as the terminal takes them."""
    terminal = is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
    unicode = (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"
    return Narrator(
        sys.stderr,
        quiet=context.quiet,
        terminal=terminal,
        colour=terminal and not os.environ.get("NO_COLOR"),
        marks=_MARKS if unicode else _PLAIN,
    )


def fit(text: str, width: int) -> str:
    """Text cut to so many columns; wide signs count two, combining ones none."""
    used = 0
    for index, sign in enumerate(text):
        used += 0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if used > width:
            return text[:index]
    return text
