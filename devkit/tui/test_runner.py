"""Tests run beside the app, one run at a time: asked for their database first, read as they are told, ended with it."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from devkit.laravel import test_database
from devkit.laravel.test_command import PARATEST, Selection, selection_of, test_program
from devkit.laravel.test_listing import list_tests
from devkit.laravel.test_names import test_files
from devkit.laravel.test_run import TestRun
from devkit.laravel.test_tree import Node, TestTree
from devkit.project.errors import FailedError
from devkit.project.services import APP
from devkit.setup import child

_DEVKIT, _HINT = "devkit: ", "  → "
"""How `devkit exec` begins the lines in which it says why nothing ran in the container."""


class Phase(Enum):
    """What a runner does now."""

    IDLE = ""
    CHECKING = "which database? …"
    RUNNING = "running"


@dataclass(frozen=True)
class Wanted:
    """Tests that are to run: all of a selection anew, or `tests` of the tree once more."""

    title: str
    selection: Selection
    tests: tuple[Node, ...] = ()


Start = Callable[[Wanted], "asyncio.Task[None]"]


class TestRunner:
    """The tests of the project in `root`. `on_start` gets the plain command behind each run."""

    __test__ = False  # pytest would take it for a test of its own

    def __init__(self, root: Path, on_start: Callable[[str], None]) -> None:
        self.tree = TestTree()
        self.phase = Phase.IDLE
        self.run_of: TestRun | None = None
        """The run that is on, or the last one."""

        self.title = ""
        self.database = ""
        """What the tests use, in words; empty where they use none, or where it is not known yet."""

        self.took = 0.0
        """Seconds of the last run that has ended."""

        self.parallel = False
        self.pattern = ""
        """What a person filters by: a part of PHPUnit's --filter."""

        self._root = root
        self._on_start = on_start
        self._alone = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0

    @property
    def seconds(self) -> float:
        """How long the run takes so far, or took."""
        return time.monotonic() - self._began if self.phase is Phase.RUNNING else self.took

    async def read_files(self) -> None:
        """Show which tests there are, until some have run."""
        files = await asyncio.to_thread(test_files, self._root)
        program = await asyncio.to_thread(test_program, self._root)
        if not self.tree.root.children:
            list_tests(self.tree, files, is_pest=program.is_pest)

    def all(self) -> Wanted:
        """All tests, or those of the filter."""
        title = f"tests with “{self.pattern}”" if self.pattern else "all tests"
        return Wanted(title, Selection(pattern=self.pattern))

    def failed(self) -> Wanted | None:
        """Those that failed; None where none did."""
        broken = tuple(self.tree.broken)
        return Wanted("failed tests", selection_of(broken), broken) if broken else None

    def these(self, node: Node) -> Wanted:
        """One test, or those of a suite."""
        return Wanted(node.name, selection_of([node]), tuple(node.tests()))

    async def idle(self) -> None:
        """Wait until nothing runs."""
        async with self._alone:
            return

    async def toggle_parallel(self) -> None:
        """Run in several processes at once, or in one. FailedError where the project has not what that takes."""
        program = await asyncio.to_thread(test_program, self._root)
        if not self.parallel and not program.has_paratest:
            raise FailedError(
                f"several processes at once need {PARATEST}, which is not in composer.lock",
                f"devkit composer require --dev {PARATEST}",
            )
        self.parallel = not self.parallel

    def start(self, wanted: Wanted) -> asyncio.Task[None]:
        """Run them once what runs now has been stopped. The task belongs to this runner until it is closed.

        It ends with FailedError where the tests would use the application's database, or where nothing can run.
        """
        self.stop()
        self._task = asyncio.create_task(self._run(wanted))
        return self._task

    def stop(self) -> None:
        """End what runs, in the container too."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Stop, and wait until nothing runs any more."""
        self.stop()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self, wanted: Wanted) -> None:
        async with self._alone:
            try:
                self.title, self.phase = wanted.title, Phase.CHECKING
                await self._check_database()
                program = await asyncio.to_thread(test_program, self._root)
                command = program.command(wanted.selection, parallel=self.parallel and program.has_paratest)
                self._on_start(shlex.join(("docker", "compose", "exec", APP, *command)))
                await self._read(command, wanted)
            finally:
                self.phase = Phase.IDLE

    async def _read(self, command: list[str], wanted: Wanted) -> None:
        if wanted.tests:
            self.tree.wait_for(wanted.tests)
        else:
            self.tree.clear()
        run = self.run_of = TestRun(self.tree)
        self._began, self.phase = time.monotonic(), Phase.RUNNING
        status = None
        try:
            status = await child.run(self._root, ("exec", APP, *command), run.take, on_error=run.take_error)
        finally:
            self.took = self.seconds
            run.end(status or 0, stopped=status is None)

    async def _check_database(self) -> None:
        said: list[str] = []

        def hear(line: bytes) -> None:
            said.append(line.decode("utf-8", errors="replace"))

        status = await child.run(self._root, ("exec", APP, *test_database.question()), hear, on_error=hear)
        if status and (own := next((line for line in said if line.startswith(_DEVKIT)), "")):
            hint = next((line.removeprefix(_HINT) for line in said if line.startswith(_HINT)), "")
            raise FailedError(own.removeprefix(_DEVKIT), hint)
        database = test_database.tests_database(said)
        self.database = "" if database is None else str(database)


async def run_on_save(saves: AsyncIterator[tuple[str, ...]], runner: TestRunner, start: Start) -> None:
    """Run tests after each save until there are no more: those that failed first, and all once they pass.

    Saves while tests run count as one when they are through. `start` is as the runner's own.
    """
    saved = asyncio.Event()

    async def follow() -> None:
        async for _names in saves:
            saved.set()

    following = asyncio.ensure_future(follow())
    waiting = asyncio.ensure_future(saved.wait())
    try:
        while True:
            await asyncio.wait({following, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                break
            await runner.idle()
            saved.clear()
            waiting = asyncio.ensure_future(saved.wait())
            failed = runner.failed()
            await asyncio.wait({start(failed or runner.all())})  # not awaited itself: it outlives this watch
            if failed is not None and not runner.tree.broken and not saved.is_set():
                await asyncio.wait({start(runner.all())})
        await following  # a watch that failed says so here
    finally:
        for task in (following, waiting):
            task.cancel()
        await asyncio.gather(following, waiting, return_exceptions=True)
