"""Where a step stands in a Dockerfile that was edited since."""

from __future__ import annotations

import pytest

from devkit.delivery.dockerfile_place import line_named, line_of_step
from devkit.engine.dockerfile import parse_dockerfile

pytestmark = pytest.mark.unit

TEXT = """\
FROM php AS base
RUN make
COPY . .

FROM base AS app
RUN make
RUN make
"""


@pytest.mark.parametrize(
    ("stage", "number", "name", "line"),
    [
        ("base", 2, "RUN make", 2),
        ("base", 3, "RUN make", 2),
        ("app", 1, "RUN make", 6),
        ("app", 2, "RUN make", 7),
        ("app", 9, "RUN make", 7),
        ("base", 3, "RUN something else", 3),
        ("base", 9, "RUN something else", 1),
        ("gone", 1, "RUN make", None),
    ],
)
def test_a_step_is_found_by_its_words_and_else_by_its_number(
    stage: str, number: int, name: str, line: int | None
) -> None:
    assert line_of_step(parse_dockerfile(TEXT), stage, number, name) == line


def test_the_only_stage_needs_no_name() -> None:
    assert line_of_step(parse_dockerfile("FROM php\nRUN make\n"), "", 2, "RUN make") == 2
    assert line_of_step(parse_dockerfile(""), "", 2, "RUN make") is None


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (["failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN"], 3),
        (["it failed", "Dockerfile:12", "--------"], 12),
        (["it failed", "docker/Dockerfile.dev:7"], 7),
        (["[app 2/3] RUN make: page.php:1: is not good"], None),
        ([], None),
    ],
)
def test_a_failure_names_a_line(texts: list[str], line: int | None) -> None:
    assert line_named(texts) == line
