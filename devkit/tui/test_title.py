"""The line above the tests: what runs or ran, how it went so far, and how it runs."""

from __future__ import annotations

from rich.text import Text

from devkit.laravel.test_tree import State
from devkit.logs.escapes import one_line
from devkit.tui.figures import took
from devkit.tui.test_rows import GLYPHS
from devkit.tui.test_runner import Phase, TestRunner

_COUNTED = (State.FAILED, State.RISKY, State.SKIPPED, State.PASSED)
_GAP = "   "


def title_text(runner: TestRunner, *, watching: bool) -> Text:
    """One row; what matters least stands at its end, where a narrow terminal cuts."""
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    if runner.phase is not Phase.IDLE:
        text.append("◐ ", "yellow")
    text.append(one_line(runner.title) if runner.title else _not_run_yet(runner), "bold")
    for state in _COUNTED:
        if number := runner.tree.root.counts[state]:
            glyph, colour = GLYPHS[state]
            text.append(f"{_GAP}{number:,}{glyph}", colour)
    if runner.phase is Phase.CHECKING:
        text.append(_GAP + runner.phase.value, "dim")
    elif runner.run_of is not None:
        if runner.phase is Phase.RUNNING and runner.run_of.total is not None:
            text.append(f"{_GAP}{runner.run_of.finished:,} of {runner.run_of.total:,}")
        text.append(_GAP + took(runner.seconds))
    if watching:
        text.append(_GAP + "watching", "bold cyan")
    if runner.parallel:
        text.append(_GAP + "parallel", "cyan")
    if runner.pattern:
        text.append(f"{_GAP}filter “{one_line(runner.pattern)}”", "cyan")
    if runner.database:
        text.append(_GAP + one_line(runner.database), "dim")
    return text


def _not_run_yet(runner: TestRunner) -> str:
    number = runner.tree.root.total
    return f"{number:,} {'test' if number == 1 else 'tests'}" if number else "tests"
