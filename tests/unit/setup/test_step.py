"""Steps say when they begin and how they end, and a failure ends the run."""

from __future__ import annotations

import pytest

from devkit.project.errors import FailedError
from devkit.setup.step import Step, StepResult, StepStatus, run_steps

pytestmark = pytest.mark.unit


class Told:
    def __init__(self) -> None:
        self.said: list[str] = []

    def step_started(self, name: str, title: str) -> None:
        self.said.append(f"start {name} {title}")

    def step_line(self, name: str, text: str) -> None:
        self.said.append(f"line {name} {text}")

    def step_ended(self, name: str, status: StepStatus, seconds: float) -> None:
        assert seconds >= 0
        self.said.append(f"end {name} {status}")

    def say(self, text: str) -> None:
        self.said.append(text)

    def warning(self, text: str) -> None:
        self.said.append(f"warning {text}")


def test_a_step_that_is_done_is_skipped() -> None:
    told, results, ran = Told(), list[StepResult](), list[str]()
    step = Step("files", "Files", lambda line: ran.append("ran"), done=lambda: True)
    run_steps([step], told, results)
    assert ran == []
    assert told.said == ["start files Files", "end files skipped"]
    assert [(result.name, result.status) for result in results] == [("files", "skipped")]


def test_lines_of_a_step_are_told_under_its_name() -> None:
    told = Told()
    run_steps([Step("build", "Build", lambda line: line("half"))], told, [])
    assert told.said == ["start build Build", "line build half", "end build done"]


def test_a_failure_is_told_and_ends_the_run() -> None:
    def fail(_line: object) -> None:
        raise FailedError("no disk left")

    told, results = Told(), list[StepResult]()
    with pytest.raises(FailedError, match="no disk left"):
        run_steps([Step("one", "One", fail), Step("two", "Two", fail)], told, results)
    assert [(result.name, result.status) for result in results] == [("one", "failed")]
    assert told.said == ["start one One", "end one failed"]


def test_an_interruption_counts_as_failed() -> None:
    def interrupted(_line: object) -> None:
        raise KeyboardInterrupt

    results = list[StepResult]()
    with pytest.raises(KeyboardInterrupt):
        run_steps([Step("one", "One", interrupted)], Told(), results)
    assert results[0].status == "failed"
