"""The services on the screen before Textual is loaded, which takes longer than the engine takes to say what runs.

They stand where the app's own first frame has them, which takes their place without a flicker: `Continued` does not
clear the screen. Keys that are pressed meanwhile are the app's. An engine that does not answer at once is left to the
app, which says why.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
import termios
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from devkit.engine.live_services import LiveService, Snapshot, containers_of, services_of
from devkit.project.errors import DevkitError
from devkit.setup.declared import declared_services_of
from devkit.setup.project import Project
from devkit.tui.widgets.service_row import Facts, all_row, service_row

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
"""To the alternate screen, cleared, and back (xterm's control sequences, DECSET 1049)."""

_CURSOR_OFF, _CURSOR_ON = "\x1b[?25l", "\x1b[?25h"
_KEYS = 0
"""stdin, where Textual reads keys too."""

_IFLAG, _LFLAG = 0, 3
_ANSWER_SECONDS = 0.25
_PADDING = 1
NARROW, WIDE = 100, 160
"""Columns of the terminal below which, and from which on, the side has another width."""

_WIDTHS = ((WIDE, 58), (NARROW, 40), (0, 26))
"""From how many columns of the terminal on the side takes how many, as devkit.tcss has it."""


class FirstRows:
    """Shows the services while the app is made and begins: `with FirstRows(project) as rows`, around all of that.

    `snapshot` is what is shown: None, and the terminal as it was, where no services are known. The app's driver calls
    `hand_over` when the terminal becomes the app's; an error before that leaves the terminal as it was too.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._before: list[Any] | None = None
        self._is_ours = False
        self.snapshot: Snapshot | None = None

    def __enter__(self) -> Self:
        self.snapshot = _snapshot(self._project)
        if self.snapshot is not None:
            self._is_ours = True
            self._take_keys()
            size = shutil.get_terminal_size()
            _write(ENTER + _CURSOR_OFF + drawn(self.snapshot, size.columns, size.lines))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._is_ours:
            self.hand_over()
            _write(LEAVE + _CURSOR_ON)

    def hand_over(self) -> None:
        """The screen stays as it is, the keys are as they were: the app takes both now."""
        self._is_ours = False
        if self._before is not None:
            with suppress(termios.error):  # it was closed
                termios.tcsetattr(_KEYS, termios.TCSANOW, self._before)
            self._before = None

    def _take_keys(self) -> None:
        """Keys are kept for the app, each as it is, and do not appear on the screen. Ctrl-C ends devkit still."""
        with suppress(termios.error):  # no terminal
            before = termios.tcgetattr(_KEYS)
            raw = [*before]
            raw[_IFLAG] &= ~(termios.ICRNL | termios.IXON)
            raw[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
            termios.tcsetattr(_KEYS, termios.TCSANOW, raw)
            self._before = before


def drawn(snapshot: Snapshot, columns: int, lines: int) -> str:
    """The rows as the app will draw them, in a terminal of this size: text and control sequences."""
    width = next(width for least, width in _WIDTHS if columns >= least) - 1 - 2 * _PADDING
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", width=width, legacy_windows=False
    )
    plain = (one for one in snapshot.services if not one.profiles)  # those of profiles stand below them
    rows = [all_row(snapshot.services), *(service_row(one, Facts(width, time.time())) for one in plain)]
    shown = []
    for line, row in enumerate(rows[: max(1, lines - 2)], start=1):
        row.truncate(width)
        with console.capture() as captured:
            console.print(row, end="")
        shown.append(f"\x1b[{line};{1 + _PADDING}H{captured.get()}")
    return "".join(shown)


def _write(text: str) -> None:
    with suppress(OSError):  # the terminal was closed
        sys.stderr.write(text)  # where Textual draws
        sys.stderr.flush()


def _snapshot(project: Project) -> Snapshot | None:
    async def look() -> tuple[LiveService, ...]:
        async with asyncio.timeout(_ANSWER_SECONDS):
            found = await containers_of(project.docker, project.settings.name)
        return services_of(declared_services_of(project.paths), found)

    with suppress(DevkitError, OSError, TimeoutError):
        if services := asyncio.run(look()):
            return Snapshot(services)
    return None
