from __future__ import annotations

import pytest
from scaffold_examples import FULL, context

from devkit.engine.dockerfile import Dockerfile, expand, parse_dockerfile, taken_from
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit

TEXT = """\
# syntax=docker/dockerfile:1
ARG BASE=debian:trixie
FROM ${BASE} AS base
WORKDIR /app
# between
RUN --mount=type=cache,target=/c \\
    # within
    --network=none \\

    make all && \\
    make install
FROM base AS packages
COPY --chown=1:1 lock ./
ENV A=b
RUN --mount=type=bind,source=list,target=/list --mount=from=tools,src=/bin,dst=/bin install
FROM scratch
COPY ["a b", "c", "/d/"]
COPY <<EOF <<-"OTHER" /x
RUN not an instruction
EOF
neither
\tOTHER
ADD https://example.test/x y /z
FROM packages AS App
COPY --from=packages /app /app
RUN echo $((1<<4)) <<< text
"""


@pytest.fixture
def dockerfile() -> Dockerfile:
    return parse_dockerfile(TEXT)


def test_stages_stand_on_images_or_on_each_other(dockerfile: Dockerfile) -> None:
    assert [(stage.name, stage.base, stage.base_stage) for stage in dockerfile.stages] == [
        ("base", "debian:trixie", None),
        ("packages", "base", 0),
        ("", "scratch", None),
        ("app", "packages", 1),
    ]
    assert [stage.name for stage in dockerfile.chain(dockerfile.stages[3])] == ["base", "packages", "app"]


def test_steps_are_counted_as_buildkit_counts_them(dockerfile: Dockerfile) -> None:
    steps = [[(step.number, step.keyword, step.line) for step in stage.steps] for stage in dockerfile.stages]
    assert steps == [
        [(2, "WORKDIR", 4), (3, "RUN", 6)],
        [(1, "COPY", 13), (2, "RUN", 15)],
        [(1, "COPY", 17), (2, "COPY", 18), (3, "ADD", 23)],
        [(1, "COPY", 25), (2, "RUN", 26)],
    ]


def test_lines_that_go_on_are_one_instruction_without_comments(dockerfile: Dockerfile) -> None:
    step = dockerfile.step("base", 3)
    assert step is not None
    assert step.text == "RUN --mount=type=cache,target=/c --network=none make all && make install"
    assert (step.line, step.last_line) == (6, 11)
    assert step.flags == ("--mount=type=cache,target=/c", "--network=none")
    assert [line.partition("|")[2][:4] for line in dockerfile.excerpt(step)].count(" >>>") == 6


def test_a_heredoc_is_no_instruction_and_what_only_looks_like_one_is_none(dockerfile: Dockerfile) -> None:
    heredoc = dockerfile.step("stage-2", 2)
    assert heredoc is not None and (heredoc.line, heredoc.last_line) == (18, 22)
    assert heredoc.sources == []
    last = dockerfile.step("app", 2)
    assert last is not None and last.last_line == 26


def test_sources_are_the_words_before_the_last(dockerfile: Dockerfile) -> None:
    words = {(stage.index, step.number): step.sources for stage in dockerfile.stages for step in stage.steps}
    assert words[1, 1] == ["lock"]
    assert words[2, 1] == ["a b", "c"]
    assert words[2, 3] == ["https://example.test/x", "y"]
    assert words[1, 2] == []


def test_stages_that_files_are_taken_from_are_needed_and_others_are_not(dockerfile: Dockerfile) -> None:
    install = dockerfile.step("packages", 2)
    assert install is not None and taken_from(install) == ["tools"]
    assert install.mounts[0] == {"type": "bind", "source": "list", "target": "/list"}
    app = dockerfile.stage("APP")
    assert app is not None
    assert [stage.name for stage in dockerfile.needed_for(app)] == ["base", "packages", "app"]
    assert dockerfile.stage("2") is dockerfile.stages[2]
    assert dockerfile.stage("missing") is None


def test_another_sign_may_continue_lines() -> None:
    found = parse_dockerfile("# escape=`\nFROM x\nRUN a `\n  b \\\nRUN c\n")
    assert [step.text for step in found.stages[0].steps] == ["RUN a b \\", "RUN c"]


@pytest.mark.parametrize(
    ("text", "expanded"),
    [("a", "a"), ("$A/${B}", "1/2"), ("${C:-3}", "3"), ("${A:+4}${C:+5}", "4"), ("$C", None), ("${C}x", None)],
)
def test_variables_are_expanded_where_they_are_known(text: str, expanded: str | None) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expanded


@pytest.mark.parametrize(
    "text", ["", "FROM", "RUN x", "FROM x\nRUN <<EOF\nnever ended", "FROM x\nRUN \\", "COPY [", "\\"]
)
def test_what_is_broken_is_no_error(text: str) -> None:
    parse_dockerfile(text)


def test_the_scaffolds_own_dockerfile_is_read_whole() -> None:
    found = parse_dockerfile(render(FULL, context())["Dockerfile"].text)
    assert [stage.name for stage in found.stages] == [
        "base-runtime",
        "dependencies",
        "frontend-build",
        "app",
        "development",
    ]
    app = found.stage("app")
    assert app is not None and len(found.needed_for(app)) == 4
