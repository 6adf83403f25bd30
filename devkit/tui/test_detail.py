"""All that a test said, for reading: message, difference, trace and what it printed, harmless to the terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from rich.text import Text

from devkit.laravel.test_difference import difference
from devkit.laravel.test_names import line_of_test
from devkit.laravel.test_output import Output
from devkit.laravel.test_tree import Node, Report, State
from devkit.logs.escapes import printable
from devkit.logs.fold import folded_places
from devkit.logs.places import PROJECT
from devkit.tui.figures import took
from devkit.tui.test_rows import GLYPHS

_MOST_LINES = 500
"""Of each part that is shown; copying takes all of it."""

_DIFFERENCE = {"-": "red", "+": "green", "@": "cyan"}


def detail_text(node: Node, *, fold: bool) -> Text:
    """A test, or a suite with its figures."""
    text = Text()
    glyph, colour = GLYPHS[node.state]
    text.append(f"{glyph} ", colour).append(f"{printable(node.name)}\n", "bold")
    where = [node.place.class_name] if node.is_test else []
    if node.place.file:
        where.append(node.place.file.removeprefix(f"{PROJECT}/"))
    where.append(_standing(node))
    text.append(printable("   ".join(where)) + "\n", "dim")
    if node.report is not None:
        _append_report(text, node.report, node.state, fold=fold)
    if node.output is not None:
        append_output(text, node.output)
    return text


def append_output(text: Text, output: Output, title: str = "Output") -> None:
    """The newest lines of what was printed."""
    lines = deque(output, maxlen=_MOST_LINES)
    text.append(f"\n{title}\n", "bold")
    if output.dropped:
        text.append(f"… {output.dropped:,} older signs are not kept\n", "dim italic")
    if len(output) > len(lines):
        text.append(f"… {len(output) - len(lines):,} older lines: y copies them too\n", "dim italic")
    for line in lines:
        text.append(printable(line).expandtabs(8) + "\n")


def places_of(node: Node, root: Path) -> list[str]:
    """Where it went wrong, the innermost place first; where nothing did, the test itself. Reads the test's file."""
    trace = node.report.details.splitlines() if node.report is not None else []
    file = node.place.file.removeprefix(f"{PROJECT}/")
    return [*trace, f"{file}:{line_of_test(root / file, node.name)}"] if file else trace


def as_it_came(node: Node) -> str:
    """The same as a text to copy, whole."""
    report = node.report
    parts = [f"{node.place.class_name}::{node.name}" if node.place.class_name else node.name]
    if report is not None:
        parts += [report.message]
        if report.expected is not None and report.actual is not None:
            parts += ["\n".join(difference(report.expected, report.actual))]
        parts += [report.details]
    parts += ["\n".join(node.output or ())]
    return "\n\n".join(part.strip("\n") for part in parts if part)


def _standing(node: Node) -> str:
    if node.is_test:
        words = {State.LISTED: "not run yet", State.WAITING: "waits", State.RUNNING: "runs"}
        return words.get(node.state) or f"{node.state.name.lower()}   {took(node.seconds)}"
    counts = [f"{node.counts[state]:,} {state.name.lower()}" for state in reversed(State) if node.counts[state]]
    return "   ".join((", ".join(counts), took(node.seconds)))


def _append_report(text: Text, report: Report, state: State, *, fold: bool) -> None:
    text.append("\n")
    for line in _some(report.message.splitlines()):
        text.append(printable(line) + "\n", "red" if state is State.FAILED else "yellow")
    if report.expected is not None and report.actual is not None:
        text.append("\n- expected", "red").append("   ").append("+ actual\n", "green")
        for line in _some(difference(report.expected, report.actual)):
            text.append(printable(line).expandtabs(8) + "\n", _DIFFERENCE.get(line[:1], ""))
    if report.details.strip():
        text.append("\nTrace\n", "bold")
        lines = report.details.strip().splitlines()
        for line in _some(folded_places(lines) if fold else lines):
            text.append(printable(line) + "\n", "dim italic" if line.startswith("…") else "cyan")


def _some(lines: Iterable[str]) -> Iterable[str]:
    yield from islice(iterator := iter(lines), _MOST_LINES)
    if more := sum(1 for _ in iterator):
        yield f"… {more:,} more lines: y copies them too"
