"""One run of tests as it is told line by line: what each line means for the tree, and how the run ended.

Nothing that comes makes it fail: what is no message, or a broken one, is output of the test that runs, or of the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from devkit.laravel.teamcity import Message, pieces
from devkit.laravel.test_output import Output
from devkit.laravel.test_tree import Node, Place, Report, State, TestTree

_MOST_SIGNS = 64 * 1024
"""Of a message, a trace or a value that was compared; nobody reads more of it."""

_DEEPEST = 64
"""Suites in each other; PHPUnit has five."""

_FATAL = re.compile(r"(?:PHP )?(?:Fatal|Parse) error: +(.+)")
_MOST_FLOWS = 256
"""Processes at once; Paratest has as many as there are processors."""

_PHPUNITS_OWN = "Premature end of PHP process"
"""What PHPUnit says besides: not why."""

_LOCATION = re.compile(r"(php_qn|pest_qn)://(.*?)(?:::(.*))?", re.DOTALL)
_WITHOUT_MEANING = ("CLI Arguments", "Default Test Suite", "")
"""Names that PHPUnit gives to the suite around all others where no phpunit.xml does."""

_NO_END = Report("it never said how it ended")


@dataclass
class _Suite:
    """A suite that has begun; it is in the tree once one of its tests is."""

    name: str
    location: str
    node: Node | None = None

    @property
    def is_whole_run(self) -> bool:
        """Whether it is only the bracket around all suites: phpunit.xml's path, or no name at all."""
        return self.name in _WITHOUT_MEANING or self.name.startswith("/")

    @property
    def is_class(self) -> bool:
        """Whether it is a class, or a file of Pest's, which makes one of it. Pest gives its other suites places too."""
        kind, _, place = self.location.partition("://")
        if kind == "php_qn":
            return place.endswith(f"::\\{self.name}")
        short = self.name.replace("\\", "/").rpartition("/")[2]
        return kind == "pest_qn" and (place.rpartition("/")[2] == f"{short}.php" or f"({self.name})" in place)


@dataclass
class _Flow:
    """What one process tells: Paratest has several."""

    suites: list[_Suite] = field(default_factory=list)
    test: Node | None = None


class TestRun:
    """The reader of one run. `total` is how many tests there will be, where it is known."""

    __test__ = False  # pytest would take it for a test of its own

    def __init__(self, tree: TestTree) -> None:
        self.output = Output()
        self.total: int | None = None
        self.finished = 0
        self.missed = 0
        """How many tests were to run again and did not, once it has ended."""

        self.problem = ""
        """One line on how the run itself went wrong, once it has ended."""

        self._tree = tree
        self._flows: dict[str, _Flow] = {}
        self._counted = self._broken = False
        self._classes: set[str] = set()
        self._said: dict[str, Callable[[_Flow, Message], None]] = {
            "testCount": self._count,
            "testSuiteStarted": self._suite_started,
            "testSuiteFinished": self._suite_finished,
            "testStarted": self._started,
            "testFailed": self._failed,
            "testIgnored": self._ignored,
            "testStdOut": self._printed,
            "testStdErr": self._printed,
            "testFinished": self._finished,
        }

    def take(self, line: bytes) -> None:
        """One line of what the run writes to stdout, without its end."""
        for piece in pieces(line.decode("utf-8", errors="replace")):
            if isinstance(piece, str):
                self._print(piece)
            elif (meaning := self._said.get(piece.name)) is not None:
                meaning(self._flow(piece.attributes.get("flowId", "")), piece)

    def take_error(self, line: bytes) -> None:
        """One line of what it writes to stderr: output, whatever it looks like."""
        self._print(line.decode("utf-8", errors="replace"))

    def end(self, status: int, *, stopped: bool) -> None:
        """There is no more: the tests that still ran are marked, with the reason where there was one."""
        fatal = self._fatal()
        cut = [flow.test for flow in self._flows.values() if flow.test is not None]
        for test in cut:
            if stopped:
                self._tree.change(test, State.STOPPED, report=Report("the run was stopped while it ran"))
            else:
                why = fatal or f"the run ended with status {status} while it ran"
                self._tree.change(test, State.FAILED, report=Report(why))
                self.problem = f"the run broke off in {test.name}: {why}"
        if status and not stopped and not cut and not self._broken:
            last = next((text for text in reversed(list(self.output)) if text.strip()), "")
            what = "no test failed" if self.finished else "no test ran"
            self.problem = f"{what}, but the run ended with status {status}: {fatal or last}".rstrip(": ")
        self.missed = self._tree.settle(() if stopped or cut else self._classes)
        self._flows.clear()

    def _flow(self, name: str) -> _Flow:
        if name not in self._flows and len(self._flows) >= _MOST_FLOWS:
            name = ""
        return self._flows.setdefault(name, _Flow())

    def _count(self, _flow: _Flow, message: Message) -> None:
        """Each process of Paratest tells only of its own first file."""
        number = message.attributes.get("count", "")
        self.total = int(number) if number.isdecimal() and len(number) < 10 and not self._counted else None
        self._counted = True

    def _suite_started(self, flow: _Flow, message: Message) -> None:
        if len(flow.suites) < _DEEPEST:
            flow.suites.append(_Suite(message.attributes.get("name", ""), message.attributes.get("locationHint", "")))

    def _suite_finished(self, flow: _Flow, message: Message) -> None:
        self._leave(flow)
        name = message.attributes.get("name", "")
        at = next((at for at in reversed(range(len(flow.suites))) if flow.suites[at].name == name), None)
        if at is not None:
            del flow.suites[at:]

    def _started(self, flow: _Flow, message: Message) -> None:
        self._leave(flow)
        node = self._test(flow, message)
        self._tree.change(node, State.RUNNING, seconds=0.0)
        flow.test = node

    def _failed(self, flow: _Flow, message: Message) -> None:
        """PHPUnit says so of risky tests too, which have no trace. Of one that never began nothing says its end."""
        node = self._test(flow, message)
        given = message.attributes
        began = flow.test is node
        risky = began and message.whole and not given.get("details") and given.get("type") != "comparisonFailure"
        self._broken = True
        state = State.RISKY if risky and node.state is not State.FAILED else State.FAILED
        report = Report(
            _bounded(given.get("message", "")) or "it failed, and said nothing",
            _bounded(given.get("details", "")),
            _bounded(given["expected"]) if "expected" in given else None,
            _bounded(given["actual"]) if "actual" in given else None,
        )
        self._tree.change(node, state, report=report if node.report is None else None, seconds=_seconds(message))
        if not began:
            self.finished += 1

    def _ignored(self, flow: _Flow, message: Message) -> None:
        node = self._test(flow, message)
        report = Report(
            _bounded(message.attributes.get("message", "")), _bounded(message.attributes.get("details", ""))
        )
        self._tree.change(node, State.SKIPPED, report=report, seconds=_seconds(message))
        if flow.test is not node:
            self.finished += 1

    def _printed(self, flow: _Flow, message: Message) -> None:
        for text in message.attributes.get("out", "").splitlines():
            self._tree.printed(self._test(flow, message), text)

    def _finished(self, flow: _Flow, message: Message) -> None:
        node = self._test(flow, message)
        passed = node.state in (State.LISTED, State.WAITING, State.RUNNING, State.PASSED)
        self._tree.change(node, State.PASSED if passed else node.state, seconds=_seconds(message))
        self.finished += 1
        if flow.test is node:
            flow.test = None

    def _leave(self, flow: _Flow) -> None:
        """Something else begins: the test before it has ended, whether it said so or not."""
        if flow.test is not None and flow.test.state is State.RUNNING:
            self._tree.change(flow.test, State.STOPPED, report=_NO_END)
        flow.test = None

    def _test(self, flow: _Flow, message: Message) -> Node:
        """The test that a message is about: the one that runs, or one of the suite that runs."""
        name = message.attributes.get("name", "")
        if flow.test is not None and flow.test.name == name:
            return flow.test
        suite = self._suite(flow.suites)
        self._classes.add(suite.place.class_name)
        place = _place(message.attributes.get("locationHint", ""))
        place = Place(place.file or suite.place.file, place.class_name or suite.place.class_name)
        return self._tree.add(f"{suite.key}\n{name}\n", name, suite, place, is_test=True)

    def _suite(self, suites: list[_Suite]) -> Node:
        """The innermost suite's place in the tree. A class that is known stays where it was first seen."""
        made = 0
        node = self._tree.root
        for at in reversed(range(len(suites))):
            suite = suites[at]
            known = suite.node or (self._tree.find(_key(suite)) if suite.is_class else None)
            if known is not None:
                node, made = known, at + 1
                suite.node = known
                break
        for suite in suites[made:]:
            if not suite.is_whole_run:
                key = _key(suite) if suite.is_class else f"{node.key}\n{suite.name}"
                place = _place(suite.location)
                class_name = suite.name if suite.is_class else node.place.class_name
                node = self._tree.add(key, suite.name, node, Place(place.file, class_name))
            suite.node = node
        return node

    def _print(self, text: str) -> None:
        """Where several run at once nobody knows whose output it is."""
        running = [flow.test for flow in self._flows.values() if flow.test is not None]
        if len(running) == 1:
            self._tree.printed(running[0], text)
        else:
            self.output.add(text)

    def _fatal(self) -> str:
        """PHP's own words for why it gave up, where it had some."""
        outputs = [flow.test.output for flow in self._flows.values() if flow.test is not None]
        found = [
            match[0] for output in (*outputs, self.output) for text in output or () if (match := _FATAL.search(text))
        ]
        return next((text for text in found if _PHPUNITS_OWN not in text), found[0] if found else "")


def _key(suite: _Suite) -> str:
    return f"{suite.location}\n{suite.name}"


def _place(location: str) -> Place:
    """`php_qn:///app/tests/A.php::\\Tests\\A::test_b`, `pest_qn://tests/A.php::it does`."""
    found = _LOCATION.fullmatch(location)
    if found is None:
        return Place()
    class_name = (found[3] or "").removeprefix("\\").partition("::")[0] if found[1] == "php_qn" else ""
    return Place(found[2] if found[2].endswith(".php") else "", class_name)


def _seconds(message: Message) -> float | None:
    duration = message.attributes.get("duration", "")
    return int(duration) / 1000 if duration.isdecimal() and len(duration) < 12 else None


def _bounded(text: str) -> str:
    if len(text) <= _MOST_SIGNS:
        return text
    return f"{text[:_MOST_SIGNS]}\n… {len(text) - _MOST_SIGNS:,} more signs"
