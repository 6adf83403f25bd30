"""A build on the terminal and off it, and what it was in the end."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence

import pyte
import pytest

from devkit.cli.build_summary import summary_lines
from devkit.cli.build_view import BuildView
from devkit.cli.narration import Narrator
from devkit.delivery.build_progress import BuildEnded, BuildEvent, BuildStarted, BuildWarning, Preparing, Pushing
from devkit.delivery.build_record import BuildRecord, Reason, StepRecord
from devkit.delivery.build_words import result_line
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted

pytestmark = pytest.mark.unit

COPY = BuildStep("COPY . .", "app", True, 0.0, 1, 3)
MAKE = BuildStep("RUN make", "app", False, 0.0, 2, 3)
NPM = BuildStep("RUN npm ci", "frontend", False, 0.0, 1, 1)
MADE = BuildStep("RUN make", "app", False, 1.25, 2, 3)
FAILED = BuildStep("RUN npm ci", "frontend", False, 2.0, 1, 1, error="exit code: 1")
CANCELLED = BuildStep("RUN last", "app", False, 2.0, 3, 3, error="exit code: 137: context canceled")
RUNNING = [
    Preparing("dunglas/frankenphp: pulling"),
    BuildStarted("app", "shop-app:app", 4),
    StepEnded(COPY),
    StepStarted(MAKE),
    StepStarted(NPM),
    StepOutput(NPM, "added 40 \x1b[2Jpackages"),
]
OVER = [StepEnded(MADE), StepEnded(FAILED), StepEnded(CANCELLED)]


def shown(events: Sequence[BuildEvent], *, terminal: bool) -> str:
    """What is written, from the first event to where the view is still open."""
    stream = io.StringIO()
    with BuildView(Narrator(stream, terminal=terminal)) as view:
        for event in events:
            view.on_event(event)
        written = stream.getvalue()
    return written


def screen(text: str) -> list[str]:
    display = pyte.Screen(80, 24)
    pyte.Stream(display).feed(text.replace("\n", "\r\n"))
    return [line.rstrip() for line in display.display if line.strip()]


def test_off_a_terminal_each_step_is_a_line_when_it_begins_and_when_it_ends() -> None:
    written = shown([*RUNNING, *OVER], terminal=False)
    assert written.splitlines() == [
        "  dunglas/frankenphp: pulling",
        "– [app 1/3] COPY . .  cached",  # noqa: RUF001
        "▸ [app 2/3] RUN make",
        "▸ [frontend 1/1] RUN npm ci",
        "✓ [app 2/3] RUN make  1.2 s",
        "✗ [frontend 1/1] RUN npm ci  2.0 s",
        "– [app 3/3] RUN last  cancelled",  # noqa: RUF001
    ]
    assert "\x1b" not in written


def test_on_a_terminal_running_steps_stand_below_those_that_are_over() -> None:
    lines = screen(shown(RUNNING, terminal=True))
    assert lines[0] == "– [app 1/3] COPY . .  cached"  # noqa: RUF001
    assert [line.rsplit(" ", 2)[0] for line in lines[1:3]] == ["  [app 2/3] RUN make", "  [frontend 1/1] RUN npm ci"]
    assert "1 of 4 steps, 1 cached" in lines[-1]


def test_the_last_line_that_a_running_step_wrote_stands_with_it() -> None:
    lines = screen(shown([*RUNNING, StepEnded(MADE)], terminal=True))
    assert lines[1] == "✓ [app 2/3] RUN make  1.2 s"
    assert lines[2].startswith("  [frontend 1/1] RUN npm ci")
    assert lines[3].strip() == "added 40 packages"
    assert lines[-1].strip().startswith("2 of 4 steps, 1 cached")


def test_nothing_is_left_standing_and_no_thread_goes_on() -> None:
    stream = io.StringIO()
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), BuildView(Narrator(stream, terminal=True)) as view:
        for event in RUNNING:
            view.on_event(event)
        raise KeyboardInterrupt
    assert screen(stream.getvalue()) == ["– [app 1/3] COPY . .  cached"]  # noqa: RUF001
    assert threading.active_count() == before


def test_what_is_pushed_and_warnings_are_shown_and_no_steps_stand_beside_them() -> None:
    ended = BuildEnded(BuildRecord("shop", "app", "i", 0.0, 1.0, "done"))
    lines = screen(shown([*RUNNING, *OVER, ended, BuildWarning("no history"), Pushing("0a: Pushed")], terminal=True))
    assert lines[-2:] == ["! no history", "  0a: Pushed"]


def test_quiet_says_nothing_of_a_build() -> None:
    stream = io.StringIO()
    with BuildView(Narrator(stream, terminal=True, quiet=True)) as view:
        for event in (*RUNNING, *OVER):
            view.on_event(event)
    assert stream.getvalue() == ""


def step(name: str, stage: str, seconds: float, reason: Reason | None = None, saved: float | None = None) -> StepRecord:
    return StepRecord(name, stage, reason is None, seconds, 2, "", saved, reason)


FILES = Reason("files", "app/User.php changed", ("app/User.php",))
RECORD = BuildRecord(
    "shop",
    "app",
    "shop-app:app",
    0.0,
    12.34,
    "done",
    (
        step("RUN composer install", "dependencies", 0.0, saved=38.0),
        step("COPY . .", "dependencies", 0.25, FILES),
        step("COPY app ./app", "frontend", 0.25, FILES),
        step("RUN npm run build", "frontend", 1.5, Reason("before", "the step before it was rebuilt")),
    ),
)


def test_in_the_end_stages_have_their_times_and_each_cause_is_named_once() -> None:
    assert summary_lines(RECORD) == [
        "stage         steps  cached  built   saved",
        "dependencies      2       1  0.2 s  38.0 s",
        "frontend          2       0  1.8 s   0.0 s",
        "rebuilt [dependencies 2] COPY . . and 1 more: app/User.php changed",
    ]
    assert result_line(RECORD) == "1 of 4 steps cached, 12.3 s; 95 % of 40.0 s saved"


def test_a_build_without_steps_has_a_result_too() -> None:
    empty = BuildRecord("shop", "app", "shop-app:app", 0.0, 1.0, "done")
    assert summary_lines(empty) == []
    assert result_line(empty) == "0 of 0 steps cached, 1.0 s"
