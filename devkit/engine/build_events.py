"""What a build says while it runs, as values: a step began, wrote a line, or is over.

A door draws them, the history keeps what they add up to. The instruction of a step is the Dockerfile's own text: what
BuildKit shows of it has the values of build arguments in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.engine.step_name import shorten


@dataclass(frozen=True)
class BuildStep:
    """One instruction of the Dockerfile: whether it came from the cache, else how long it took.

    `name` is the instruction in one line; `number` counts within the stage as BuildKit does. `digest` is BuildKit's for
    it: another one in each build for what takes files from the build context, else the same for the same work.
    `error` says why it failed, and is empty where it did not.
    """

    name: str
    stage: str
    cached: bool
    seconds: float
    number: int = 0
    of: int = 0
    digest: str = ""
    error: str = ""

    def __str__(self) -> str:
        """The step in one line: `[app 2/5] RUN make`."""
        return shorten(f"[{f'{self.stage} ' if self.stage else ''}{self.number}/{self.of}] {self.name}")


@dataclass(frozen=True)
class StepStarted:
    """A step runs now; `seconds` and `cached` of it are not known yet."""

    step: BuildStep


@dataclass(frozen=True)
class StepOutput:
    """A line that a step's program wrote, without colours."""

    step: BuildStep
    text: str


@dataclass(frozen=True)
class StepEnded:
    """A step is done, failed, or came from the cache; the last kind may come without a start."""

    step: BuildStep


StepEvent = StepStarted | StepOutput | StepEnded
OnStepEvent = Callable[[StepEvent], None]


def step_line(event: StepStarted | StepEnded) -> str:
    """The event in one line for a person: the step, and whether it came from the cache."""
    return f"{event.step} (cached)" if isinstance(event, StepEnded) and event.step.cached else str(event.step)
