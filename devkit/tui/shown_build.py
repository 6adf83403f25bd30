"""A build as the Build tab shows it: one that runs, as its events tell, or one of the history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from devkit.delivery.build_lines import BuildFailed, ToldEvent
from devkit.delivery.build_progress import (
    BuildEnded,
    BuildStarted,
    BuildWarning,
    Preparing,
    Pushed,
    Pushing,
)
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.dockerfile_place import line_named
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted
from devkit.engine.dockerfile import Dockerfile
from devkit.tui.kept_lines import KeptLines

_MOST_LINES, _MOST_BYTES = 20_000, 4 * 1024 * 1024
"""Of one step; BuildKit itself cuts what a step writes at 2 MiB, unless it was told otherwise."""

StepPlace = tuple[str, int]
"""Stage and number: what tells a step from the others of a build."""


class StepState(Enum):
    """How a step stands."""

    RUNNING = "running"
    CACHED = "cached"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Phase(Enum):
    """How a build stands."""

    PREPARING = "preparing"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing comes any more."""
        return self not in (Phase.PREPARING, Phase.RUNNING)


def _no_lines() -> KeptLines:
    return KeptLines(_MOST_LINES, _MOST_BYTES)


@dataclass
class ShownStep:
    """One instruction: `seconds` it took, or has taken so far by `seconds_at`; `lines` are what it wrote."""

    stage: str
    number: int
    name: str
    state: StepState = StepState.RUNNING
    seconds: float = 0.0
    began: float = 0.0
    reason: str = ""
    error: str = ""
    lines: KeptLines = field(default_factory=_no_lines)

    @property
    def place(self) -> StepPlace:
        """What tells it from others."""
        return self.stage, self.number

    def seconds_at(self, now: float) -> float:
        """How long it takes by then, on the monotonic clock, or how long it took."""
        return now - self.began if self.state is StepState.RUNNING else self.seconds


@dataclass
class ShownBuild:
    """One build. `stage` is empty until it is known which one compose.yaml names."""

    stage: str = ""
    phase: Phase = Phase.PREPARING
    image: str = ""
    expected: int = 0
    dockerfile_path: str = ""
    dockerfile: Dockerfile | None = None
    """As it was when the build began."""

    command: tuple[str, ...] = ()
    note: str = ""
    """The last that was said of preparations."""

    warnings: list[str] = field(default_factory=list)
    problem: str = ""
    hint: str = ""
    around: KeptLines = field(default_factory=_no_lines)
    """What no step wrote: preparations, and the last words of a build that failed."""

    record: BuildRecord | None = None
    steps: dict[StepPlace, ShownStep] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    took: float | None = None

    @staticmethod
    def of(record: BuildRecord) -> ShownBuild:
        """One of the history: what its steps wrote is not kept."""
        build = ShownBuild(record.stage, Phase(record.status), record.image, record.total)
        build._keep(record)
        return build

    @property
    def cached(self) -> int:
        """How many steps came from the cache."""
        return sum(step.state is StepState.CACHED for step in self.steps.values())

    @property
    def over(self) -> int:
        """How many steps are over."""
        return sum(step.state is not StepState.RUNNING for step in self.steps.values())

    @property
    def running(self) -> ShownStep | None:
        """The step that began last of those that run."""
        found = [step for step in self.steps.values() if step.state is StepState.RUNNING]
        return max(found, key=lambda step: step.began, default=None)

    @property
    def failed(self) -> ShownStep | None:
        """The step that failed."""
        return next((step for step in self.steps.values() if step.state is StepState.FAILED), None)

    @property
    def line_named(self) -> int | None:
        """The line of the Dockerfile that the failure names, where no step is at fault."""
        lines = (line.decode(errors="replace") for line in self.around)
        return line_named([self.problem, *lines]) if self.problem else None

    def seconds_at(self, now: float) -> float:
        """How long it takes by then, on the monotonic clock, or took."""
        return self.took if self.took is not None else now - self.began

    def stages(self) -> Iterator[tuple[str, list[ShownStep]]]:
        """Stages as they began, each with its steps in their order."""
        found: dict[str, list[ShownStep]] = {}
        for step in self.steps.values():
            found.setdefault(step.stage, []).append(step)
        for stage, steps in found.items():
            yield stage, sorted(steps, key=lambda step: step.number)

    def take(self, event: ToldEvent, now: float) -> None:
        """What has happened, at a moment of the monotonic clock."""
        match event:
            case BuildStarted(stage, image, steps, dockerfile, command):
                self.stage, self.image, self.expected = stage, image, steps
                self.dockerfile_path, self.command = dockerfile, command
                self.phase, self.note = Phase.RUNNING, ""
            case StepStarted(step):
                self._step(step, now)
            case StepOutput(step, text):
                self._step(step, now).lines.append(text.encode(errors="replace"))
            case StepEnded(step):
                self._end(self._step(step, now), step)
            case Preparing(text) | Pushing(text):
                self.note = text
                self.around.append(text.encode(errors="replace"))
            case Pushed(reference, digest):
                self.around.append(f"pushed {reference}: {digest}".encode(errors="replace"))
            case BuildWarning(text):
                self.warnings.append(text)
            case BuildEnded(record):
                self._keep(record)
            case BuildFailed(message, hint, detail):
                self.fail(message, hint)
                if self.failed is None:
                    for line in detail:
                        self.around.append(line.encode(errors="replace"))

    def fail(self, message: str, hint: str = "") -> None:
        """It came to nothing."""
        self.problem, self.hint = message, hint
        if not self.phase.is_over:
            self.phase = Phase.FAILED

    def close(self, now: float) -> None:
        """Nothing comes any more; what still ran was cut off. Of the step that failed its lines of the Dockerfile."""
        for step in self.steps.values():
            if step.state is StepState.RUNNING:
                step.state, step.seconds = StepState.CANCELLED, step.seconds_at(now)
        if not self.phase.is_over:
            self.phase = Phase.CANCELLED
        if self.took is None:
            self.took = now - self.began
        self._show_where_it_failed()

    def _show_where_it_failed(self) -> None:
        failed, dockerfile = self.failed, self.dockerfile
        if failed is None or dockerfile is None:
            return
        if (found := dockerfile.step(failed.stage, failed.number)) is not None:
            failed.lines.append(b"")
            for line in (f"Dockerfile:{found.line}", *dockerfile.excerpt(found)):
                failed.lines.append(line.encode(errors="replace"))

    def _step(self, step: BuildStep, now: float) -> ShownStep:
        place = step.stage, step.number
        if (found := self.steps.get(place)) is None:
            found = self.steps[place] = ShownStep(step.stage, step.number, step.name, began=now)
        return found

    def _end(self, shown: ShownStep, step: BuildStep) -> None:
        shown.seconds, shown.error = step.seconds, step.error
        if step.error:
            shown.state = StepState.CANCELLED if "canceled" in step.error else StepState.FAILED
        else:
            shown.state = StepState.CACHED if step.cached else StepState.DONE

    def _keep(self, record: BuildRecord) -> None:
        """The record has the reasons, and the stages in the Dockerfile's order."""
        self.record, self.took = record, record.seconds
        self.phase = Phase(record.status)
        former, self.steps = self.steps, {}
        for step in record.steps:
            place = step.stage, step.number
            known = former.pop(place) if place in former else ShownStep(step.stage, step.number, step.name)
            shown = self.steps[place] = known
            self._end(shown, BuildStep(step.name, step.stage, step.cached, step.seconds, step.number, error=step.error))
            shown.reason = step.reason.text if step.reason is not None else ""
        self.steps |= former  # a step that was not completed is in no record
