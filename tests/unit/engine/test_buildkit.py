"""BuildKit's progress is understood in both shapes that buildx prints, and says why a build failed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from devkit.engine.buildkit import BuildOutput, shorten

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


def test_a_step_is_named_once_when_it_begins_or_comes_from_the_cache_and_internal_ones_are_left_out() -> None:
    lines: list[str] = []
    output = BuildOutput(lines.append)
    output.feed(json.dumps(BUILD[0]))
    assert lines == []
    output.feed(json.dumps(BUILD[1]))
    assert lines == ["[app 2/3] RUN make"]
    output.feed(json.dumps(BUILD[2]))
    assert lines == ["[app 2/3] RUN make", "[dependencies 1/2] COPY composer.json ./ (cached)"]


def test_what_a_step_writes_is_heard_line_by_line() -> None:
    lines: list[str] = []
    output = BuildOutput(on_output=lines.append)
    for message in (*BUILD, log("sha256:1", b"40 of 9"), log("sha256:1", b"00\n\n80 of 900\n120")):
        output.feed(json.dumps(message))
    assert lines == ["40 of 900", "80 of 900"]


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
