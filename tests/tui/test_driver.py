"""What the app writes to: a screen that is there already, and a terminal that may be closed."""

from __future__ import annotations

import os
import pty
from contextlib import suppress

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from devkit.tui.driver import Continued, Lasting
from devkit.tui.first_rows import ENTER, LEAVE

pytestmark = pytest.mark.unit


def test_the_app_does_not_clear_the_screen_that_it_takes_over() -> None:
    driver = object.__new__(Continued)
    driver._is_there = True
    written: list[str] = []

    class Writer:
        def write(self, data: str) -> None:
            written.append(data)

    driver._writer_thread = Writer()  # type: ignore[assignment]
    for data in ("a", ENTER, "b", LEAVE, ENTER):
        driver.write(data)
    assert written == ["a", "b", LEAVE, ENTER]


def test_what_is_written_arrives_at_the_terminal() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        lasting = Lasting(terminal)
        assert lasting.isatty()
        assert lasting.fileno() == theirs
        lasting.write("seen")
        lasting.flush()
        assert os.read(ours, 100) == b"seen"
    os.close(ours)


def test_a_terminal_that_was_closed_does_not_end_the_writing() -> None:
    ours, theirs = pty.openpty()
    terminal = os.fdopen(theirs, "w")
    writer = WriterThread(Lasting(terminal))
    os.close(ours)
    writer.start()
    for _ in range(3 * MAX_QUEUED_WRITES):
        writer.write("text that nobody sees" * 1000)  # without Lasting this waits for ever
    writer.stop()
    assert not writer.is_alive()
    with suppress(OSError):
        terminal.close()
