"""A build's events through a pipe: what is written is read as it was."""

from __future__ import annotations

import json

import pytest
from recorded_build import rebuilt, record, step

from devkit.delivery.build_lines import BuildFailed, EventReader, ToldEvent, event_to_json
from devkit.delivery.build_progress import BuildEnded, BuildStarted, BuildWarning, Preparing, Pushed, Pushing
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted

pytestmark = pytest.mark.unit

MAKE = BuildStep("RUN make", "app", False, 0.0, 2, 3)
FAILED = BuildStep("RUN make", "app", False, 1.25, 2, 3, "sha256:1", "exit code: 2")
EVENTS: list[ToldEvent] = [
    Preparing("frankenphp: pulling"),
    BuildStarted("app", "shop-app:app", 3, "/shop/Dockerfile", ("docker", "buildx", "build", ".")),
    StepStarted(MAKE),
    StepOutput(MAKE, 'a "line" \x1b[2J of ümlauts'),
    StepEnded(FAILED),
    BuildWarning("no history"),
    BuildEnded(record(step("COPY . .", cached=True, saved=1.5), rebuilt("RUN make", 2.0, "a.php"), pushed="sha256:2")),
    Pushing("0a: Pushed"),
    Pushed("registry.example/shop:1", "sha256:2"),
    BuildFailed("it failed", "mend it", ("Dockerfile:3", "3 | >>> RUNN")),
]


def test_each_event_is_a_line_that_is_read_as_it_was() -> None:
    reader = EventReader()
    lines = [json.dumps(event_to_json(event)) for event in EVENTS]
    assert all("\n" not in line for line in lines)
    assert [reader.read(line.encode()) for line in lines] == EVENTS


def test_a_line_of_a_step_that_was_not_announced_has_its_place() -> None:
    (event,) = [EventReader().read(json.dumps(event_to_json(StepOutput(MAKE, "x"))))]
    assert isinstance(event, StepOutput)
    assert (event.step.stage, event.step.number, event.text) == ("app", 2, "x")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"devkit: no engine",
        b"[]",
        b"7",
        b"{}",
        b'{"event": "else"}',
        b'{"event": "output"}',
        b'{"event": "step", "name": "RUN x", "stage": "app", "number": "x"}',
        b'{"event": "ended", "build": {"project": "shop", "id": "1"}}',
        b'{"event": "ended", "build": 3}',
        b"\xff\xfe",
    ],
)
def test_any_other_line_is_none(line: bytes) -> None:
    assert EventReader().read(line) is None
