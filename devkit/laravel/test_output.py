"""What tests print, kept as far as a person would read it: a test that floods loses its oldest lines, and no others."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

MOST_OF_ONE = 128 * 1024
"""Signs of one test, or of the run around them."""

MOST_OF_ALL = 32 * 1024 * 1024


class Output:
    """Lines, the newest of them."""

    __slots__ = ("_lines", "dropped", "size")

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self.size = 0
        self.dropped = 0
        """Signs that were too many."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, text: str) -> None:
        """One line more."""
        if len(text) > MOST_OF_ONE:
            self.dropped += len(text) - MOST_OF_ONE
            text = text[-MOST_OF_ONE:]
        self._lines.append(text)
        self.size += len(text) + 1
        while self.size > MOST_OF_ONE and len(self._lines) > 1:
            self._drop(self._lines.popleft())

    def clear(self) -> None:
        """Give all of it up."""
        while self._lines:
            self._drop(self._lines.popleft())

    def _drop(self, text: str) -> None:
        self.size -= len(text) + 1
        self.dropped += len(text) + 1


class OutputBudget:
    """All outputs together: those that came first are given up when there is too much."""

    def __init__(self) -> None:
        self._size = 0
        self._outputs: dict[Output, None] = {}

    def add(self, output: Output, text: str) -> None:
        """One line more."""
        self._outputs[output] = None
        before = output.size
        output.add(text)
        self._size += output.size - before
        while self._size > MOST_OF_ALL and len(self._outputs) > 1:
            oldest = next(iter(self._outputs))
            self.forget(oldest)
            oldest.clear()

    def forget(self, output: Output) -> None:
        """It is nobody's any more."""
        if output in self._outputs:
            del self._outputs[output]
            self._size -= output.size

    def clear(self) -> None:
        """There is none any more."""
        self._size = 0
        self._outputs.clear()
