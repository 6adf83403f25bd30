"""The project's tests: the list that fills while they run, what the chosen one said, and what is run."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static
from textual.worker import Worker

from devkit.laravel.test_watch import test_changes
from devkit.project.errors import DevkitError
from devkit.project.services import APP
from devkit.tui.keys.tests import TESTS
from devkit.tui.pane import Host, Pane
from devkit.tui.test_detail import append_output, as_it_came, detail_text, places_of
from devkit.tui.test_runner import Phase, TestRunner, Wanted, run_on_save
from devkit.tui.test_title import title_text
from devkit.tui.widgets.test_detail import TestDetail
from devkit.tui.widgets.test_list import TestList

_DRAWN_SECONDS = 0.1
_NOTHING = "r runs all tests"


class TestsPane(Pane):
    """What runs goes on while another tab is seen; only drawing does not."""

    __test__ = False  # pytest would take it for a test of its own

    BINDINGS: ClassVar[list[BindingType]] = [*TESTS]
    DEFAULT_CSS = """
    TestsPane {
        #tests-title { height: 1; padding: 0 1; background: $panel; }
        #tests { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        #test-detail { height: 1fr; padding: 0 1; border-top: solid $panel; scrollbar-size-vertical: 1; }
        #test-detail:focus { border-top: solid $accent; }
        #test-said { width: 1fr; height: auto; }
        #tests-prompt { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
        &.-detail #tests { display: none; }
    }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.runner = TestRunner(host.project.paths.root, self._command_known)
        self._fold = True
        self._watch: Worker[None] | None = None
        self._problem = ""
        self._closed = False

    def compose(self) -> ComposeResult:
        """Title, tests, detail, prompt."""
        yield Static("", id="tests-title", markup=False)
        yield TestList(self.runner.tree, id="tests")
        yield TestDetail(id="test-detail")
        yield Input(id="tests-prompt", placeholder="only tests with this in their name; nothing for all", compact=True)

    def on_mount(self) -> None:
        """What there is to run, before anything has."""
        self._drawing = self.set_interval(_DRAWN_SECONDS, self.draw)
        self._read_files()
        self.shown()

    async def on_unmount(self) -> None:
        """What runs ends with the app, and nobody is there to be told."""
        self._closed = True
        await self.runner.close()

    def shown(self) -> None:
        """The tests have the keys."""
        if self.is_mounted:
            (self.detail if self.has_class("-detail") else self.tests).focus()
            self._drawing.resume()

    def hidden(self) -> None:
        """Nothing is drawn; what runs goes on."""
        self._drawing.pause()

    @property
    def tests(self) -> TestList:
        """The list."""
        return self.query_one("#tests", TestList)

    @property
    def detail(self) -> TestDetail:
        """What the chosen one said."""
        return self.query_one("#test-detail", TestDetail)

    def draw(self) -> None:
        """Show what is known by now, and again while something runs."""
        run = self.runner.run_of
        self.tests.expected = (run.total or 0) if run is not None else 0
        self.tests.has_problem = bool(self._problem)
        self.tests.changed()
        self.query_one("#tests-title", Static).update(title_text(self.runner, watching=self._watch is not None))
        if self.runner.phase is Phase.IDLE:
            self._drawing.pause()

    def back(self) -> None:
        """Out of the prompt or the detail; else no filter any more."""
        prompt = self.query_one("#tests-prompt", Input)
        if prompt.display:
            prompt.display = False
            self.shown()
        elif self.has_class("-detail"):
            self._close_detail()
        elif self.runner.pattern:
            self.runner.pattern = ""
            self.draw()

    def action_run(self, what: str) -> None:
        """Run `all` tests, those that `failed`, or `this` one."""
        if what == "all":
            self.start(self.runner.all())
        elif what == "failed":
            if (failed := self.runner.failed()) is None:
                self.notify("no test has failed")
            else:
                self.start(failed)
        elif self.tests.node is not None:
            self.start(self.runner.these(self.tests.node))

    def action_stop(self) -> None:
        """End what runs in the container; the watch goes on."""
        self.runner.stop()

    async def action_parallel(self) -> None:
        """In several processes at once, or in one."""
        try:
            await self.runner.toggle_parallel()
        except DevkitError as error:
            self._say(f"{error.message}: {error.hint}")
        self.draw()

    def action_watch(self) -> None:
        """Run on every save, or no more."""
        if self._watch is None:
            self._watch = self._run_on_save()
        else:
            self._watch.cancel()
            self._watch = None
        self.draw()

    def action_ask(self) -> None:
        """Ask for a part of names."""
        prompt = self.query_one("#tests-prompt", Input)
        prompt.value = self.runner.pattern
        prompt.display = True
        self.screen.set_focus(prompt)  # at once: the next keys may be there already

    def action_broken(self, steps: int) -> None:
        """The next failed test, or the one before."""
        self.tests.go_to_broken(steps)

    def action_fold(self) -> None:
        """Fold frames of packages, or show them."""
        self._fold = not self._fold
        self.show_chosen()

    def action_copy(self) -> None:
        """What the test said, whole."""
        if (node := self.tests.node) is not None:
            self.app.copy_to_clipboard(as_it_came(node))
            self.notify("what it said is copied; over SSH by OSC 52, if the terminal takes that")

    async def action_edit(self) -> None:
        """The place where it went wrong, or the test itself, in the editor."""
        from devkit.tui.open_place import open_place

        if (node := self.tests.node) is not None:
            places = await asyncio.to_thread(places_of, node, self.host.project.paths.root)
            open_place(self, self.host, places, APP)

    def start(self, wanted: Wanted) -> asyncio.Task[None]:
        """Run tests now: what runs is stopped first."""
        if not wanted.tests:
            self.tests.begin()
        self._problem = ""
        task = self.runner.start(wanted)
        task.add_done_callback(self._ended)
        self._drawing.resume()
        return task

    @work(exclusive=True, group="tests watched", exit_on_error=False)
    async def _run_on_save(self) -> None:
        async with aclosing(test_changes(self.host.project.paths.root, asyncio.Event())) as saves:
            await run_on_save(saves, self.runner, self.start)

    @work(group="tests listed", exit_on_error=False)
    async def _read_files(self) -> None:
        await self.runner.read_files()
        self.draw()

    @on(TestList.Chosen)
    def show_chosen(self) -> None:
        """What the test under the cursor said; where there is none, what the run did."""
        node = self.tests.node
        if node is not None:
            self.detail.show(node.key, detail_text(node, fold=self._fold))
        else:
            self.detail.show("", self._run_text())

    @on(TestList.Opened)
    def _open_detail(self) -> None:
        self.add_class("-detail")
        self.detail.focus()

    @on(TestDetail.Closed)
    def _close_detail(self) -> None:
        self.remove_class("-detail")
        self.tests.focus()

    @on(Input.Submitted, "#tests-prompt")
    def _answered(self, event: Input.Submitted) -> None:
        self.runner.pattern = event.value.strip()
        event.input.display = False
        self.shown()
        self.action_run("all")

    def _command_known(self, plain: str) -> None:
        self.host.say(f"{self.runner.title} …   {plain}", command=plain)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A run is through: what went wrong with it is said, as far as its tests do not say it."""
        run = self.runner.run_of
        error = None if task.cancelled() else task.exception()
        if self._closed:
            return
        if isinstance(error, DevkitError):
            self._say(f"{error.message} ({error.hint})" if error.hint else error.message)
        elif error is not None:
            self.log.error(error)
            self._say(f"the tests could not be run: {error!r}")
        elif run is not None and run.problem:
            self._say(run.problem)
        elif run is not None and run.missed and not task.cancelled():
            self._say(f"{run.missed:,} of the tests did not run: there are none by these names")
        else:
            self.host.say()
        self.draw()
        self.show_chosen()

    def _say(self, problem: str) -> None:
        self._problem = problem
        self.host.say(problem, problem=True)
        self.draw()

    def _run_text(self) -> Text:
        text = Text()
        if self._problem:
            text.append(self._problem + "\n", "red")
        run = self.runner.run_of
        if run is not None and len(run.output):
            append_output(text, run.output, "Around the tests")
        return text if text else Text(_NOTHING, "dim")
