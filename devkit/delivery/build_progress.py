"""A build of a project as it goes, for whoever shows it: preparations, steps, the push, and the record at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.delivery.build_record import BuildRecord
from devkit.engine.build_events import BuildStep, StepEnded, StepEvent, StepOutput, StepStarted, step_line


@dataclass(frozen=True)
class Preparing:
    """Something comes before the build itself: base images, above all."""

    text: str


@dataclass(frozen=True)
class BuildStarted:
    """The build begins. `steps` of the Dockerfile are needed for this stage.

    `command` is the plain one, as a person would type it: build arguments that may be secrets stand without values.
    """

    stage: str
    image: str
    steps: int
    dockerfile: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pushing:
    """A line of the push to a registry."""

    text: str


@dataclass(frozen=True)
class Pushed:
    """A registry has the image under this name, with this digest."""

    reference: str
    digest: str


@dataclass(frozen=True)
class BuildWarning:
    """Something to know that stops nothing."""

    text: str


@dataclass(frozen=True)
class BuildEnded:
    """The build is over: done, failed or cancelled. It comes before the error, where there is one, and the push."""

    record: BuildRecord


BuildEvent = Preparing | BuildStarted | StepEvent | Pushing | Pushed | BuildWarning | BuildEnded
OnBuildEvent = Callable[[BuildEvent], None]


def as_lines(on_line: Callable[[str], None]) -> OnBuildEvent:
    """For who shows one line at a time: each step once, and what is to be known."""

    def on_event(event: BuildEvent) -> None:
        match event:
            case Preparing(text) | Pushing(text) | BuildWarning(text):
                on_line(text)
            case StepStarted() | StepEnded(BuildStep(cached=True)):
                on_line(step_line(event))
            case StepOutput() | StepEnded() | BuildStarted() | BuildEnded() | Pushed():
                pass

    return on_event
