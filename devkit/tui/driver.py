"""Textual's driver for a terminal, where it has to do otherwise (Textual 8.2.8)."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver

from devkit.tui.first_rows import ENTER, FirstRows


class TerminalDriver(LinuxDriver):
    """Goes on to the end when the terminal is closed.

    An error of the terminal's ends Textual's writing thread, which nobody is told of: thirty pieces of text later the
    app waits for good for its queue to have room, and neither the SIGHUP nor anything else ends it.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._file = Lasting(self._file)  # type: ignore[assignment]  # what is used of it is there


class Continued(TerminalDriver):
    """Draws over the rows that stand on the screen: to go to the alternate screen once more would clear it."""

    def __init__(self, rows: FirstRows, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._rows = rows
        self._is_there = True

    def start_application_mode(self) -> None:
        """Take the terminal over as it was before the rows."""
        self._rows.hand_over()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Write it; the first change to the alternate screen has been made."""
        if self._is_there and data == ENTER:
            self._is_there = False
            return
        super().write(data)


class Lasting(io.TextIOBase):
    """A terminal that takes what is written also after it was closed, and drops it then."""

    def __init__(self, terminal: IO[str] | None) -> None:
        super().__init__()
        assert terminal is not None
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Write as much as there is a terminal for."""
        with suppress(OSError):
            self._terminal.write(text)
        return len(text)

    def flush(self) -> None:
        """The same for what it still holds."""
        with suppress(OSError):
            self._terminal.flush()

    def fileno(self) -> int:
        """The terminal's own."""
        return self._terminal.fileno()

    def isatty(self) -> bool:
        """Whether it was one."""
        return self._terminal.isatty()
