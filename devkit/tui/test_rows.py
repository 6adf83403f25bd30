"""Rows of the tests' tree: which of its nodes are shown, and what stands in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from devkit.laravel.test_tree import Node, State, TestTree
from devkit.logs.escapes import one_line
from devkit.tui.figures import took

GLYPHS: Mapping[State, tuple[str, str]] = {
    State.LISTED: ("·", "dim"),
    State.PASSED: ("✓", "green"),
    State.SKIPPED: ("○", "cyan"),
    State.STOPPED: ("■", "dim"),
    State.RISKY: ("!", "yellow"),
    State.FAILED: ("✗", "red"),
    State.WAITING: ("·", "yellow"),
    State.RUNNING: ("◐", "yellow"),
}
_INDENT = 2


@dataclass(frozen=True)
class Row:
    """A suite or a test, or with no node the head of the failed ones, who are shown a second time on top."""

    node: Node | None
    depth: int = 0
    on_top: bool = False

    @property
    def key(self) -> tuple[bool, str]:
        """The same for the same row of another drawing."""
        return self.on_top, self.node.key if self.node is not None else ""


def rows_of(tree: TestTree, is_open: Callable[[Node], bool], *, has_problem: bool) -> list[Row]:
    """The failed tests first, then all as far as the suites around them are open.

    The head is there too where not a test but the run itself has a problem.
    """
    broken = tree.broken
    rows = [Row(None, 0, on_top=True)] if broken or has_problem else []
    rows += [Row(node, 1, on_top=True) for node in broken]
    waiting = [(node, 0) for node in reversed(tree.root.children)]
    while waiting:
        node, depth = waiting.pop()
        rows.append(Row(node, depth))
        if node.children and is_open(node):
            waiting += [(child, depth + 1) for child in reversed(node.children)]
    return rows


def drawn(row: Row, broken: Sequence[Node], width: int, *, opened: bool) -> Text:
    """One row: state and name, at the right the counts of a suite and the time. `broken` is for the head alone."""
    if row.node is None:
        if not broken:
            return Text("The run itself", "bold red", no_wrap=True, end="")
        risky = sum(1 for node in broken if node.state is State.RISKY)
        head = Text(f"Failed {len(broken) - risky}", "bold red", no_wrap=True, end="")
        return head.append(f"   risky {risky}", "bold yellow") if risky else head
    node = row.node
    state = node.state
    glyph, colour = GLYPHS[state]
    left = Text(" " * (row.depth * _INDENT), no_wrap=True, end="")
    if not node.is_test:
        left.append("▾ " if opened else "▸ ", "dim")
        if node.counts[State.FAILED]:
            colour = "red"
    left.append(f"{glyph} ", colour)
    left.append(_name(row), "red" if state is State.FAILED else "dim" if state in _NOT_RUN else "")
    right = Text(no_wrap=True, end="")
    for text, style in _figures(node):
        right.append(f" {text}", style)
    left.truncate(max(0, width - right.cell_len - 1), overflow="ellipsis")
    left.pad_right(max(0, width - right.cell_len - left.cell_len))
    return left.append_text(right)


_NOT_RUN = (State.LISTED, State.STOPPED, State.WAITING)


def _figures(node: Node) -> Iterator[tuple[str, str]]:
    if not node.is_test:
        counts = node.counts
        for state in (State.FAILED, State.RISKY, State.SKIPPED, State.PASSED):
            if counts[state]:
                glyph, colour = GLYPHS[state]
                yield f"{counts[state]:,}{glyph}", colour
    if node.seconds or node.state in (State.PASSED, State.FAILED):
        yield took(node.seconds), "dim"


def _name(row: Row) -> str:
    node = row.node
    assert node is not None
    if row.on_top:
        return f"{short_class(node.place.class_name)}::{one_line(node.name)}"
    if node.is_test and node.parent is not None and node.parent.name and node.name.startswith(node.parent.name):
        return one_line(node.name[len(node.parent.name) :].removeprefix(" with data set ").strip()) or node.name
    return one_line(node.name.removeprefix("Tests\\"))


def short_class(name: str) -> str:
    """A class without its namespace."""
    return name.rpartition("\\")[2]
