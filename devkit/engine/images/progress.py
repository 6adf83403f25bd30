"""What a build says of itself: `docker build --progress=plain` read line by line, and progress with times."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Literal

Event = Literal["started", "step", "done", "waiting"]

_VERTEX = re.compile(r"#(\d+) (.*)")
_STEP = re.compile(r"\[(?!internal)[^\]]*\] .+")
_OUTPUT = re.compile(r"(\d+\.\d+) (.*)")
KEPT_LINES = 25


@dataclass(frozen=True)
class Progress:
    """One event of providing an image; `seconds` since this image (done) or this step (step) was started."""

    image: str
    event: Event
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        """One line for a person."""
        if self.event == "done":
            return f"{self.image}: {self.text or 'done'} in {self.seconds:.1f} s"
        return f"{self.image}: {self.text}" if self.text else f"{self.image}: {self.event}"


class BuildOutput:
    """Reads the lines of one build: `feed` gives the step that began, and the end keeps what went wrong.

    BuildKit numbers its steps (`#7 [stage 2/5] RUN …`), puts the number before each line of a step's output, and
    says CACHED, DONE 1.2s or ERROR once it is over.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._tail: deque[str] = deque(maxlen=KEPT_LINES)

    def feed(self, line: str) -> str | None:
        """The name of the step that this line starts, else None."""
        match = _VERTEX.fullmatch(line)
        if match is None:
            if line.strip():
                self._tail.append(line)
            return None
        number, rest = match.groups()
        if _STEP.fullmatch(rest):
            began = number not in self._names and " FROM " not in f" {rest.split('] ', 1)[1]}"
            self._names[number] = rest
            return shorten(rest) if began else None
        output = _OUTPUT.fullmatch(rest)
        if output:
            self._tail.append(output.group(2))
        elif rest.startswith("ERROR"):
            self._tail.append(rest)
        return None

    def why(self) -> str:
        """The last lines of the build's output."""
        return "\n".join(self._tail)


def shorten(text: str, limit: int = 90) -> str:
    """A step's name in one line: `[php 2/5] RUN apt-get update && …`."""
    words = " ".join(re.sub(r"--mount=\S+ ", "", text).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
