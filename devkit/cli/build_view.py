"""A build as it runs: a line for each step that is over, and on a terminal those that run, with their time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from devkit.cli.narration import Narrator
from devkit.delivery.build_progress import (
    BuildEnded,
    BuildEvent,
    BuildStarted,
    BuildWarning,
    Preparing,
    Pushed,
    Pushing,
)
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted

_SECONDS_BETWEEN = 0.2
_MOST_RUNNING = 6
"""So many running steps are shown, the longest of them first."""


@dataclass
class _Running:
    step: BuildStep
    since: float
    said: str = ""


@dataclass
class BuildView:
    """Hears of a build's events and shows them; a thread of its own, ended with the block, keeps times current."""

    said: Narrator
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _running: dict[tuple[str, int], _Running] = field(default_factory=dict)
    _steps: int = 0
    _over: int = 0
    _cached: int = 0
    _since: float | None = None

    def __enter__(self) -> Self:
        if self.said.terminal and not self.said.quiet:
            self._thread = threading.Thread(target=self._keep_current, name="build-view", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self.said.clear()

    def on_event(self, event: BuildEvent) -> None:
        """Show an event."""
        match event:
            case Preparing(text) | Pushing(text):
                self.said.progress(text)
            case Pushed(reference, digest):
                self.said.mark("done", f"pushed {reference}: {digest}")
            case BuildWarning(text):
                self.said.warning(text)
            case BuildStarted(steps=steps):
                with self._lock:
                    self._steps, self._since = steps, time.monotonic()
            case StepStarted(step):
                self._begin(step)
            case StepOutput(step, text):
                self._hear(step, text)
            case StepEnded(step):
                self._end(step)
            case BuildEnded():
                with self._lock:
                    self._since = None

    def _begin(self, step: BuildStep) -> None:
        with self._lock:
            self._running[step.stage, step.number] = _Running(step, time.monotonic())
        if not self.said.terminal:
            self.said.mark("start", str(step))
        self._draw()

    def _hear(self, step: BuildStep, text: str) -> None:
        with self._lock:
            running = self._running.get((step.stage, step.number))
            if running is not None:
                running.said = text

    def _end(self, step: BuildStep) -> None:
        with self._lock:
            self._running.pop((step.stage, step.number), None)
            self._over += 1
            self._cached += step.cached
        if step.cached:
            self.said.mark("skipped", f"{step}  cached")
        elif "canceled" in step.error:
            self.said.mark("skipped", f"{step}  cancelled")
        else:
            self.said.mark("failed" if step.error else "done", f"{step}  {step.seconds:.1f} s")
        self._draw()

    def _keep_current(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN):
            self._draw()

    def _draw(self) -> None:
        with self._lock:
            lines = self._lines()
        if lines:
            self.said.progress_lines(lines)

    def _lines(self) -> list[str]:
        if self._since is None:
            return []
        now = time.monotonic()
        lines = []
        for running in sorted(self._running.values(), key=lambda running: running.since)[:_MOST_RUNNING]:
            lines.append(f"{running.step}  {now - running.since:.0f} s")
            if running.said:
                lines.append(f"    {running.said}")
        more = len(self._running) - _MOST_RUNNING
        also = f", {more} more running" if more > 0 else ""
        return [*lines, f"{self._over} of {self._steps} steps, {self._cached} cached, {now - self._since:.0f} s{also}"]
