"""FrankenPHP's threads as they work, and what was reloaded because of which file."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from devkit.laravel.worker_figures import Reading, RequestRate
from devkit.laravel.worker_readings import worker_readings
from devkit.logs.escapes import printable
from devkit.project.errors import DevkitError
from devkit.project.services import APP
from devkit.project.settings_file import read_settings
from devkit.setup import child
from devkit.setup.project import Project
from devkit.setup.reload import reload_beside
from devkit.tui.keys.workers import WORKERS
from devkit.tui.pane import Host, Pane
from devkit.tui.screens.question import Question
from devkit.tui.worker_rows import followed_table, following_line, thread_table, totals

_SECONDS = 1.0
_OUTPUT_LINES = 6
_LONGEST = 200
_STOPPED = "the app does not run: U in the list of services starts everything"
_CLASSIC = "classic mode: each request boots the application, and there are no workers; m switches to worker mode"


class WorkersPane(Pane):
    """Threads, totals, the files that were followed. The app is asked only while the tab is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [*WORKERS]
    DEFAULT_CSS = """
    WorkersPane {
        #totals { height: 1; padding: 0 1; background: $panel; }
        #threads { height: auto; max-height: 60%; padding: 0 1; }
        #threads Static { height: auto; }
        #following { height: 1; margin-top: 1; padding: 0 1; background: $panel; }
        #following.problem { background: $error; color: $text; }
        #followed { height: 1fr; padding: 0 1; }
        #followed Static { height: auto; }
        #output { height: auto; max-height: 8; padding: 0 1; color: $text-muted; background: $boost; display: none; }
    }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self._rate = RequestRate()
        self._output: deque[str] = deque(maxlen=_OUTPUT_LINES)
        self._switching = False

    def compose(self) -> ComposeResult:
        """Totals, threads, who follows the files, what came of it, a command's output."""
        yield Static("", id="totals", markup=False)
        with VerticalScroll(id="threads"):
            yield Static("", id="thread-rows", markup=False)
        yield Static("", id="following", markup=False)
        with VerticalScroll(id="followed"):
            yield Static("", id="followed-rows", markup=False)
        yield Static("", id="output", markup=False)

    def on_mount(self) -> None:
        """It is opened because it is to be seen."""
        self.files_followed()

    def shown(self) -> None:
        """Ask the app from now on, once a second."""
        self.query_one("#threads").focus()
        self.workers.cancel_group(self, "watch")
        self._watch()

    def hidden(self) -> None:
        """Ask it no more."""
        self.workers.cancel_group(self, "watch")

    def back(self) -> None:
        """Close a command's output."""
        self.query_one("#output").display = False

    def files_followed(self) -> None:
        """Show what was done, and who does it."""
        files = self.host.session.files
        text, problem = following_line(files.state, files.problem)
        line = self.query_one("#following", Static)
        line.update(printable(text))
        line.set_class(problem, "problem")
        self.query_one("#followed-rows", Static).update(followed_table(files.events))

    def show(self, reading: Reading, now: float) -> None:
        """What the app says of its threads; `now` in seconds since the epoch."""
        if not reading.workers:
            self._note("classic mode", _CLASSIC)
            return
        self.query_one("#totals", Static).update(totals(reading, self._rate.take(reading)))
        self.query_one("#thread-rows", Static).update(thread_table(reading.threads, now))

    @work(group="watch", exit_on_error=False)
    async def _watch(self) -> None:
        while True:
            container = self._app_container()
            if not container:
                self._note("stopped", _STOPPED)
            else:
                self._rate = RequestRate()
                try:
                    await self._look_at(container)
                except DevkitError as error:
                    self._note("no figures", str(error))
            await asyncio.sleep(_SECONDS)

    async def _look_at(self, container: str) -> None:
        """One look after the other, as long as it is the app's container."""
        async with worker_readings(self.host.project.docker, container) as look:
            while container == self._app_container():
                self.show(await look(), time.time())
                await asyncio.sleep(_SECONDS)

    def _app_container(self) -> str:
        app = next((one for one in self.host.session.snapshot.services if one.name == APP), None)
        return app.state.container if app is not None and app.state.state == "running" else ""

    def _note(self, title: str, text: str) -> None:
        """One line in the place of the threads."""
        self.query_one("#totals", Static).update(title)
        self.query_one("#thread-rows", Static).update(printable(text))

    def action_reload(self) -> None:
        """Restart the workers now."""
        self._reload()

    @work(group="reload", exclusive=True, exit_on_error=False)
    async def _reload(self) -> None:
        self.host.say("devkit reload …", command="devkit reload")
        try:
            await reload_beside(self._project())
        except DevkitError as error:
            self.host.say(str(error), problem=True)

    def action_follow(self) -> None:
        """The switch."""
        files = self.host.session.files
        try:
            files.toggle()
        except OSError as error:
            self.notify(f"the switch cannot be kept: {error.strerror}", severity="error", markup=False)

    def action_mode(self) -> None:
        """The other mode."""
        if self._switching:
            self.notify("the mode is being switched")
        else:
            self._switch_mode()

    @work(group="mode", exit_on_error=False)
    async def _switch_mode(self) -> None:
        try:
            other = "classic" if self._project().settings.php.mode == "worker" else "worker"
        except DevkitError as error:
            self.host.say(str(error), problem=True)
            return
        plain = f"devkit mode {other}"
        question = f"Switch to {other} mode? The app's containers are made anew."
        if not await self.app.push_screen_wait(Question(question, plain)):
            return
        self.host.say(f"{plain} …", command=plain)
        self._output.clear()
        self._switching = True
        try:
            await child.done(self.host.project.paths.root, ["--yes", "mode", other], self._take_output)
        except DevkitError as error:
            self.host.say(f"{plain}: {error.message}", problem=True)
        else:
            self.query_one("#output").display = False
            self.host.say(f"{other} mode")
        finally:
            self._switching = False

    def _take_output(self, line: str) -> None:
        self._output.append(printable(line)[:_LONGEST])
        output = self.query_one("#output", Static)
        output.update("\n".join(self._output))
        output.display = True

    def _project(self) -> Project:
        """The project with its settings as they are by now; UsageError where they are broken."""
        project = self.host.project
        return replace(project, settings=read_settings(project.paths.settings))
