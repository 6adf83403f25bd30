"""BuildKit's progress is understood in both shapes that buildx prints, and says why a build failed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from devkit.engine.build_events import StepEnded, StepEvent, StepOutput, StepStarted, step_line
from devkit.engine.buildkit import BuildOutput, shorten
from devkit.engine.dockerfile import parse_dockerfile

pytestmark = pytest.mark.unit

WHEN = {"started": "2026-11-22T22:22:19.606620428Z", "completed": "2026-11-22T22:22:19.606620428Z"}
BUILD: list[dict[str, Any]] = [
    {"vertexes": [{"digest": "sha256:1", "name": "[app 2/3] RUN make"}]},
    {"vertexes": [{"digest": "sha256:1", "name": "[app 2/3] RUN make", "started": "2026-11-22T22:21:01.302Z"}]},
    {
        "vertexes": [
            {
                "digest": "sha256:1",
                "name": "[app 2/3] RUN make",
                "started": "2026-11-22T22:21:01.302619999Z",
                "completed": "2026-11-22T22:21:02.802619999Z",
            },
            {"digest": "sha256:2", "name": "[dependencies 1/2] COPY composer.json ./", "cached": True, **WHEN},
            {"digest": "sha256:3", "name": "[internal] load build definition from Dockerfile", **WHEN},
            {"digest": "sha256:4", "name": "[base-runtime 1/4] FROM docker.io/dunglas/frankenphp", **WHEN},
        ]
    },
]
RUN = "[stage-0 2/3] RUN --mount=type=secret,id=apt_sources,target=/etc/x     apt-get update  && apt-get install -y x"
EXIT = 'process "/bin/sh -c apt-get" did not complete successfully: exit code: 100'


def fed(messages: list[dict[str, Any]], *text: str, indent: int | None = None, piece: int = 10**6) -> BuildOutput:
    """What the reader makes of these objects, and the text behind them; lines come in pieces of this length."""
    output = BuildOutput()
    for message in messages:
        for line in json.dumps(message, indent=indent).splitlines():
            for start in range(0, len(line), piece):
                output.feed(line[start : start + piece])
    for line in text:
        output.feed(line)
    return output


def log(digest: str, text: bytes, stream: int = 1) -> dict[str, Any]:
    return {"logs": [{"vertex": digest, "stream": stream, "data": base64.b64encode(text).decode()}]}


def failed(digest: str, name: str, error: str = EXIT) -> dict[str, Any]:
    return {"vertexes": [{"digest": digest, "name": name, **WHEN, "error": error}]}


@pytest.mark.parametrize("indent", [None, 2])
def test_steps_of_the_dockerfile_are_counted_with_their_times(indent: int | None) -> None:
    steps = fed(BUILD, indent=indent).steps()
    assert [(step.stage, step.name, step.cached, step.seconds) for step in steps] == [
        ("app", "RUN make", False, 1.5),
        ("dependencies", "COPY composer.json ./", True, 0.0),
    ]


def test_a_step_is_heard_of_when_it_begins_and_ends_and_internal_ones_are_left_out() -> None:
    events: list[StepEvent] = []
    output = BuildOutput(events.append)
    output.feed(json.dumps(BUILD[0]))
    assert events == []
    output.feed(json.dumps(BUILD[1]))
    assert [(type(event), str(event.step)) for event in events] == [(StepStarted, "[app 2/3] RUN make")]
    output.feed(json.dumps(BUILD[2]))
    ended = [event for event in events[1:] if isinstance(event, StepEnded)]
    assert [step_line(event) for event in ended] == [
        "[app 2/3] RUN make",
        "[dependencies 1/2] COPY composer.json ./ (cached)",
    ]
    assert (ended[0].step.seconds, ended[0].step.number, ended[0].step.of) == (1.5, 2, 3)


def test_what_a_step_writes_is_heard_line_by_line() -> None:
    events: list[StepEvent] = []
    output = BuildOutput(events.append)
    for message in (*BUILD, log("sha256:1", b"40 of 9"), log("sha256:1", b"00\n\n80 of 900\n120")):
        output.feed(json.dumps(message))
    said = [event for event in events if isinstance(event, StepOutput)]
    assert [(event.step.name, event.text) for event in said] == [("RUN make", "40 of 900"), ("RUN make", "80 of 900")]


def test_work_that_was_interrupted_and_taken_up_again_counts_both_times() -> None:
    first = {"started": "2026-11-22T22:21:01.5Z", "completed": "2026-11-22T22:21:02Z"}
    again = {"started": "2026-11-22T22:21:05Z"}
    step = {"digest": "sha256:1", "name": "[app 1/1] RUN make"}
    output = fed([{"vertexes": [{**step, **first}, {**step, **again}]}])
    assert output.steps() == []
    output = fed([{"vertexes": [{**step, **first}, {**step, **again, "completed": "2026-11-22T22:21:06Z"}]}])
    assert [done.seconds for done in output.steps()] == [1.5]


def test_an_object_that_comes_in_pieces_is_read_as_one() -> None:
    assert [step.name for step in fed(BUILD, piece=64).steps()] == ["RUN make", "COPY composer.json ./"]


def test_a_failed_step_says_what_it_said_last() -> None:
    output = fed(
        [
            log("sha256:9", b"of another step\n"),
            log("sha256:5", b"\x1b[1mreading\x1b[0m 10%\rreading 100%\r\nlas"),
            log("sha256:5", b"aside\n", stream=2),
            log("sha256:5", "t wörd".encode()),
            failed("sha256:5", "[app 4/4] RUN npm run build"),
            failed("sha256:9", "[other 1/1] RUN x", "context canceled"),
        ],
        "ERROR: failed to solve: " + EXIT,
    )
    assert output.reason() == "[app 4/4] RUN npm run build: last wörd"
    assert output.why().splitlines() == ["reading 100%", "aside", "last wörd", "ERROR: failed to solve: " + EXIT]


def test_of_a_failed_step_apts_complaint_is_the_reason() -> None:
    output = fed([log("sha256:5", b"E: Unable to locate package x\nE: y\nReading\n"), failed("sha256:5", RUN)])
    assert output.reason() == "[stage-0 2/3] RUN apt-get update && apt-get install -y x: E: y"


def test_a_dockerfile_that_cannot_be_read_is_told_by_the_text_behind_the_objects() -> None:
    output = fed(BUILD[:1], "Dockerfile:12", "  10 |  COPY x", "{", "ERROR: failed to solve: no x")
    assert output.reason() == "failed to solve: no x"


def test_the_error_has_the_reason_in_one_line_and_the_last_lines_beside_it() -> None:
    output = fed([log("sha256:5", b"one\ntwo\n"), failed("sha256:5", RUN)])
    error = output.failure("redis could not be built", "try again", 1)
    assert error.message.startswith("redis could not be built: [stage-0 2/3] RUN apt-get")
    assert "\n" not in error.message
    assert (error.hint, error.returncode, error.detail) == ("try again", 1, "one\ntwo")
    assert BuildOutput().failure("x", "", 7).message == "x: status 7"


def test_a_long_step_is_shown_in_one_line() -> None:
    assert len(shorten("[php 1/1] RUN " + "x " * 200)) == 90


@pytest.mark.parametrize(
    ("name", "stage", "number"),
    [
        ("[linux/arm64 app 2/3] RUN x", "app", 2),
        ("[linux/arm/v7 2/3] RUN x", "", 2),
        ("[linux/amd64->linux/arm64 app 2/3] RUN x", "app", 2),
        ("[app  2/13] RUN x", "app", 2),
        ("[2/3] RUN x", "", 2),
    ],
)
def test_names_have_a_platform_and_a_stage_or_not(name: str, stage: str, number: int) -> None:
    steps = fed([{"vertexes": [{"digest": "sha256:1", "name": name, **WHEN}]}]).steps()
    assert [(step.stage, step.number, step.name) for step in steps] == [(stage, number, "RUN x")]


def test_the_only_stage_of_a_file_has_its_name_although_buildkit_shows_none() -> None:
    output = BuildOutput(dockerfile=parse_dockerfile("FROM x AS app\nRUN y\n"))
    output.feed(json.dumps({"vertexes": [{"digest": "sha256:1", "name": "[2/2] RUN y", **WHEN}]}))
    assert [(step.stage, str(step)) for step in output.steps()] == [("app", "[app 2/2] RUN y")]


ARGUMENT = "FROM scratch AS app\nARG TOKEN\nRUN login $TOKEN\n"


def test_a_step_is_named_as_the_dockerfile_has_it_and_not_with_the_values_of_build_arguments() -> None:
    events: list[StepEvent] = []
    output = BuildOutput(events.append, parse_dockerfile(ARGUMENT))
    for message in (failed("sha256:5", "[app 1/1] RUN login hush"), log("sha256:5", b"refused\n")):
        output.feed(json.dumps(message))
    assert [step.name for step in output.steps()] == ["RUN login $TOKEN"]
    assert output.reason() == "[app 1/1] RUN login $TOKEN: refused"
    assert "hush" not in f"{events}{output.why()}"


def test_the_lines_of_the_dockerfile_are_shown_where_buildkit_does_not() -> None:
    output = BuildOutput(dockerfile=parse_dockerfile(ARGUMENT))
    output.feed(json.dumps(failed("sha256:5", "[app 1/1] RUN login hush")))
    output.feed("ERROR: failed to solve: exit code: 1")
    assert output.why().splitlines() == [
        "Dockerfile:3",
        "   2 |     ARG TOKEN",
        "   3 | >>> RUN login $TOKEN",
        "ERROR: failed to solve: exit code: 1",
    ]


RECORDED = Path(__file__).parent / "recorded_builds"
"""Real builds of failed.Dockerfile, as buildx 0.13.1 and 0.29.1 printed them."""


def replayed(name: str) -> tuple[BuildOutput, list[StepEvent]]:
    events: list[StepEvent] = []
    output = BuildOutput(events.append, parse_dockerfile((RECORDED / "failed.Dockerfile").read_text()))
    for line in (RECORDED / f"{name}.txt").read_text().splitlines():
        output.feed(line)
    return output, events


@pytest.mark.parametrize(
    ("name", "cached"),
    [
        ("cold-buildx-0.13", [True, False, False, False, False, False]),
        ("edited-buildx-0.29", [True, True, True, False, False, False]),
    ],
)
def test_builds_of_both_formats_are_understood(name: str, cached: list[bool]) -> None:
    output, events = replayed(name)
    steps = output.steps()
    assert [(step.stage, step.number) for step in steps] == [
        ("dependencies", 2),
        ("dependencies", 3),
        ("dependencies", 4),
        ("app", 1),
        ("app", 2),
        ("app", 3),
    ]
    assert [step.cached for step in steps] == cached
    assert all((step.seconds > 0) is not step.cached for step in steps)
    assert steps[2].name.startswith("RUN --network=none --mount=type=cache,target=/tmp/cache sleep 0.3;")
    ended = [event.step for event in events if isinstance(event, StepEnded)]
    assert sorted(ended, key=str) == sorted(steps, key=str)
    assert output.bases() == ["devkit.local/debian:forky"]


@pytest.mark.parametrize("name", ["failed-buildx-0.13", "failed-buildx-0.29"])
def test_a_recorded_failure_is_told_with_its_output_and_its_lines(name: str) -> None:
    output, events = replayed(name)
    assert output.reason().endswith(": page.php:1: is not good")
    lines = output.why().splitlines()
    assert lines[:3] == ["compiling", "page.php:1: is not good", "Dockerfile:9"]
    assert sum(">>>" in line for line in lines) == 3
    failure = events[-1]
    assert isinstance(failure, StepEnded) and failure.step.error.endswith("exit code: 4")
    assert [event.text for event in events if isinstance(event, StepOutput)] == ["compiling", "page.php:1: is not good"]


def test_a_recorded_cancellation_ends_the_step_that_ran() -> None:
    output, events = replayed("cancelled-buildx-0.29")
    assert isinstance(events[-1], StepEnded) and "context canceled" in events[-1].step.error
    assert output.why().endswith("failed to solve: Canceled: context canceled")
