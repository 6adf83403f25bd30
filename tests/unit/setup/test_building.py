"""BuildKit's progress is understood in both shapes that buildx prints."""

from __future__ import annotations

import json

import pytest

from devkit.setup.building import BuildReport, Progress

pytestmark = pytest.mark.unit

MESSAGES = [
    {"vertexes": [{"digest": "sha256:1", "name": "[app 2/3] RUN make", "started": "2026-11-22T22:21:01.302Z"}]},
    {
        "vertexes": [
            {
                "digest": "sha256:1",
                "name": "[app 2/3] RUN make",
                "started": "2026-11-22T22:21:01.302619999Z",
                "completed": "2026-11-22T22:21:02.802619999Z",
            },
            {
                "digest": "sha256:2",
                "name": "[dependencies 1/2] COPY composer.json ./",
                "started": "2026-11-22T22:22:19.606620428Z",
                "completed": "2026-11-22T22:22:19.606620428Z",
                "cached": True,
            },
            {
                "digest": "sha256:3",
                "name": "[internal] load build definition from Dockerfile",
                "started": "2026-11-22T22:22:19Z",
                "completed": "2026-11-22T22:22:19Z",
            },
            {
                "digest": "sha256:4",
                "name": "[base-runtime 1/4] FROM docker.io/dunglas/frankenphp",
                "started": "2026-11-22T22:22:19Z",
                "completed": "2026-11-22T22:22:19Z",
            },
        ]
    },
]


@pytest.mark.parametrize("indent", [None, 2])
def test_steps_of_the_dockerfile_are_counted_with_their_times(indent: int | None) -> None:
    lines: list[str] = []
    progress = Progress(lines.append)
    for message in MESSAGES:
        for line in json.dumps(message, indent=indent).splitlines():
            progress.take(line)
    steps = progress.steps()
    assert [(step.stage, step.name, step.cached, step.seconds) for step in steps] == [
        ("app", "RUN make", False, 1.5),
        ("dependencies", "COPY composer.json ./", True, 0.0),
    ]
    assert lines == ["[app 2/3] RUN make", "[dependencies 1/2] COPY composer.json ./ (cached)"]
    report = BuildReport("app", "shop-app:app", 2.0, tuple(steps)).to_json()
    assert (report["hits"], report["total"]) == (1, 2)


def test_the_plain_text_behind_the_objects_says_why_it_failed() -> None:
    progress = Progress(lambda _line: None)
    for line in (json.dumps(MESSAGES[0]), "Dockerfile:12", "  10 |  COPY x", "ERROR: failed to solve: no x"):
        progress.take(line)
    assert progress.tail[-1] == "ERROR: failed to solve: no x"
