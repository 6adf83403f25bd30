"""A build as the tab keeps it: told by events in any order, cut off, or taken from the history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_stand_in import COPY, DOCKERFILE, INTL, MADE, MAKE

from devkit.delivery.build_lines import BuildFailed
from devkit.delivery.build_progress import BuildEnded, BuildStarted, Preparing
from devkit.delivery.build_record import BuildRecord, StepRecord
from devkit.engine.build_events import StepEnded, StepOutput, StepStarted
from devkit.engine.dockerfile import parse_dockerfile
from devkit.tui.build_rows import history_rows, layer_rows, seconds, step_rows
from devkit.tui.build_text import badge, build_text, title_text
from devkit.tui.shown_build import Phase, ShownBuild, StepState

pytestmark = pytest.mark.unit

STARTED = BuildStarted("development", "shop-app:development", 4, "/shop/Dockerfile", ("docker",))


def built(*events: object) -> ShownBuild:
    build = ShownBuild(began=10.0)
    for event in events:
        build.take(event, 12.0)  # type: ignore[arg-type]
    return build


def test_it_prepares_runs_and_is_done() -> None:
    build = built()
    assert (build.phase, badge(build)) == (Phase.PREPARING, ("…", "bold yellow"))
    build.take(Preparing("pulling"), 11.0)
    build.take(STARTED, 12.0)
    assert (build.phase, build.note, badge(build)[0]) == (Phase.RUNNING, "", "0/4")
    build.take(StepEnded(INTL), 12.0)
    build.take(StepStarted(MAKE), 12.0)
    assert (build.over, build.cached, build.running is not None) == (1, 1, True)
    build.take(BuildEnded(MADE), 13.0)
    build.close(99.0)
    assert (build.phase, build.seconds_at(99.0), badge(build)) == (Phase.DONE, 3.1, ("", ""))
    assert [step.state for step in build.steps.values()] == [StepState.CACHED] * 2 + [StepState.DONE] * 2


def test_a_step_that_is_in_no_record_was_cut_off() -> None:
    build = built(STARTED, StepStarted(MAKE), BuildEnded(replace(MADE, status="cancelled", steps=MADE.steps[:2])))
    build.close(15.0)
    step = build.steps["development", 2]
    assert (step.state, step.seconds) == (StepState.CANCELLED, 3.0)
    assert build.phase is Phase.CANCELLED


def test_a_build_whose_process_is_killed_is_over_too() -> None:
    build = built(STARTED, StepStarted(MAKE))
    build.close(15.0)
    assert (build.phase, build.took, build.running) == (Phase.CANCELLED, 5.0, None)


def test_other_steps_are_cancelled_after_the_first_that_failed() -> None:
    build = built(
        STARTED,
        StepStarted(COPY),
        StepEnded(replace(MAKE, error="exit code: 2")),
        StepEnded(replace(COPY, error="context canceled")),
        BuildFailed("no", "", ("Dockerfile:11",)),
    )
    assert build.failed is build.steps["development", 2]
    assert build.steps["development", 1].state is StepState.CANCELLED
    build.dockerfile = parse_dockerfile(DOCKERFILE)
    build.close(15.0)
    assert list(build.steps["development", 2].lines)[1] == b"Dockerfile:11"
    assert len(build.around) == 0  # BuildKit's own words say the same of it


def test_what_failed_without_a_step_keeps_the_last_words_and_names_its_line() -> None:
    build = built(STARTED, BuildFailed("dockerfile parse error on line 3: unknown", "mend it", ("a", "b")))
    assert ([bytes(line) for line in build.around], build.line_named) == ([b"a", b"b"], 3)
    assert built(STARTED, BuildFailed("no engine")).line_named is None


def test_lines_of_a_step_are_kept_up_to_a_bound() -> None:
    build = built(STARTED, StepStarted(MAKE), *[StepOutput(MAKE, "x" * 1000) for _ in range(5000)])
    lines = build.steps["development", 2].lines
    assert lines.dropped and len(lines) + lines.dropped == 5000


def test_rows_and_titles_hold_nothing_that_a_terminal_obeys() -> None:
    evil = "RUN echo \x1b[2J\x07 [red]\n"
    record = BuildRecord(
        "shop", evil, "i", MADE.started, 1.0, "done", (StepRecord(evil, evil, False, 1.0, 2, error=evil),)
    )
    build = ShownBuild.of(record)
    texts = [cell for row in step_rows(build, 0.0, narrow=False) for cell in row.cells]
    texts += [cell for row in history_rows([record], narrow=False) for cell in row.cells]
    texts += [build_text(record), title_text(build, 0.0, of_history=True, stopping=False)]
    assert not [text.plain for text in texts if "\x1b" in text.plain or "\x07" in text.plain]
    assert any("[red]" in text.plain for text in texts)


def test_without_builds_there_are_no_rows() -> None:
    assert (history_rows([], narrow=True), layer_rows([], narrow=True)) == ([], [])


def test_seconds_become_minutes() -> None:
    assert [seconds(value) for value in (0.04, 12.34, 99.9, 240.0)] == ["0.0 s", "12.3 s", "99.9 s", "4.0 min"]
