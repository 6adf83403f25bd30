"""The tests at the right, driven by keys. A program stands in for the container; a real one is in tests/engine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from opened_app import Opened, settled
from recorded_runs import PHPUNIT
from textual.pilot import Pilot
from textual.widgets import Input, Static

from devkit.laravel.test_tree import State
from devkit.setup import child
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.tests import TestsPane
from devkit.tui.test_runner import Phase

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

_PROGRAM = Path(__file__).with_name("container_stand_in.py")
_PATIENCE = 20.0


class StandIn:
    """What the container answers, and what it was asked."""

    def __init__(self, root: Path) -> None:
        self.files = root / "stand-in"
        self.files.mkdir()
        self.uses(":memory:")
        self.tells(PHPUNIT, 2)

    def uses(self, tests: str) -> None:
        """The tests' SQLite database; the application's is app.sqlite."""
        lines = []
        for who, name in (("app", "app.sqlite"), ("tests", tests)):
            database = {"driver": "sqlite", "names": [name], "hosts": [], "port": "", "schema": ""}
            lines.append("devkit-database " + json.dumps({"who": who, "database": database}))
        (self.files / "database").write_text("\n".join(lines))

    def tells(self, stream: str, status: int) -> None:
        (self.files / "stream").write_text(stream)
        (self.files / "status").write_text(str(status))

    def goes_on(self, stream: str) -> None:
        """It writes this, and then waits."""
        self.tells(stream, 0)
        (self.files / "wait").touch()

    def goes_no_further(self) -> None:
        (self.files / "wait").unlink()

    @property
    def asked(self) -> list[str]:
        """The words of each run."""
        file = self.files / "asked"
        return [" ".join(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def container(project: Project, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    def command(root: Path, *words: str) -> list[str]:
        return [sys.executable, str(_PROGRAM), str(root), *words]

    monkeypatch.setattr(child, "devkit_command", command)
    return StandIn(project.paths.root)


Tests = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def tests(opened: Opened, container: StandIn) -> Tests:
    """The app with its tests open, on a terminal of a size."""

    @asynccontextmanager
    async def open_tests(width: int = 120, height: int = 50) -> AsyncIterator[Pilot[None]]:
        async with opened(width, height) as pilot:
            await cast(DevkitApp, pilot.app).open_pane(next(tab for tab in TABS if tab.id == "tests"))
            await settled(pilot)
            yield pilot

    return open_tests


def pane_of(pilot: Pilot[None]) -> TestsPane:
    return pilot.app.query_one(TestsPane)


def title(pilot: Pilot[None]) -> str:
    return str(pane_of(pilot).query_one("#tests-title", Static).render())


def detail(pilot: Pilot[None]) -> str:
    return str(pane_of(pilot).query_one("#test-said", Static).render())


def status(pilot: Pilot[None]) -> str:
    return str(pilot.app.query_one("#status", Static).render())


def rows(pilot: Pilot[None]) -> list[str]:
    shown = pane_of(pilot).tests
    lines = ["".join(segment.text for segment in shown.render_line(y)).rstrip() for y in range(shown.size.height)]
    return [line for line in lines if line]


def under_cursor(pilot: Pilot[None]) -> str:
    node = pane_of(pilot).tests.node
    return "" if node is None else node.name


async def through(pilot: Pilot[None]) -> None:
    """Nothing runs any more, and that is shown."""
    await pilot.pause()
    async with asyncio.timeout(_PATIENCE):
        await pane_of(pilot).runner.idle()
    await pilot.pause()
    pane_of(pilot).draw()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await through(pilot)


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not met():
            await pilot.pause(0.02)


async def test_tests_are_listed_before_any_has_run(tests: Tests, project: Project) -> None:
    (project.paths.root / "tests" / "Unit").mkdir(parents=True)
    (project.paths.root / "tests" / "Unit" / "KindsTest.php").write_text("<?php function test_texts() {}")
    async with tests() as pilot:
        assert rows(pilot) == ["▾ · Unit\\KindsTest", "  · test_texts"]
        assert title(pilot) == "1 test"
        assert "not run yet" not in detail(pilot)


async def test_all_tests_run_and_the_first_that_failed_is_shown(tests: Tests, container: StandIn) -> None:
    async with tests() as pilot:
        await press(pilot, "r")
        shown = rows(pilot)
        assert shown[0] == "Failed 3   risky 1"
        assert "KindsTest::test_texts" in shown[1] and shown[1].endswith("145 ms")
        assert any("▾ ✗ Unit" in row and "3✗ 1! 2○ 3✓" in row for row in shown)
        assert title(pilot).startswith("all tests   3✗   1!   2○   4✓")
        assert title(pilot).endswith("sqlite :memory:")
        assert under_cursor(pilot) == "test_texts"
        said = detail(pilot)
        assert "Failed asserting that two strings are identical." in said
        assert "-two\n+2" in said and "tests/Unit/KindsTest.php:18" in said
        plain = "docker compose exec app php vendor/phpunit/phpunit/phpunit --teamcity --colors=never"
        assert cast(DevkitApp, pilot.app).command == plain
    assert container.asked == ["php vendor/phpunit/phpunit/phpunit --teamcity --colors=never"]


async def test_failed_tests_run_again_and_keep_their_places(tests: Tests, container: StandIn) -> None:
    async with tests() as pilot:
        await press(pilot, "f")
        assert container.asked == []
        await press(pilot, "r", "f")
        assert "--filter=/^(?:Tests\\\\Unit\\\\KindsTest::(?:test_texts|" in container.asked[-1]
        assert container.asked[-1].endswith("/app/tests/Unit/KindsTest.php")
        assert title(pilot).startswith("failed tests   3✗")
        passing = PHPUNIT.replace("testFailed", "said")
        container.tells(passing, 0)
        await press(pilot, "f")
        assert title(pilot).startswith("failed tests   2○   8✓")
        assert rows(pilot)[0].startswith("▾ ✓ Unit")


async def test_what_the_cursor_is_on_runs_again(tests: Tests, container: StandIn) -> None:
    async with tests() as pilot:
        await press(pilot, "r", "t")
        assert "::(?:test_texts))$/D" in container.asked[-1]
        await press(pilot, "G", "left", "left", "left", "t")
        assert under_cursor(pilot) == "Feature"
        assert container.asked[-1].endswith("--testsuite=Feature")


async def test_a_filter_counts_until_it_is_taken_away(tests: Tests, container: StandIn) -> None:
    async with tests() as pilot:
        await press(pilot, "slash", *"Kinds", "enter")
        assert container.asked[-1].endswith("--filter=Kinds")
        assert "filter “Kinds”" in title(pilot)
        await press(pilot, "slash", *"x", "escape")
        assert not pilot.app.query_one("#tests-prompt", Input).display
        assert "filter “Kinds”" in title(pilot)
        await press(pilot, "escape", "r")
        assert "filter" not in title(pilot)
        assert "--filter" not in container.asked[-1]


async def test_a_run_is_stopped_and_says_in_which_test(tests: Tests, container: StandIn) -> None:
    container.goes_on(PHPUNIT.partition("##teamcity[testFailed")[0])
    async with tests() as pilot:
        await pilot.press("r")
        await until(pilot, lambda: pane_of(pilot).runner.tree.root.counts[State.RUNNING] == 1)
        await until(pilot, lambda: "2 of 10" not in title(pilot) and "1 of 10" in title(pilot))
        await press(pilot, "s")
        (stopped,) = [node for node in pane_of(pilot).runner.tree.root.tests() if node.state is State.STOPPED]
        assert stopped.name == "test_texts"
        assert pane_of(pilot).runner.phase is Phase.IDLE
        assert any("■ test_texts" in row for row in rows(pilot))


async def test_another_run_ends_the_one_before(tests: Tests, container: StandIn) -> None:
    container.goes_on(PHPUNIT.partition("##teamcity[testFailed")[0])
    async with tests() as pilot:
        await pilot.press("r")
        await until(pilot, lambda: pane_of(pilot).runner.tree.root.counts[State.RUNNING] == 1)
        container.goes_no_further()
        container.tells(PHPUNIT, 2)
        await press(pilot, "r")
        assert title(pilot).startswith("all tests   3✗")


async def test_the_app_ends_while_tests_run(tests: Tests, container: StandIn) -> None:
    container.goes_on("")
    async with tests() as pilot:
        await pilot.press("r")
        await until(pilot, lambda: bool(container.asked))
        runner = pane_of(pilot).runner
    assert runner.phase is Phase.IDLE


async def test_the_applications_own_database_is_refused(tests: Tests, container: StandIn) -> None:
    container.uses("app.sqlite")
    async with tests() as pilot:
        await press(pilot, "r")
        assert "the tests would use the application's own database (sqlite app.sqlite)" in status(pilot)
        assert "phpunit.xml" in status(pilot)
        assert rows(pilot) == ["The run itself"]
        assert "not run: the tests would use" in detail(pilot)
        container.uses("tests.sqlite")
        await press(pilot, "r")
        assert title(pilot).endswith("sqlite tests.sqlite")
    assert len(container.asked) == 1


async def test_what_devkit_itself_says_is_said(tests: Tests, container: StandIn) -> None:
    (container.files / "refused").write_text("devkit: the container engine is not started\n  → start it\n")
    async with tests() as pilot:
        await press(pilot, "r")
        assert status(pilot) == "the container engine is not started (start it)"


async def test_a_run_that_fails_by_itself_shows_what_it_said(tests: Tests, container: StandIn) -> None:
    container.tells("PHPUnit 13\nNo tests executed!\n", 1)
    async with tests() as pilot:
        await press(pilot, "r")
        assert "no test ran, but the run ended with status 1: No tests executed!" in status(pilot)
        assert "Around the tests\nPHPUnit 13" in detail(pilot)


async def test_several_processes_need_paratest(tests: Tests, container: StandIn, project: Project) -> None:
    async with tests() as pilot:
        await press(pilot, "p")
        assert "devkit composer require --dev brianium/paratest" in status(pilot)
        lock = {"packages-dev": [{"name": "brianium/paratest"}]}
        (project.paths.root / "composer.lock").write_text(json.dumps(lock))
        await press(pilot, "p", "r")
        assert "parallel" in title(pilot)
        assert "vendor/brianium/paratest/bin/paratest" in container.asked[-1]
        await press(pilot, "p", "r")
        assert "vendor/phpunit" in container.asked[-1]


async def test_saves_run_what_failed_and_then_all_while_watched(
    tests: Tests, container: StandIn, project: Project
) -> None:
    test = project.paths.root / "tests" / "Unit" / "KindsTest.php"
    test.parent.mkdir(parents=True)
    async with tests() as pilot:
        await press(pilot, "r")
        container.tells(PHPUNIT.replace("testFailed", "said"), 0)
        await pilot.press("w")
        assert "watching" in title(pilot)

        def saved_and_seen() -> bool:
            """A watch says nothing when it is set up: saved until it is seen."""
            if len(container.asked) < 2:
                test.write_text("<?php")
            return len(container.asked) >= 3

        await until(pilot, saved_and_seen)
        assert "--filter" in container.asked[1] and "--filter" not in container.asked[2]
        await pilot.press("w")
        await through(pilot)
        assert "watching" not in title(pilot)
        number = len(container.asked)
        test.write_text("<?php // more")
        await pilot.pause(0.3)
        await through(pilot)
        assert len(container.asked) == number


async def test_failed_tests_are_gone_through(tests: Tests) -> None:
    async with tests() as pilot:
        await press(pilot, "r", "n")
        assert under_cursor(pilot) == "test_an_exception"
        assert "Caused by\nLogicException: the cause" in detail(pilot)
        await press(pilot, "n", "n", "n", "n")
        assert under_cursor(pilot) == "test_risky"
        await press(pilot, "N")
        assert "quotes" in under_cursor(pilot)
        await press(pilot, "G", "n")
        assert under_cursor(pilot) == "test_texts"


async def test_frames_of_packages_are_shown_by_v(tests: Tests, container: StandIn) -> None:
    place = "/app/tests/Unit/KindsTest.php:18|n"
    container.tells(PHPUNIT.replace(place, f"/app/vendor/a/A.php:3|n{place}"), 2)
    async with tests() as pilot:
        await press(pilot, "r")
        assert "… 1 frame of packages\ntests/Unit/KindsTest.php:18" in detail(pilot)
        await press(pilot, "v")
        assert "/app/vendor/a/A.php:3" in detail(pilot)


@pytest.mark.parametrize("key", ["y", "c"])
async def test_what_a_test_said_is_copied(tests: Tests, key: str) -> None:
    async with tests() as pilot:
        await press(pilot, "r", key)
        assert pilot.app.clipboard.startswith("Tests\\Unit\\KindsTest::test_texts\n\nFailed asserting")
        assert pilot.app.clipboard.endswith("/app/tests/Unit/KindsTest.php:18")


async def test_the_place_where_it_went_wrong_is_opened_in_the_editor(
    tests: Tests, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project.paths.root / "tests" / "Unit" / "KindsTest.php"
    file.parent.mkdir(parents=True)
    file.write_text("<?php\n\nfunction test_it_passes() {}\n")
    editor = tmp_path / "code"
    editor.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    asked = tmp_path / "asked"
    async with tests() as pilot:
        await press(pilot, "r", "e")
        await until(pilot, lambda: asked.exists() and asked.read_text() == f"--goto {file}:18\n")
        pane_of(pilot).tests.go_to(next(one for one in pane_of(pilot).runner.tree.root.tests() if "passes" in one.name))
        await press(pilot, "e")
        await until(pilot, lambda: asked.read_text().endswith(f"--goto {file}:3\n"))


@pytest.mark.parametrize(
    ("down", "up"),
    [
        ("down", "up"),
        ("j", "k"),
        ("pagedown", "pageup"),
        ("space", "ctrl+b"),
        ("ctrl+f", "pageup"),
        ("ctrl+d", "ctrl+u"),
    ],
)
async def test_the_cursor_moves(tests: Tests, down: str, up: str) -> None:
    async with tests(120, 20) as pilot:
        await press(pilot, "r", "g")
        assert pane_of(pilot).tests.cursor == 0
        await press(pilot, down)
        assert pane_of(pilot).tests.cursor > 0
        await press(pilot, up)
        assert pane_of(pilot).tests.cursor == 0


@pytest.mark.parametrize(("first", "last"), [("g", "G"), ("home", "end")])
async def test_both_ends(tests: Tests, first: str, last: str) -> None:
    async with tests(120, 20) as pilot:
        await press(pilot, "r", last)
        assert under_cursor(pilot) == "test_home"
        await press(pilot, first)
        assert pane_of(pilot).tests.cursor == 0


@pytest.mark.parametrize(("close", "open_"), [("left", "right"), ("h", "l")])
async def test_suites_are_closed_and_opened(tests: Tests, close: str, open_: str) -> None:
    async with tests() as pilot:
        await press(pilot, "r", "G", close)
        assert under_cursor(pilot) == "Tests\\Feature\\ExampleTest"
        before = len(rows(pilot))
        await press(pilot, close)
        assert len(rows(pilot)) == before - 1
        await press(pilot, open_)
        assert len(rows(pilot)) == before
        await press(pilot, "enter")
        assert len(rows(pilot)) == before - 1


async def test_enter_opens_what_a_test_said_and_closes_it(tests: Tests) -> None:
    async with tests(100, 20) as pilot:
        await press(pilot, "r", "n", "enter")
        pane = pane_of(pilot)
        assert pane.detail.has_focus and not pane.tests.display
        for down, up in (("j", "k"), ("space", "ctrl+b"), ("ctrl+d", "ctrl+u"), ("G", "g")):
            await press(pilot, down)
            await pilot.pause(0.3)
            await until(pilot, lambda: pane.detail.scroll_offset.y > 0 or pane.detail.max_scroll_y == 0)
            await press(pilot, up)
            await until(pilot, lambda: pane.detail.scroll_offset.y == 0)
        await press(pilot, "enter")
        assert pane.tests.has_focus and pane.tests.display
        await press(pilot, "enter", "escape")
        assert pane.tests.has_focus and pane.tests.display


async def test_a_click_chooses_a_sign_folds_and_a_double_click_opens(tests: Tests) -> None:
    async with tests() as pilot:
        await press(pilot, "r")
        await pilot.click("#tests", offset=(10, 2))
        assert under_cursor(pilot) == "test_an_exception"
        number = len(rows(pilot))
        unit = next(y for y, row in enumerate(rows(pilot)) if "▾ ✗ Unit" in row)
        await pilot.click("#tests", offset=(1, unit))
        await through(pilot)
        assert len(rows(pilot)) < number
        await pilot.click("#tests", offset=(10, 1), times=2)
        await through(pilot)
        assert pane_of(pilot).detail.has_focus


async def test_the_cursor_stays_on_its_test_while_failed_ones_come_above_it(tests: Tests, container: StandIn) -> None:
    container.tells(PHPUNIT.replace("testFailed", "said"), 0)
    async with tests() as pilot:
        await press(pilot, "r", "G")
        container.tells(PHPUNIT, 2)
        await press(pilot, "t")
        assert under_cursor(pilot) == "test_home"
        assert len(pane_of(pilot).runner.tree.broken) == 4


async def test_what_runs_goes_on_while_another_tab_is_seen(tests: Tests, container: StandIn) -> None:
    async with tests() as pilot:
        await pilot.press("r", "left_square_bracket")
        await through(pilot)
        await pilot.press("right_square_bracket")
        await through(pilot)
        assert rows(pilot)[0] == "Failed 3   risky 1"
        assert pane_of(pilot).tests.has_focus


async def test_a_flood_of_tests_is_drawn_a_few_times_and_stays_closed(tests: Tests, container: StandIn) -> None:
    lines = ["##teamcity[testCount count='5000' flowId='1']"]
    for number in range(250):
        place = f"php_qn:///app/tests/N{number}Test.php::\\Tests\\N{number}Test"
        lines.append(f"##teamcity[testSuiteStarted name='Tests\\N{number}Test' locationHint='{place}' flowId='1']")
        for test in range(20):
            lines.append(f"##teamcity[testStarted name='test_{test}' flowId='1']")
            lines.append(f"##teamcity[testFinished name='test_{test}' duration='1' flowId='1']")
        lines.append(f"##teamcity[testSuiteFinished name='Tests\\N{number}Test' flowId='1']")
    container.tells("\n".join(lines), 0)
    async with tests() as pilot:
        await press(pilot, "r")
        assert title(pilot).startswith("all tests   5,000✓")
        assert len(pane_of(pilot).tests.rows) == 250
        await press(pilot, "right", "j")
        assert under_cursor(pilot) == "test_0"


async def test_it_fits_a_narrow_terminal(tests: Tests) -> None:
    async with tests(80, 24) as pilot:
        await press(pilot, "r")
        assert rows(pilot)[0] == "Failed 3   risky 1"
        assert all(len(row) <= 54 for row in rows(pilot))
