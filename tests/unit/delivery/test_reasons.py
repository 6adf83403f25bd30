"""Why a step was rebuilt, by what the Dockerfile and the files were before and are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devkit.delivery.build_record import Reason, StepRecord
from devkit.delivery.context_files import ContextFiles
from devkit.delivery.ignore_patterns import parse_ignore_patterns
from devkit.delivery.reasons import with_reasons
from devkit.delivery.step_inputs import StepInputs, StepKey, inputs_of, with_bases
from devkit.engine.dockerfile import parse_dockerfile

pytestmark = pytest.mark.unit

DOCKERFILE = """\
ARG BASE
FROM ${BASE} AS base
RUN one
FROM base AS packages
COPY lock ./
RUN install
COPY . .
FROM base AS app
ARG VERSION
COPY --from=packages /app /app
RUN cache $VERSION
"""
STEPS = (("base", 2), ("packages", 1), ("packages", 2), ("packages", 3), ("app", 1), ("app", 2))


@dataclass
class Project:
    """A context whose builds follow each other: each is told which of its steps the cache did not have."""

    root: Path
    dockerfile: str = DOCKERFILE
    base: str = "image 1"
    former: Mapping[StepKey, StepInputs] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def build(self, *rebuilt: tuple[str, int], no_cache: bool = False, known: bool = True) -> dict[str, Reason | None]:
        parsed = parse_dockerfile(self.dockerfile)
        target = parsed.stage("app")
        assert target is not None
        files = ContextFiles(self.root, parse_ignore_patterns("")) if known else None
        inputs = with_bases(inputs_of(parsed, target, files, {"BASE": "b", "VERSION": "hush"}), lambda _: self.base)
        names = {one.place: one.key.instruction for one in inputs}
        steps = [
            StepRecord(name, stage, (stage, number) not in rebuilt, 0.0, number)
            for (stage, number), name in names.items()
        ]
        done = with_reasons(steps, inputs, self.former, no_cache=no_cache)
        self.former = {one.key: one for one in inputs}
        assert "hush" not in str(self.former)
        return {f"{step.stage} {step.number}": step.reason for step in done if not step.cached}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("lock", "1")
    made.write("a.php", "1")
    return made


@pytest.fixture
def built(project: Project) -> Project:
    project.build(*STEPS)
    return project


def causes(reasons: dict[str, Reason | None]) -> dict[str, str]:
    return {place: reason.cause if reason else "" for place, reason in reasons.items()}


def test_the_first_build_is_the_first(project: Project) -> None:
    assert set(causes(project.build(*STEPS)).values()) == {"first"}


def test_a_file_is_named_where_it_is_copied_and_what_follows_follows(built: Project) -> None:
    built.write("a.php", "2")
    reasons = built.build(("packages", 3), ("app", 1), ("app", 2))
    assert causes(reasons) == {"packages 3": "files", "app 1": "stage", "app 2": "before"}
    assert reasons["packages 3"] == Reason("files", "a.php changed", ("a.php",))
    assert reasons["app 1"] == Reason("stage", "the stage packages was rebuilt")
    assert [reason.is_root for reason in reasons.values() if reason] == [True, False, False]


def test_a_lock_file_is_named_by_every_step_that_takes_it(built: Project) -> None:
    built.write("lock", "2")
    reasons = built.build(*STEPS[1:])
    assert causes(reasons) == {
        "packages 1": "files",
        "packages 2": "before",
        "packages 3": "files",
        "app 1": "stage",
        "app 2": "before",
    }


def test_new_and_lost_files_are_said_to_be_so_and_many_are_counted(built: Project) -> None:
    for name in ("b.php", "c.php", "d.php"):
        built.write(name, "")
    added = built.build(("packages", 3))["packages 3"]
    assert added is not None and added.text == "b.php, c.php and 1 more added"
    assert added.files == ("b.php", "c.php", "d.php")
    (built.root / "b.php").unlink()
    removed = built.build(("packages", 3))["packages 3"]
    assert removed is not None and removed.text == "b.php removed"


def test_an_instruction_that_is_another_one_is_named(built: Project) -> None:
    built.dockerfile = DOCKERFILE.replace("RUN install", "RUN install --all")
    reasons = built.build(("packages", 2), ("packages", 3))
    assert causes(reasons) == {"packages 2": "instruction", "packages 3": "before"}


def test_what_is_set_before_a_step_counts_and_only_the_first_is_the_cause(built: Project) -> None:
    built.dockerfile = DOCKERFILE.replace("RUN one", "ENV A=1\nRUN one")
    reasons = built.build(*STEPS)
    assert causes(reasons)["base 2"] == "instruction"
    assert [place for place, reason in reasons.items() if reason and reason.is_root] == ["base 2"]


def test_another_base_image_is_the_cause_of_the_first_step_on_it(built: Project) -> None:
    built.base = "image 2"
    reasons = built.build(*STEPS)
    assert causes(reasons) == {
        "base 2": "base",
        "packages 1": "before",
        "packages 2": "before",
        "packages 3": "before",
        "app 1": "stage",
        "app 2": "before",
    }


def test_a_step_that_nothing_explains_has_lost_its_layer_or_a_build_argument_is_another(built: Project) -> None:
    reasons = built.build(("base", 2), ("app", 2))
    assert causes(reasons) == {"base 2": "gone", "app 2": "argument"}
    assert reasons["app 2"] is not None and "(VERSION)" in reasons["app 2"].text


def test_without_the_cache_that_is_the_reason_for_all(built: Project) -> None:
    assert set(causes(built.build(*STEPS, no_cache=True)).values()) == {"no-cache"}


def test_files_that_cannot_be_looked_at_are_no_files_that_are_gone(built: Project) -> None:
    reasons = built.build(("packages", 3), known=False)
    assert reasons["packages 3"] is not None
    assert reasons["packages 3"].files == ()
    assert "could not be looked at" in reasons["packages 3"].text


def test_the_same_instruction_may_stand_twice_in_a_stage(project: Project) -> None:
    project.dockerfile = "FROM x AS app\nRUN make\nCOPY a.php /\nRUN make\n"
    project.build(("app", 2), ("app", 3), ("app", 4))
    project.write("a.php", "2")
    assert causes(project.build(("app", 3), ("app", 4))) == {"app 3": "files", "app 4": "before"}
