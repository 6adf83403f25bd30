"""The command that runs tests in the container so that a program can read it, and how chosen tests are named to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.laravel.packages import locked_packages
from devkit.laravel.test_tree import Node

PARATEST = "brianium/paratest"

_LONGEST_PATTERN = 24_000
"""Bytes of a regular expression. PCRE compiles it to 64 KiB at most (LINK_SIZE in pcre2build(3)): 33 KB are, 40 not."""

_PARALLEL_ENVIRONMENT = ("env", "LARAVEL_PARALLEL_TESTING=1")
"""What `artisan test --parallel` sets: each process gets a database of its own (`…_test_1`). Pest does so itself."""

_META = re.compile(r"[^\w\s]", re.ASCII)


@dataclass(frozen=True)
class Selection:
    """Which tests: all of them where nothing is given. `pattern` is PHPUnit's --filter, `file` one file of tests."""

    pattern: str = ""
    suite: str = ""
    file: str = ""

    def arguments(self) -> list[str]:
        """The selection in PHPUnit's words, which are Pest's and Paratest's too."""
        words = []
        if self.suite:
            words += [f"--testsuite={self.suite}"]
        if self.pattern:
            words += [f"--filter={self.pattern}"]
        return [*words, self.file] if self.file else words


@dataclass(frozen=True)
class TestProgram:
    """What runs this project's tests. It is called itself: `artisan test` has an output of its own, for people."""

    __test__ = False  # pytest would take it for a test of its own

    is_pest: bool
    has_paratest: bool

    def command(self, selection: Selection, *, parallel: bool = False) -> list[str]:
        """The words to run in the project's directory of the app's container."""
        telling = ["--teamcity", "--colors=never", *selection.arguments()]
        if self.is_pest:
            return ["php", "vendor/pestphp/pest/bin/pest", *(["--parallel"] if parallel else []), *telling]
        if not parallel:
            return ["php", "vendor/phpunit/phpunit/phpunit", *telling]
        runner = r"--runner=\Illuminate\Testing\ParallelRunner"
        return [*_PARALLEL_ENVIRONMENT, "php", "vendor/brianium/paratest/bin/paratest", runner, *telling]


def test_program(root: Path) -> TestProgram:
    """What the project in `root` has, by its composer.lock."""
    packages = locked_packages(root)
    return TestProgram("pestphp/pest" in packages, PARATEST in packages)


test_program.__test__ = False  # type: ignore[attr-defined]  # nor is this


def selection_of(nodes: Iterable[Node]) -> Selection:
    """Exactly these tests and those of these suites; where their names are too many, the classes that they are in.

    Where even the classes are too many for one pattern, it is all tests.
    """
    chosen = list(nodes)
    if len(chosen) == 1 and not chosen[0].place.class_name and not chosen[0].is_test:
        return Selection(suite=chosen[0].name)
    tests = [test for node in chosen for test in node.tests()]
    if not all(test.place.class_name for test in tests):
        return Selection()
    files = {test.place.file for test in tests}
    file = files.pop() if len(files) == 1 else ""
    by_class: dict[str, list[Node]] = {}
    for test in tests:
        by_class.setdefault(test.place.class_name, []).append(test)
    whole = {test.place.class_name for test in tests if not test.place.file}  # Pest's names for them are no names
    whole |= {node.name for node in chosen if node.name == node.place.class_name}  # also what failed before its tests
    exact = [_class_pattern(name, None if name in whole else found) for name, found in by_class.items()]
    for parts in (exact, [_class_pattern(name, None) for name in by_class]):
        pattern = f"/^(?:{'|'.join(parts)})$/D"
        if len(pattern.encode()) <= _LONGEST_PATTERN:
            return Selection(pattern=pattern, file=file)
    return Selection(file=file)


def _class_pattern(name: str, tests: Sequence[Node] | None) -> str:
    """What PHPUnit matches a filter against is `Class::test with data set "one"`."""
    return f"{_quoted(name)}::{'.*' if tests is None else '(?:' + '|'.join(map(_test_pattern, tests)) + ')'}"


def _test_pattern(test: Node) -> str:
    """Of a test that has not run yet its data sets are not known: all of them."""
    return _quoted(test.name) + ("(?: with .*)?" if test.is_only_listed else "")


def _quoted(text: str) -> str:
    """A text that stands for itself in a regular expression; what was no UTF-8 stands for anything."""
    return _META.sub(lambda match: f"\\{match[0]}", text).replace("\\\ufffd", r"[\x80-\xff]+").replace("\\\0", ".")
