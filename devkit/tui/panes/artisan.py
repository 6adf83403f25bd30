"""Artisan at the right: its commands, the form of each, and what those that run write."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input, Static

from devkit.database.artisan_loss import named_loss
from devkit.laravel import artisan_history
from devkit.laravel.artisan_form import Entry, Field, entries_of, fields
from devkit.laravel.artisan_history import History, Ran
from devkit.laravel.artisan_ways import way_of
from devkit.laravel.artisan_words import NOTHING, Values, hidden, words
from devkit.laravel.catalogue import Command
from devkit.project.errors import UsageError
from devkit.project.services import APP
from devkit.setup.masked import secret_finder
from devkit.tui.artisan_rows import all_rows, matching_rows
from devkit.tui.artisan_run import SNAPSHOT, Call, Run
from devkit.tui.catalogue_keeper import CatalogueKeeper
from devkit.tui.keys import artisan as keys
from devkit.tui.pane import Host, Pane
from devkit.tui.screens.artisan_form import ArtisanForm, Filled
from devkit.tui.screens.loss_question import LossQuestion
from devkit.tui.widgets.command_list import CommandList, CommandSearch
from devkit.tui.widgets.runs_view import RunsView

LOOK_SECONDS = 3.0
"""How often it is looked, while the tab is seen, whether the application has other commands now."""

_MARGINS = 4
"""Columns beside what is written: a space at each side, and the scrollbar."""


class ArtisanPane(Pane):
    """Commands above, what was written below once something ran."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.ARTISAN]
    DEFAULT_CSS = """
    ArtisanPane #artisan-title { height: 1; padding: 0 1; background: $panel; color: $text; }
    ArtisanPane CommandList { height: 2fr; }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.keeper = CatalogueKeeper(host.project.paths.root)
        self.history = History()
        self._drafts: dict[str, dict[Field, Entry]] = {}
        self._is_secret = secret_finder(host.project.paths)
        self._query = ""
        self._title = ""
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, search, commands, and what runs."""
        yield Static("", id="artisan-title", markup=False)
        yield CommandSearch(id="artisan-search", placeholder="find a command", compact=True)
        yield CommandList(id="artisan-commands")
        yield RunsView(id="artisan-runs")

    def on_mount(self) -> None:
        """Nothing is asked before the tab is seen."""
        self._looking = self.set_interval(LOOK_SECONDS, self._look_again, pause=True)

    def shown(self) -> None:
        """The commands have the keys; they are read, and the application is asked if they may be others now."""
        self.commands.focus()
        if self._looking is not None:
            self._looking.resume()
        self._look()

    def hidden(self) -> None:
        """Nobody looks; what runs goes on."""
        if self._looking is not None:
            self._looking.pause()
        self.workers.cancel_group(self, "artisan-look")

    def back(self) -> None:
        """Out of the search; from the output to the commands."""
        self._search.value = ""
        self._search.display = False
        self.commands.focus()

    @property
    def commands(self) -> CommandList:
        """The list."""
        return self.query_one(CommandList)

    @property
    def runs(self) -> RunsView:
        """What runs, and has run."""
        return self.query_one(RunsView)

    async def open_form(self, name: str) -> None:
        """The form of a command, from wherever it was found."""
        if self.keeper.catalogue is None:
            await self.keeper.look(app_runs=self._app_runs)
        self._open(name, None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Stopping is for what runs; ctrl+c with a selection copies it."""
        return action != "stop" or (self.runs.running and not self.screen.selections)

    def action_search(self) -> None:
        """Type to find a command."""
        self._search.display = True
        self.screen.set_focus(self._search)  # at once: the next keys may be there already

    def action_again(self) -> None:
        """What was run last; what it was not kept with has to be filled in."""
        if self.runs.runs:
            call = self.runs.runs[-1].call
            self._start(call.command, call.values, terminal=False)
        elif self.history.runs:
            last = self.history.runs[0]
            command = self._find(last.command)
            if last.left_out or command is None:
                self._open(last.command, last)
            else:
                self._start(command, last.values, terminal=False)

    def action_terminal(self) -> None:
        """Run the row under the cursor in the terminal."""
        row = self.commands.row
        if row is not None and (command := self._find(row.command)) is not None:
            self._start(command, row.ran.values if row.ran else NOTHING, terminal=True)

    @work(group="artisan-note", exit_on_error=False)
    async def action_favourite(self) -> None:
        """Put the command first, or no more."""
        if (row := self.commands.row) is not None and row.command:
            try:
                paths = self.host.project.paths
                self.history = await asyncio.to_thread(artisan_history.toggle_favourite, paths, row.command)
            except OSError as error:
                self.notify(f"favourites are not kept: {error.strerror}", severity="error", markup=False)
            self._show_rows()

    def action_stop(self) -> None:
        """End what is looked at and runs."""
        if self.runs.shown is not None:
            self.runs.shown.stop()
            self.runs.refresh_title()

    def action_copy(self) -> None:
        """What was written, without colours."""
        if self.runs.shown is not None:
            self.app.copy_to_clipboard(self.runs.output.text())
            self.notify("the output is copied; over SSH by OSC 52, if the terminal takes that")

    def action_output(self) -> None:
        """From the commands to what was written, and back."""
        (self.commands if self.runs.output.has_focus or not self.runs.display else self.runs.output).focus()

    def action_other_run(self, steps: int) -> None:
        """What another run wrote."""
        self.runs.other(steps)
        self.refresh_bindings()

    def action_scroll_output(self, rows: int) -> None:
        """Without leaving the list."""
        self.runs.output.action_line(rows)

    def action_refresh(self) -> None:
        """Ask for the commands, whether they may be others or not."""
        self._look(anyway=True)

    @property
    def _search(self) -> CommandSearch:
        return self.query_one(CommandSearch)

    @property
    def _app_runs(self) -> bool:
        services = self.host.session.snapshot.services
        return any(service.name == APP and service.state.state == "running" for service in services)

    def _find(self, name: str) -> Command | None:
        return self.keeper.catalogue.find(name) if self.keeper.catalogue is not None else None

    def _look_again(self) -> None:
        if not any(worker.group == "artisan-look" and worker.is_running for worker in self.workers):
            self._look()

    @work(exclusive=True, group="artisan-look", exit_on_error=False)
    async def _look(self, *, anyway: bool = False) -> None:
        keeper, paths = self.keeper, self.host.project.paths
        former = keeper.catalogue, self.history
        self._is_secret = await asyncio.to_thread(secret_finder, paths)
        self.history = await asyncio.to_thread(artisan_history.recall, paths)
        asks = await keeper.look(app_runs=self._app_runs)
        if asks or (anyway and self._app_runs):
            keeper.note = "asking artisan for its commands …"
            self._show_rows()
            await keeper.ask()
        if (keeper.catalogue, self.history) != former:
            self._show_rows()
        self._show_title()

    def _open(self, name: str, ran: Ran | None) -> None:
        """Show the form, as it was left, or as it was filled in for a former run."""
        command, catalogue = self._find(name), self.keeper.catalogue
        if command is None or catalogue is None:
            self.notify(f"artisan has no command {name}", severity="warning", markup=False)
            return
        drafts = self._drafts.setdefault(name, {})
        if ran is not None:
            drafts.clear()
            drafts.update(entries_of(fields(command, catalogue), ran.values))

        def filled(given: Filled | None) -> None:
            if given is not None:
                self.back()
                self._start(command, given.values, terminal=given.terminal)

        self.app.push_screen(ArtisanForm(command, catalogue, drafts, is_secret=self._is_secret), filled)

    @work(group="artisan-run", exit_on_error=False)
    async def _start(self, command: Command, values: Values, *, terminal: bool) -> None:
        """Ask if something is lost, then run it where it has to be run."""
        in_terminal = terminal or way_of(command.name, values) == "terminal"
        try:
            call = self._call(command, values, asks=in_terminal)
        except UsageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        answer = await self._asked(call)
        if not answer:
            return
        ran = Ran(command.name, values, time.time())
        await self._note(ran)
        steps = (SNAPSHOT,) if answer == "snapshot" else ()
        if not in_terminal:
            steps = (*steps, call.step(self.size.width - _MARGINS))
        if steps and not await self._run(Run(call, steps, self.runs.changed), ran):
            return
        if in_terminal:
            self.host.in_terminal(["artisan", *call.words], call.plain)

    async def _asked(self, call: Call) -> str:
        """How it is to be run: `run`, or `snapshot` for one first; empty for not at all."""
        project = self.host.project
        lost = await asyncio.to_thread(named_loss, project.paths, project.settings, call.command, call.values)
        if lost is None:
            return "run"
        question = LossQuestion(lost.text, call.plain, environment=lost.environment, can_snapshot=lost.keeps)
        return await self.app.push_screen_wait(question)

    async def _run(self, run: Run, ran: Ran) -> bool:
        """Run it to its end; whether it did well."""
        self.runs.show(run)
        self.refresh_bindings()
        self.host.say(f"php artisan {run.call.command.name} …   {run.call.plain}", command=run.call.plain)
        await run.run(self.host.project.paths.root)
        said = f"php artisan {run.call.command.name} ended with status {run.status}"
        if run.status and not run.asked:
            self.notify(run.problem or said, severity="error", markup=False)
        elif not self.display:
            self.notify(said, markup=False)
        self.host.say()
        self.host.look_again()
        self.refresh_bindings()
        await self._note(replace(ran, status=run.status, seconds=round(run.seconds, 3)))
        return run.status == 0

    def _call(self, command: Command, values: Values, *, asks: bool) -> Call:
        everywhere = self.keeper.catalogue.options if self.keeper.catalogue is not None else ()
        line = words(command, values, everywhere, asks=asks)
        shown = words(command, hidden(values, self._is_secret), everywhere, asks=asks)
        return Call(command, values, line, shown)

    async def _note(self, ran: Ran) -> None:
        try:
            paths = self.host.project.paths
            self.history = await asyncio.to_thread(artisan_history.note, paths, ran, self._is_secret)
        except OSError as error:
            self.notify(f"the history is not kept: {error.strerror}", severity="warning", markup=False)
        self._show_rows()

    def _show_rows(self, *, from_start: bool = False) -> None:
        if not self.query(CommandList):
            return  # the app is being left: a run that ended with it has been noted
        catalogue = self.keeper.catalogue
        if catalogue is None:
            self.commands.show(())
        elif self._query:
            self.commands.show(matching_rows(catalogue, self.history, self._query), from_start=from_start)
        else:
            self.commands.show(all_rows(catalogue, self.history), from_start=from_start)
        self._show_title()

    def _show_title(self) -> None:
        catalogue = self.keeper.catalogue
        parts = [self.keeper.note]
        if catalogue is not None:
            count = sum(1 for row in self.commands.rows if row.command) if self._query else len(list(catalogue.shown()))
            parts += [f"{count} command{'' if count == 1 else 's'}", catalogue.application]
        text = "   ".join(filter(None, parts))
        if text != self._title:  # each update is laid out anew
            self._title = text
            self.query_one("#artisan-title", Static).update(text)

    @on(CommandList.Opened)
    def _row_opened(self, event: CommandList.Opened) -> None:
        self._open(event.row.command, event.row.ran)

    @on(CommandSearch.Moved)
    def _moved(self, event: CommandSearch.Moved) -> None:
        (self.commands.action_cursor_up if event.rows < 0 else self.commands.action_cursor_down)()

    @on(Input.Changed, "#artisan-search")
    def _typed(self, event: Input.Changed) -> None:
        self._query = event.value.strip()
        self._show_rows(from_start=bool(self._query))

    @on(Input.Submitted, "#artisan-search")
    def _searched(self) -> None:
        if (row := self.commands.row) is not None:
            self._open(row.command, row.ran)
