"""The application's tests as the UI runs and reads them, with the PHPUnit of a real container."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from support import Project

from devkit.laravel.test_tree import Node, State
from devkit.project.errors import FailedError
from devkit.tui.test_runner import Phase, TestRunner, Wanted

pytestmark = pytest.mark.e2e

KINDS = r"""<?php

namespace Tests\Unit;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;

class KindsTest extends TestCase
{
    public function test_it_passes(): void
    {
        for ($i = 0; $i < 200; $i++) {
            fwrite(STDERR, "on stderr\n");
        }
        echo 'said without a line end';
        $this->assertTrue(true);
    }

    public function test_texts(): void
    {
        $this->assertSame("one\ntwo", "one\n2");
    }

    public function test_an_exception(): void
    {
        throw new \RuntimeException("it's [broken] | here", 3, new \LogicException('the cause'));
    }

    public function test_skipped(): void
    {
        $this->markTestSkipped('not today');
    }

    public function test_risky(): void {}

    public static function rows(): array
    {
        return ['plain' => [1], '"quotes" / (signs) | x' => [2], [3], "two\nlines" => [4], "\xff" => [5]];
    }

    #[DataProvider('rows')]
    public function test_rows(int $row): void
    {
        $this->assertLessThan(2, $row);
    }
}
"""
SLOW = r"""<?php

namespace Tests\Unit;

use PHPUnit\Framework\TestCase;

class SlowTest extends TestCase
{
    public function test_slow(): void
    {
        sleep(120);
        $this->assertTrue(true);
    }

    public function test_stubborn(): void
    {
        pcntl_async_signals(true);
        pcntl_signal(SIGTERM, SIG_IGN);
        while (true) {
            sleep(120);
        }
    }

    public function test_fatal(): void
    {
        ini_set('memory_limit', '40M');
        str_repeat('x', 500_000_000);
    }
}
"""


@pytest.fixture
def project(default_stack: Project) -> Iterator[Project]:
    """The default stack with more tests, and as it was afterwards."""
    root = default_stack.directory
    kept = {name: (root / name).read_text() for name in ("phpunit.xml", "compose.yaml")}
    default_stack.write("tests/Unit/KindsTest.php", KINDS)
    try:
        yield default_stack
    finally:
        for name, text in kept.items():
            (root / name).write_text(text)
        for name in ("KindsTest", "SlowTest"):
            (root / "tests" / "Unit" / f"{name}.php").unlink(missing_ok=True)


def driven(root: Path, drive: Callable[[TestRunner], Awaitable[None]]) -> None:
    """Do something with a runner, and leave nothing behind."""

    async def run() -> None:
        runner = TestRunner(root, lambda _plain: None)
        try:
            async with asyncio.timeout(120):
                await drive(runner)
        finally:
            await runner.close()

    asyncio.run(run())


def test_of(runner: TestRunner, name: str) -> Node:
    (found,) = (node for node in runner.tree.root.tests() if node.name == name)
    return found


test_of.__test__ = False  # type: ignore[attr-defined]


def php_in(project: Project) -> str:
    """The PHP processes of tests in the container."""
    top = ["docker", "compose", "top", "app"]
    said = subprocess.run(top, cwd=project.directory, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in said.splitlines() if "phpunit" in line)


def test_every_kind_of_test_is_read_and_exactly_the_failed_ones_run_again(project: Project) -> None:
    async def drive(runner: TestRunner) -> None:
        await runner.start(runner.all())
        states = {node.name: node.state for node in runner.tree.root.tests()}
        assert states["test_it_passes"] is states["test_that_true_is_true"] is State.PASSED
        assert states["test_skipped"] is State.SKIPPED
        assert states["test_risky"] is State.RISKY
        assert states['test_rows with data set "plain"'] is State.PASSED
        failed = {name for name, state in states.items() if state is State.FAILED}
        rows = {f"test_rows with data set {name}" for name in ('""quotes" / (signs) | x"', "#0", '"two\nlines"')}
        assert failed == {"test_texts", "test_an_exception", *rows, 'test_rows with data set "\ufffd"'}
        assert "said without a line end" in list(test_of(runner, "test_it_passes").output or ())
        texts, exception = (test_of(runner, name).report for name in ("test_texts", "test_an_exception"))
        assert texts is not None and (texts.expected, texts.actual) == ("'one\ntwo'", "'one\n2'")
        assert texts.details.strip() == "/app/tests/Unit/KindsTest.php:21"
        assert exception is not None and exception.message == "RuntimeException: it's [broken] | here"
        assert "Caused by\nLogicException: the cause" in exception.details
        assert runner.database == "sqlite :memory:"
        assert runner.run_of is not None and runner.run_of.total == runner.run_of.finished == len(states)

        again = runner.failed()
        assert again is not None
        await runner.start(again)
        assert runner.run_of.total == len(failed) + 1
        assert (runner.run_of.missed, runner.run_of.problem) == (0, "")
        (quotes,) = (node for node in runner.tree.broken if "quotes" in node.name)
        await runner.start(runner.these(quotes))
        assert runner.run_of.total == 1

        project.write("tests/Unit/KindsTest.php", KINDS.replace("assertLessThan(2", "assertLessThan(9"))
        await runner.start(runner.failed() or runner.all())
        assert {node.name for node in runner.tree.broken} == {"test_texts", "test_an_exception", "test_risky"}

    driven(project.directory, drive)


def test_a_run_that_is_stopped_leaves_no_process_in_the_container(project: Project) -> None:
    project.write("tests/Unit/SlowTest.php", SLOW)

    async def drive(runner: TestRunner) -> None:
        await runner.read_files()
        for name in ("test_slow", "test_stubborn"):
            await runner.idle()
            task = runner.start(runner.these(test_of(runner, name)))
            while test_of(runner, name).state is not State.RUNNING:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.05)
            assert "phpunit" in php_in(project)
            runner.stop()
            await asyncio.wait({task})
            assert task.cancelled() and runner.phase is Phase.IDLE
            assert test_of(runner, name).state is State.STOPPED
            assert project.until(lambda: not php_in(project), 3.0)

    driven(project.directory, drive)


def test_a_fatal_error_is_said_with_the_test_that_ran(project: Project) -> None:
    project.write("tests/Unit/SlowTest.php", SLOW)

    async def drive(runner: TestRunner) -> None:
        await runner.read_files()
        await runner.start(runner.these(test_of(runner, "test_fatal")))
        node = test_of(runner, "test_fatal")
        assert node.state is State.FAILED
        assert node.report is not None and "Allowed memory size of 41943040 bytes exhausted" in node.report.message
        assert runner.run_of is not None and "the run broke off in test_fatal" in runner.run_of.problem

    driven(project.directory, drive)


def refused(project: Project) -> tuple[str, str]:
    """Why the tests do not run, and what to do."""
    caught: list[FailedError] = []

    async def drive(runner: TestRunner) -> None:
        try:
            await runner.start(Wanted("all tests", runner.all().selection))
        except FailedError as error:
            caught.append(error)

    driven(project.directory, drive)
    return (caught[0].message, caught[0].hint) if caught else ("", "")


def test_the_applications_own_database_is_refused_whatever_makes_it_the_tests_one(project: Project) -> None:
    settings = project.directory / "phpunit.xml"
    kept = settings.read_text()
    assert refused(project) == ("", "")

    settings.write_text("\n".join(line for line in kept.splitlines() if '"DB_' not in line))
    message, hint = refused(project)
    assert "the application's own database (sqlite /app/database/database.sqlite)" in message
    assert 'name="DB_CONNECTION"' in hint
    settings.write_text(kept)

    project.artisan("config:cache")
    try:
        assert "devkit artisan config:clear" in refused(project)[1]
    finally:
        project.artisan("config:clear")

    (project.directory / ".env.testing").write_text("APP_KEY=\nDB_DATABASE=/app/database/testing.sqlite\n")
    settings.write_text("\n".join(line for line in kept.splitlines() if '"DB_' not in line))
    try:
        assert refused(project) == ("", "")
    finally:
        (project.directory / ".env.testing").unlink()
        settings.write_text(kept)

    (project.directory / "config" / "broken.php").write_text("<?php return [")
    try:
        assert "which database the tests would use cannot be known" in refused(project)[0]
    finally:
        (project.directory / "config" / "broken.php").unlink()


def test_a_variable_of_the_container_wins_over_phpunit_xml_and_that_is_seen(project: Project) -> None:
    compose, settings = project.directory / "compose.yaml", project.directory / "phpunit.xml"
    kept, xml = compose.read_text(), settings.read_text()
    variable = 'LARAVEL_OCTANE: "1"'
    assert variable in kept
    compose.write_text(kept.replace(variable, f"{variable}\n      DB_DATABASE: /app/database/database.sqlite"))
    try:
        assert project.devkit("up").status == 0
        settings.write_text(xml.replace('name="DB_DATABASE"', 'force="true" name="DB_DATABASE"'))
        message, hint = refused(project)
        assert "the application's own database" in message
        assert "DB_DATABASE in the container's environment wins over <env>" in hint
        settings.write_text(xml.replace('<env name="DB_DATABASE"', '<server name="DB_DATABASE"'))
        assert refused(project) == ("", "")
    finally:
        compose.write_text(kept)
        settings.write_text(xml)
        assert project.devkit("up").status == 0
