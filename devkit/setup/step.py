"""Steps of the first run: each knows whether it is done, does itself, and can be run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

StepStatus = Literal["done", "skipped", "failed", "planned"]


class Reporter(Protocol):
    """Where the steps say what they do; a door shows it."""

    def step_started(self, name: str, title: str) -> None:
        """A step begins."""

    def step_line(self, name: str, text: str) -> None:
        """One line of progress of the step under way."""

    def step_ended(self, name: str, status: StepStatus, seconds: float) -> None:
        """The step is over; `skipped` says that there was nothing to do."""

    def say(self, text: str) -> None:
        """A line that stays: something that a step has found out."""

    def warning(self, text: str) -> None:
        """Something that a person should know, and that does not stop the run."""


@dataclass(frozen=True)
class StepResult:
    """How one step ended, and after how many seconds."""

    name: str
    status: StepStatus
    seconds: float


@dataclass(frozen=True)
class Step:
    """One step: `done` looks at the world, `run` changes it and may be called again at any time.

    `done` of None means that the step always runs. `run` gets a function for its lines of progress.
    """

    name: str
    title: str
    run: Callable[[Callable[[str], None]], None]
    done: Callable[[], bool] | None = None

    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        return self.done is not None and self.done()


def run_steps(steps: Iterable[Step], report: Reporter, results: list[StepResult]) -> None:
    """Run the steps in order and append to `results` how each ended; the first failure ends the run."""
    for step in steps:
        with _reported(step, report, results) as outcome:
            if step.is_done():
                outcome.status = "skipped"
            else:
                step.run(_line_of(step, report))
                outcome.status = "done"


@dataclass
class _Outcome:
    status: StepStatus = "failed"


@contextmanager
def _reported(step: Step, report: Reporter, results: list[StepResult]) -> Iterator[_Outcome]:
    report.step_started(step.name, step.title)
    began = time.monotonic()
    outcome = _Outcome()
    try:
        yield outcome
    finally:
        seconds = round(time.monotonic() - began, 2)
        results.append(StepResult(step.name, outcome.status, seconds))
        report.step_ended(step.name, outcome.status, seconds)


def _line_of(step: Step, report: Reporter) -> Callable[[str], None]:
    return lambda text: report.step_line(step.name, text)
