"""Suites and tests as a tree that is filled while they run, with what each of them said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from devkit.laravel.test_output import Output, OutputBudget


class State(IntEnum):
    """How a test stands. A suite stands as the worst of its tests does; the last ones are the worst."""

    LISTED = 0
    """Known by its file; it has not run yet."""

    SKIPPED = 1
    PASSED = 2
    STOPPED = 3
    """It was running when the run was stopped, or never said how it ended."""

    RISKY = 4
    """PHPUnit's word: it passed, but asserted nothing or printed what it must not."""

    FAILED = 5
    WAITING = 6
    """It is to run again."""

    RUNNING = 7


_WORST_FIRST = tuple(reversed(State))

BROKEN = (State.FAILED, State.RISKY)
"""What is shown first, and run again as failed."""


@dataclass(frozen=True)
class Report:
    """What a test said when it did not simply pass; `expected` and `actual` only where two values were compared."""

    message: str
    details: str = ""
    """The trace, a place a line: `/app/tests/A.php:12`, of Pest `at tests/A.php:12`."""

    expected: str | None = None
    actual: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a suite or a test stands: its file as PHP names it in the container, and its class (none of Pest's own)."""

    file: str = ""
    class_name: str = ""


class Node:
    """A suite or a test. Only its tree changes it; `seconds` of a suite are those of its tests together."""

    __slots__ = (
        "before",
        "children",
        "counts",
        "is_test",
        "key",
        "name",
        "output",
        "parent",
        "place",
        "report",
        "seconds",
        "state_of_test",
    )

    def __init__(self, key: str, name: str, parent: Node | None, place: Place, *, is_test: bool) -> None:
        self.key = key
        self.name = name
        self.parent = parent
        self.place = place
        self.is_test = is_test
        self.children: list[Node] = []
        self.counts = [0] * len(State)
        """Of a suite: how many of its tests are in each state."""

        self.state_of_test = State.LISTED
        self.before = State.LISTED
        """The state that a test had before it was to run again."""

        self.seconds = 0.0
        self.report: Report | None = None
        self.output: Output | None = None

    @property
    def state(self) -> State:
        """How it stands; a suite as the worst of its tests."""
        if self.is_test:
            return self.state_of_test
        return next((state for state in _WORST_FIRST if self.counts[state]), State.LISTED)

    @property
    def is_only_listed(self) -> bool:
        """Whether it never ran: it is known by its file alone."""
        state = self.before if self.state_of_test is State.WAITING else self.state_of_test
        return self.is_test and state is State.LISTED

    @property
    def total(self) -> int:
        """How many tests it has; a test has itself."""
        return 1 if self.is_test else sum(self.counts)

    def tests(self) -> Iterator[Node]:
        """Its tests, in order; a test is its own."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.is_test:
                yield node
            waiting.extend(reversed(node.children))

    def above(self) -> Iterator[Node]:
        """The suites around it, the innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class TestTree:
    """All that is known of the project's tests. `version` counts its changes of any kind."""

    __test__ = False  # pytest would take it for a test of its own

    def __init__(self) -> None:
        self.version = 0
        self._budget = OutputBudget()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.root = Node("", "", None, Place(), is_test=False)
        self._nodes: dict[str, Node] = {}
        self._broken: dict[str, Node] = {}
        self._budget.clear()
        self.version += 1

    @property
    def broken(self) -> list[Node]:
        """The tests that failed, in the order in which they did, and the risky ones behind them.

        One that runs again stays among them until it has passed.
        """
        return sorted(self._broken.values(), key=lambda node: node.state_of_test is State.RISKY)

    def find(self, key: str) -> Node | None:
        """The suite or test with this key."""
        return self._nodes.get(key)

    def add(self, key: str, name: str, parent: Node, place: Place, *, is_test: bool = False) -> Node:
        """The suite or test with this key: the one that is there, or a new one behind the children of `parent`."""
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(key, name, parent, place, is_test=is_test)
            parent.children.append(node)
            if is_test:
                self._count(node, None, node.state_of_test)
            self.version += 1
        return node

    def change(self, node: Node, state: State, *, report: Report | None = None, seconds: float | None = None) -> None:
        """A test is in another state now. What it said before is forgotten once it runs again."""
        former = node.state_of_test
        node.state_of_test = state
        self._count(node, former, state)
        if state is State.RUNNING:
            self._forget(node)
        if report is not None:
            node.report = report
        if seconds is not None:
            for suite in node.above():
                suite.seconds += seconds - node.seconds
            node.seconds = seconds
        if state in BROKEN:
            self._broken[node.key] = node
        elif state in (State.PASSED, State.SKIPPED):
            self._broken.pop(node.key, None)
        self.version += 1

    def printed(self, node: Node, text: str) -> None:
        """A test wrote a line."""
        if node.output is None:
            node.output = Output()
        self._budget.add(node.output, text)
        self.version += 1

    def wait_for(self, tests: Iterable[Node]) -> None:
        """These are to run again."""
        for node in tests:
            node.before = node.state_of_test
            self.change(node, State.WAITING)

    def settle(self, classes: Collection[str]) -> int:
        """After a run: of the tests that were to run again and did not, those of these classes are gone.

        The others are as they were before; how many those are.
        """
        waiting = [node for node in self.root.tests() if node.state_of_test is State.WAITING]
        missed = 0
        for node in waiting:
            if node.place.class_name in classes:
                self._remove(node)
            else:
                self.change(node, node.before)
                missed += 1
        return missed

    def _remove(self, node: Node) -> None:
        for suite in node.above():
            suite.counts[node.state_of_test] -= 1
            suite.seconds -= node.seconds
        self._forget(node)
        self._broken.pop(node.key, None)
        while node.parent is not None and not node.children:
            del self._nodes[node.key]
            node.parent.children.remove(node)
            node = node.parent
        self.version += 1

    def _forget(self, node: Node) -> None:
        node.report = None
        if node.output is not None:
            self._budget.forget(node.output)
            node.output = None

    def _count(self, node: Node, former: State | None, state: State) -> None:
        for suite in node.above():
            if former is not None:
                suite.counts[former] -= 1
            suite.counts[state] += 1
