"""How a build's step is named: what BuildKit's names say, and what of one fits a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"\[(?:(?P<platform>\w+/[^\s\]]+) )?(?:(?P<stage>[^\s/\]]+) +)?\s*(?P<number>\d+)/(?P<of>\d+)\] (?P<text>.+)",
    re.DOTALL,
)
"""`[stage 2/5] RUN make`; a build for several platforms has the platform in front (dockerfile2llb's prefixCommand)."""


@dataclass(frozen=True)
class StepName:
    """The parts of a name: `number` of `of` within the stage; `text` may have the values of build arguments in it."""

    stage: str
    number: int
    of: int
    text: str

    @property
    def is_base(self) -> bool:
        """Whether it stands for the image that a stage begins with, and for no work of its own."""
        return self.text.startswith("FROM ")


def parse_step_name(name: str) -> StepName | None:
    """The parts of a vertex's name; None for what is no instruction of the Dockerfile, as `[internal] load …`."""
    match = _NAME.match(name)
    if match is None:
        return None
    return StepName(match["stage"] or "", int(match["number"]), int(match["of"]), match["text"].splitlines()[0])


def shorten(text: str, limit: int = 90) -> str:
    """A step's name in one line: `[php 2/5] RUN apt-get update && …`."""
    words = " ".join(re.sub(r"--mount=\S+ ", "", text).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
