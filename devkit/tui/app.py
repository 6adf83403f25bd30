"""The app that stays open all day: services at the left, their logs at the right."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input, Static
from textual.worker import Worker, WorkerCancelled, WorkerState

from devkit.engine.live_services import LiveService, Snapshot
from devkit.logs.query import Query, parse_query
from devkit.logs.search import Counted, count, find_after, find_before
from devkit.logs.timeline import Timeline
from devkit.project.errors import DevkitError
from devkit.setup.stack import Project
from devkit.tui import compose_action
from devkit.tui.compose_action import Action
from devkit.tui.log_choice import LogChoice
from devkit.tui.session import Listeners, Session
from devkit.tui.widgets.log_view import LogView
from devkit.tui.widgets.service_card import ServiceCard
from devkit.tui.widgets.service_list import SPARK_SECONDS, ServiceList

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_NARROW = 100
_CARD_LINES = 5


class DevkitApp(App[None]):
    """One project."""

    CSS_PATH = "devkit.tcss"
    TITLE = "devkit"
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q", "quit", "Quit", id="app.quit", tooltip="Leave; the services go on"),
        Binding("colon", "command_palette", "Commands", show=False, id="app.palette", tooltip="Find a command"),
        Binding(
            "tab,shift+tab", "other_side", "Other side", show=False, id="app.other-side", tooltip="Services or logs"
        ),
        Binding("s", "service('start_or_stop')", "Stop/start", id="service.toggle", tooltip="Stop it, or start it"),
        Binding("r", "service('restart')", "Restart", id="service.restart", tooltip="Restart its containers"),
        Binding(
            "R", "service('recreate')", "Rebuild", show=False, id="service.rebuild", tooltip="Build and recreate it"
        ),
        Binding("u", "service('start')", "Up", show=False, id="service.up", tooltip="Start it"),
        Binding("d", "service('remove')", "Remove", show=False, id="service.remove", tooltip="Remove its containers"),
        Binding("U", "project('up')", "All up", show=False, id="project.up", tooltip="Start everything"),
        Binding(
            "D", "project('down')", "All down", show=False, id="project.down", tooltip="Stop and remove everything"
        ),
        Binding("e,E", "shell", "Shell", id="service.shell", tooltip="A shell in it"),
        Binding("o", "browser", "Open", id="service.open", tooltip="Open it in the browser"),
        Binding("slash", "ask('search')", "Search", key_display="/", id="log.search", tooltip="Find in all lines"),
        Binding("n", "search_next(1)", "Next", show=False, id="log.next", tooltip="The last place before this one"),
        Binding("N", "search_next(-1)", "Former", show=False, id="log.former", tooltip="The next place after this one"),
        Binding("F", "ask('filter')", "Filter", id="log.filter", tooltip="Only lines with it; ! for those without"),
        Binding("L", "level", "Level", id="log.level", tooltip="All, info, warning, error and above"),
        Binding("f", "follow", "Follow", id="log.follow", tooltip="Stay at the newest line"),
        Binding("t", "toggle_view('time')", "Time", show=False, id="log.time", tooltip="With or without times"),
        Binding("w", "toggle_view('wrap')", "Wrap", show=False, id="log.wrap", tooltip="Long lines over several rows"),
        Binding("p", "toggle_view('pretty')", "Pretty", show=False, id="log.pretty", tooltip="Parsed, or as it came"),
        Binding("v", "toggle_view('fold')", "Fold", show=False, id="log.fold", tooltip="Fold frames of packages"),
        Binding("m", "mark", "Mark", show=False, id="log.mark", tooltip="Mark the line"),
        Binding("C,ctrl+l", "clear", "Clear", show=False, id="log.clear", tooltip="Only lines from now on"),
        Binding("y,c", "copy", "Copy", show=False, id="log.copy", tooltip="Copy the line"),
        Binding("ctrl+s,S", "save", "Save", show=False, id="log.save", tooltip="Save what is shown to a file"),
        Binding("a", "all_services", "All", show=False, id="log.all", tooltip="The logs of all services"),
        Binding("z,plus", "zoom", "Zoom", show=False, id="app.zoom", tooltip="Logs alone"),
        Binding(
            "Y", "copy_command", "Copy command", show=False, id="app.copy-command", tooltip="The last plain command"
        ),
        Binding("escape", "escape", "Back", show=False, id="app.back", tooltip="Out of the prompt; no filter any more"),
    ]

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self.session = Session(
            project,
            Listeners(self._snapshot_came, self._lines_came, self._sample_came, self._disk_trouble),
        )
        self.choice = LogChoice()
        self.searched: Query | None = None
        self.command = ""
        self._asking = ""
        self._known_sources: tuple[str, ...] = ()
        self._samples_wait = False
        self._sparks_drawn = 0.0
        self._disk = ""
        self._found = ""
        self._place_note = ""

    def compose(self) -> ComposeResult:
        """Services and card, logs and prompt, status and keys."""
        with Horizontal(id="body"):
            with Vertical(id="side"):
                yield ServiceList(id="services")
                yield ServiceCard("", id="card", markup=False)
            with Vertical(id="main"):
                yield Static("", id="title", markup=False)
                yield LogView(self._timeline(), id="logs")
                yield Input(id="prompt", compact=True)
        with Vertical(id="foot"):
            yield Static("", id="status", markup=False)
            yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to watch; the first frame does not wait for the engine."""
        self.services.focus()
        self.logs.follow_end()
        self._show_title()
        self._watch()
        for number in _ENDING:
            asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)

    def on_resize(self) -> None:
        """A narrow terminal gets a narrow side."""
        self.set_class(self.size.width < _NARROW, "-narrow")

    async def on_unmount(self) -> None:
        """Whatever ends the app, the store's files are given back."""
        for number in _ENDING:
            asyncio.get_running_loop().remove_signal_handler(number)
        self.workers.cancel_all()
        with suppress(WorkerCancelled):
            await self.workers.wait_for_complete()
        self.session.close()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What failed in the background is said; the app goes on."""
        if event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self.notify(f"{event.worker.group}: {event.worker.error!r}", severity="error", markup=False)

    @property
    def services(self) -> ServiceList:
        """The list at the left."""
        return self.query_one("#services", ServiceList)

    @property
    def logs(self) -> LogView:
        """The lines at the right."""
        return self.query_one("#logs", LogView)

    @work(group="watch", exit_on_error=False)
    async def _watch(self) -> None:
        try:
            await self.session.watch()
        except DevkitError as error:
            self._show_status(f"{error.message} ({error.hint})" if error.hint else error.message, problem=True)

    def _end_by(self, number: int) -> None:
        """A signal ends the app as a key does, so that the terminal is as it was."""
        self.exit(return_code=128 + number)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        self.services.show(snapshot.services)
        self._show_card()
        self._show_status()

    def _lines_came(self) -> None:
        names = tuple(source.name for source in self.session.store.sources)
        if names != self._known_sources:
            self._known_sources = names
            self.logs.show(self._timeline())
        self.logs.changed()

    def _sample_came(self) -> None:
        if not self._samples_wait:
            self._samples_wait = True
            self.set_timer(1.0, self._show_samples)

    def _show_samples(self) -> None:
        self._samples_wait = False
        now = asyncio.get_running_loop().time()
        sparks = now - self._sparks_drawn >= SPARK_SECONDS
        if sparks:
            self._sparks_drawn = now
        self.services.show_usage(self.session.stats.usage, sparks=sparks)

    def _disk_trouble(self, text: str) -> None:
        self._disk = text
        self._show_status()

    @on(ServiceList.Chosen)
    def _service_chosen(self, event: ServiceList.Chosen) -> None:
        self.choice = replace(self.choice, service=event.name)
        self._choice_changed()
        self._show_card()

    @on(LogView.Opened)
    def _line_opened(self, event: LogView.Opened) -> None:
        from devkit.tui.screens.detail import Detail, trace_of

        self.push_screen(Detail(event.entry, trace_of(self.logs.timeline, event.entry)))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self._show_title()

    @on(Input.Submitted, "#prompt")
    def _answered(self, event: Input.Submitted) -> None:
        asked, self._asking = self._asking, ""
        self._close_prompt()
        if asked == "filter":
            self.choice = replace(self.choice, filter=parse_query(event.value))
            self._choice_changed()
        elif (query := parse_query(event.value)) is not None:
            self.searched, self._found, self._place_note = query, "", ""
            self.logs.set_view(replace(self.logs.view, query=query))
            self._search(query, forwards=False)
            self._count(query)

    @on(Input.Changed, "#prompt")
    def _typed(self, event: Input.Changed) -> None:
        if self._asking == "filter":
            self.choice = replace(self.choice, filter=parse_query(event.value))
            self._choice_changed()

    def action_ask(self, what: str) -> None:
        """Ask for a text at the bottom: `search` or `filter`."""
        prompt = self.query_one("#prompt", Input)
        self._asking = what
        prompt.placeholder = "search all lines" if what == "search" else "only lines with this; ! for lines without"
        former = self.searched if what == "search" else self.choice.filter
        prompt.value = ("!" if former and former.inverted else "") + (former.text if former else "")
        prompt.add_class("shown")
        prompt.focus()

    def action_escape(self) -> None:
        """Close the prompt; else forget search and filter; else follow again."""
        if self._asking:
            if self._asking == "filter":
                self.choice = replace(self.choice, filter=None)
                self._choice_changed()
            self._asking = ""
            self._close_prompt()
        elif self.searched is not None or self.choice.filter is not None or self.choice.level is not None:
            self.searched, self._found = None, ""
            self.choice = replace(self.choice, filter=None, level=None)
            self.logs.set_view(replace(self.logs.view, query=None))
            self._choice_changed()
        else:
            self.logs.follow_end()

    def action_search_next(self, direction: int) -> None:
        """The next place: upwards in time, as the newest lines are at the bottom."""
        if self.searched is not None:
            self._search(self.searched, forwards=direction < 0)

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self, query: Query, *, forwards: bool) -> None:
        timeline, wanted = self.logs.timeline, self.choice.wanted
        position = self.logs.position
        if forwards and self.logs.cursor is not None and self.logs.entry is not None:
            position = self.logs.entry.behind
        find = find_after if forwards else find_before
        found = await asyncio.to_thread(find, timeline, position, query, wanted)
        if found is None:
            self._place_note = "no further place"
            self._show_title()
        else:
            self._place_note = ""
            self.logs.focus()
            self.logs.go_to(found)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def _count(self, query: Query) -> None:
        counting = count(self.logs.timeline, query, self.choice.wanted)

        def some() -> Counted | None:
            last = None
            for _ in range(16):
                last = next(counting, last)
            return last

        former = None
        while (counted := await asyncio.to_thread(some)) is not None and counted != former:
            former = counted
            more = "" if counted.done >= counted.size else " so far"
            self._found = f"{counted.lines:,} lines{more}"
            self._show_title()

    def action_level(self) -> None:
        """The next level."""
        self.choice = self.choice.next_level()
        self._choice_changed()

    def action_follow(self) -> None:
        """Follow, or stay here."""
        if self.logs.follow:
            self.logs.action_move(-1)
        else:
            self.logs.follow_end()

    def action_toggle_view(self, what: str) -> None:
        """Another way to show lines."""
        self.logs.set_view(self.logs.view.toggled(what))
        if what == "fold":
            self.logs.show(self.logs.timeline)

    def action_mark(self) -> None:
        """Mark the line."""
        self.logs.mark()

    def action_clear(self) -> None:
        """Only what comes from now on."""
        self.logs.clear()

    def action_copy(self) -> None:
        """The line under the cursor, as it came."""
        if (entry := self.logs.entry) is not None:
            self.copy_to_clipboard(entry.line.text.decode("utf-8", errors="replace"))
            self.notify("the line is copied; over SSH by OSC 52, if the terminal takes that")

    def action_copy_command(self) -> None:
        """The plain command behind the last action."""
        if self.command:
            self.copy_to_clipboard(self.command)
            self.notify("copied: " + self.command, markup=False)

    def action_save(self) -> None:
        """All lines that are shown, to a file in the project."""
        self._save()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def _save(self) -> None:
        from devkit.tui.log_saving import save

        try:
            path, lines = await asyncio.to_thread(save, self.logs.timeline, self.project.paths.state / "saved")
        except OSError as error:
            self.notify(f"not saved: {error.strerror}", severity="error", markup=False)
            return
        self.notify(f"{lines:,} lines in {_relative(path, self.project.paths.root)}", markup=False)

    def action_all_services(self) -> None:
        """All logs."""
        self.services.action_move(-1000)

    def action_other_side(self) -> None:
        """From the services to the logs and back."""
        (self.services if self.logs.has_focus else self.logs).focus()

    def action_help(self) -> None:
        """The keys of what has the focus, and of the app; again to close."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def action_zoom(self) -> None:
        """Logs alone, or both."""
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed"):
            self.logs.focus()

    def action_service(self, what: str) -> None:
        """Do something to the chosen service."""
        if (service := self._one_service()) is not None:
            self._act(getattr(compose_action, what)(service))

    def action_project(self, what: str) -> None:
        """Do something to all of them."""
        self._act(getattr(compose_action, what)())

    @work(group="act", exit_on_error=False)
    async def _act(self, action: Action) -> None:
        if action.question:
            from devkit.tui.screens.question import Question

            if not await self.push_screen_wait(Question(action.question, action.plain)):
                return
        self.command = action.plain
        self._show_status(f"{action.title} …   {action.plain}")
        project = self.project
        try:
            failed = await compose_action.run(
                project.docker, project.paths.root, project.settings.name, action, lambda _line: None
            )
        except OSError as error:
            failed = f"docker cannot be run: {error.strerror}"
        if failed:
            self.notify(f"{action.title}: {failed}", severity="error", timeout=10, markup=False)
        self._show_status()

    def action_shell(self) -> None:
        """A real terminal in the chosen service."""
        if (service := self._one_service()) is not None:
            self._in_terminal(["shell", service.name], f"docker compose exec {service.name} sh")

    def action_browser(self) -> None:
        """The chosen service's page, or the application's."""
        import webbrowser

        from devkit.setup.pages import pages

        service = self.services.chosen
        try:
            found = pages(self.project)
        except DevkitError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        page = next((page for page in found if service is not None and page.name == service.name), found[0])
        self.command = page.url
        webbrowser.open(page.url)
        self._show_status(f"opened {page.url}")

    def _in_terminal(self, words: list[str], plain: str) -> None:
        from textual.app import SuspendNotSupported

        self.command = plain
        command = [sys.executable, "-m", "devkit.entry", "--project", str(self.project.paths.root), *words]
        try:
            with self.suspend():
                status = subprocess.call(command)
        except SuspendNotSupported:
            self.notify("there is no terminal here to hand over", severity="error")
            return
        self._show_status(f"{plain} ended with status {status}" if status else "")

    def _one_service(self) -> LiveService | None:
        service = self.services.chosen
        if service is None:
            names = [one.name for one in self.services.services]
            if len(names) == 1:
                return self.services.services[0]
            self.notify("choose a service first")
        return service

    def _timeline(self) -> Timeline:
        sources = [source for source in self.session.store.sources if self.choice.has(source.name)]
        return Timeline(sources, self.choice.wanted)

    def _choice_changed(self) -> None:
        self.logs.show(self._timeline())
        self._show_title()

    def _close_prompt(self) -> None:
        self.query_one("#prompt", Input).remove_class("shown")
        self.logs.focus()

    def _show_card(self) -> None:
        service = self.services.chosen
        lines: list[str] = []
        if service is not None and not service.state.ready:
            choice = LogChoice(service.name)
            timeline = Timeline([one for one in self.session.store.sources if choice.has(one.name)])
            page = timeline.before(timeline.end, _CARD_LINES, budget=64 * 1024)
            lines = [entry.line.text.decode("utf-8", errors="replace")[:200] for entry in page.entries]
        self.query_one("#card", ServiceCard).show(service, lines)

    def _show_title(self) -> None:
        lines = sum(source.lines for source in self.logs.timeline.sources)
        parts = [str(self.choice), f"{lines:,} lines"]
        if self.searched is not None:
            parts.append(" ".join(filter(None, (f"/{self.searched.text}", self._found, self._place_note))))
        if self.logs.searching:
            parts.append("looking through older lines …")
        parts.append("following" if self.logs.follow else "paused: f follows")
        self.query_one("#title", Static).update("   ".join(parts))

    def _show_status(self, text: str = "", *, problem: bool = False) -> None:
        status = self.query_one("#status", Static)
        snapshot = self.session.snapshot
        if not text and not snapshot.connected:
            text, problem = f"{snapshot.problem}: waiting for it", True
        if not text and self._disk:
            text, problem = self._disk, True
        status.set_class(problem, "problem")
        status.update(text or f"{self.project.settings.name}   {self.command}")


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
