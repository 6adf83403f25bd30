"""A terminal for programs under test that answers what they ask of it, as real ones do."""

from __future__ import annotations

import pexpect
import pyte


class _Screen(pyte.Screen):
    def __init__(self, child: pexpect.spawn[str]) -> None:
        rows, columns = child.getwinsize()
        super().__init__(columns, rows)
        self._child = child

    def write_process_input(self, data: str) -> None:
        self._child.send(data)


class _Answering:
    """Gets all that is read of the child, as pexpect's log."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self._stream = pyte.Stream(_Screen(child))
        self.text = ""

    def write(self, text: str) -> None:
        self._stream.feed(text)
        self.text += text

    def flush(self) -> None:
        """Nothing is kept back."""


def answering(child: pexpect.spawn[str]) -> pexpect.spawn[str]:
    """The same child, told where its cursor is when it asks: prompts wait a second for an answer that never comes."""
    child.logfile_read = _Answering(child)
    return child


def shown(child: pexpect.spawn[str]) -> str:
    """All that the child has written to its terminal so far, control sequences included."""
    log = child.logfile_read
    assert isinstance(log, _Answering)
    return log.text
