"""The app that stays open all day: services at the left, their logs at the right."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.containers import Horizontal, Vertical
from textual.reactive import Reactive
from textual.theme import Theme
from textual.worker import Worker, WorkerState

from devkit.engine.live_services import Snapshot
from devkit.engine.patience import set_within
from devkit.project.errors import DevkitError
from devkit.project.this_devkit import devkit_command
from devkit.setup.project import Project
from devkit.tui import compose_action
from devkit.tui.compose_action import Action
from devkit.tui.first_rows import NARROW, WIDE
from devkit.tui.keys import app as app_keys
from devkit.tui.keys import logs as log_keys
from devkit.tui.keys import workers as worker_keys
from devkit.tui.keys_in_order import KeysInOrder
from devkit.tui.palettes import PROVIDERS
from devkit.tui.pane import BUILD, LOGS, TABS, Pane, Tab
from devkit.tui.preferences import Preferences
from devkit.tui.session import Listeners, Session
from devkit.tui.side import Side
from devkit.tui.themes import DARK_TERMINAL, LIGHT_TERMINAL, THEMES
from devkit.tui.widgets.key_row import KeyRow
from devkit.tui.widgets.service_list import ServiceList
from devkit.tui.widgets.status_line import DIRECTORY, DISK, ENGINE, StatusLine
from devkit.tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from devkit.setup.followed import Followed
    from devkit.tui.panes.logs import LogsPane

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the app as a key does. Whoever runs it may block them until it is there to hear of them."""

_FIRST_SECONDS = 0.5
"""How long logs and keys wait for what comes before them: not longer than for an engine that is slow to answer."""


_OF_TABS = frozenset({"logs", "next_pane", "out", "other_side", "zoom"})
"""Actions that need a tab, which there is none of in the first moment."""


class DevkitApp(KeysInOrder):
    """One project; `person` is whose config.toml counts, `on_complete` hears when all of the first screen is there.

    `first` are its services as they stand on the screen already, if they do.
    """

    CSS_PATH = "devkit.tcss"
    TITLE = "devkit"
    BINDINGS: ClassVar[list[BindingType]] = [*app_keys.APP, *worker_keys.OFFER, *log_keys.LOGS]

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set(PROVIDERS)

    ansi_theme_dark = Reactive(DARK_TERMINAL, init=False)
    ansi_theme_light = Reactive(LIGHT_TERMINAL, init=False)

    def __init__(
        self,
        project: Project,
        person: Path | None = None,
        *,
        on_complete: Callable[[], None] = lambda: None,
        first: Snapshot | None = None,
    ) -> None:
        self.preferences = Preferences(self, person)
        self.set_reactive(DevkitApp.theme, self.preferences.theme)
        super().__init__()
        self._on_complete = on_complete
        self.project = project
        self._seen = asyncio.Event()
        """Set once the newest lines are on the screen."""
        self.session = Session(
            project,
            Listeners(
                self._snapshot_came,
                self._lines_came,
                self._sample_came,
                disk=lambda text: self.status.trouble_is(DISK, text),
                directory=lambda text: self.status.trouble_is(DIRECTORY, text),
                files=self._files_followed,
                line=self.say,
            ),
            log_bytes=self.preferences.settings.log_bytes,
            free=self.keys_shown,
            seen=self._seen,
        )
        if first is not None:
            self.session.snapshot = first
        self._panes: dict[str, Pane] = {}
        self._open = LOGS
        self._rows = asyncio.Event()
        """Set once there are rows of services on the screen."""

    def compose(self) -> ComposeResult:
        """Services and card, tabs and status: `_complete` adds the rest once that is on the screen."""
        with Horizontal(id="body"):
            yield Side(self, id="side")
            with Vertical(id="main"):
                yield TabBar(TABS, id="tabs")
        with Vertical(id="foot"):
            yield StatusLine(self.project.settings.name, id="status")

    def on_mount(self) -> None:
        """Begin to watch; the first frame does not wait for the engine."""
        for number in ENDING:
            asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        self.services.focus()
        if self.session.snapshot.services:
            self._snapshot_came(self.session.snapshot)
        self.query_one(TabBar).show(self._open)
        self.say()
        self._watch()
        self._complete()

    def on_resize(self, event: events.Resize) -> None:
        """A narrow terminal gets a narrow side, a wide one has room for ports and times."""
        self.set_class(event.size.width < NARROW, "-narrow")
        self.set_class(event.size.width >= WIDE, "-wide")
        for screen in self.screen_stack[:-1]:  # what lies below a dialogue is not looked at by Textual
            self.update_styles(screen)

    async def on_unmount(self) -> None:
        """Whatever ends the app, what it started ends, and the store's files are given back."""
        for number in ENDING:
            asyncio.get_running_loop().remove_signal_handler(number)
        self.workers.cancel_all()
        # Not wait_for_complete: the first that is cancelled would end the wait for those that still end their children.
        await asyncio.gather(*(worker.wait() for worker in self.workers), return_exceptions=True)
        self.session.close()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What failed in the background is said; the app goes on."""
        if event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self.notify(f"{event.worker.group}: {event.worker.error!r}", severity="error", markup=False)

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's themes, and devkit's own."""
        return {**super().available_themes, **THEMES}

    @property
    def editor(self) -> str:
        """The editor that was chosen in the settings."""
        return self.preferences.settings.editor

    @property
    def status(self) -> StatusLine:
        """The line above the keys."""
        return self.query_one("#status", StatusLine)

    @property
    def command(self) -> str:
        """The plain command behind the last action."""
        return self.status.command

    @property
    def services(self) -> ServiceList:
        """The list at the left."""
        return self.query_one("#services", ServiceList)

    @property
    def logs(self) -> LogsPane:
        """The logs, whether they are seen or not."""
        from devkit.tui.panes.logs import LogsPane

        return self.query_one("#pane-logs", LogsPane)

    @property
    def pane(self) -> Pane:
        """What is seen at the right."""
        return self._panes[self._open]

    @property
    def _has_logs(self) -> bool:
        return LOGS in self._panes and self._panes[LOGS].is_mounted

    def _made(self, tab: Tab) -> Pane:
        pane = self._panes[tab.id] = tab.make(self)
        return pane

    async def open_pane(self, tab: Tab) -> None:
        """Show it, made now if it was not seen before."""
        if tab.id == self._open or not self._has_logs:
            return
        former = self.pane
        if tab.id not in self._panes:
            await self.query_one("#main").mount(self._made(tab))
        self._open = tab.id
        former.hidden()
        former.display = False
        self.pane.display = True
        self.pane.shown()
        self.query_one(TabBar).show(tab.id)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of tabs are there once the tabs are, those of the logs with the logs only, B while there is an offer."""
        if action == "rebuild":
            return any(line.offer for line in self.query(StatusLine))
        if not self._has_logs:
            return action not in _OF_TABS
        return action != "logs" or self._open == LOGS

    @on(TabBar.Chosen)
    async def _tab_chosen(self, event: TabBar.Chosen) -> None:
        await self.open_pane(event.tab)

    async def action_next_pane(self, steps: int) -> None:
        """The tab beside this one."""
        at = next(place for place, tab in enumerate(TABS) if tab.id == self._open)
        await self.open_pane(TABS[(at + steps) % len(TABS)])

    def action_out(self) -> None:
        """Out of what was opened last in the tab."""
        self.pane.back()

    @work(group="watch", exit_on_error=False)
    async def _watch(self) -> None:
        try:
            await self.session.watch()
        except DevkitError as error:
            self.say(f"{error.message} ({error.hint})" if error.hint else error.message, problem=True)

    @work(group="follow", exit_on_error=False)
    async def _complete(self) -> None:
        """Logs and keys, which take as long to load as all that comes before them."""
        if not (known := bool(self.session.snapshot.services)):
            await set_within(_FIRST_SECONDS, self._rows)
        self.run_worker(self.session.follow(), group="follow", exit_on_error=False)  # while the rest is made
        if known:
            await set_within(_FIRST_SECONDS, self._rows)
        await self.query_one("#main").mount(self._made(TABS[0]))
        if (chosen := self.services.chosen) is not None:
            self.logs.choose_service(chosen.name)
        await set_within(_FIRST_SECONDS, self.logs.lines.laid_out)
        self.call_after_refresh(self._seen.set)
        await set_within(_FIRST_SECONDS, self._seen)
        await self.query_one("#foot").mount(KeyRow())
        self.refresh_bindings()  # the keys are shown when they change, and for the keys' row they never did
        self.run_worker(self.preferences.start(), group="prefer", exit_on_error=False)
        self._on_complete()
        self.run_worker(self.session.files.run(), group="follow", exit_on_error=False)

    @work(group="offer", exclusive=True, exit_on_error=False)
    async def _look_at_offer(self) -> None:
        await self.session.files.look_at_offer()

    def _end_by(self, number: int) -> None:
        """A signal ends the app as a key does, so that the terminal is as it was.

        Behind the SIGHUP of a terminal that is closed comes a SIGCONT: Textual would begin anew.
        """
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        self.exit(return_code=128 + number)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        self.query_one(Side).snapshot_came(snapshot)
        self.status.trouble_is(ENGINE, "" if snapshot.connected else f"{snapshot.problem}: waiting for it")
        if self.status.offer:
            self._look_at_offer()
        if not self._rows.is_set():
            self.call_after_refresh(self._rows.set)

    def _lines_came(self) -> None:
        if not self._has_logs:
            return  # it is being made, and will see what is there then
        self._panes[LOGS].lines_came()  # seen or not: it has to know of new sources
        if self._open != LOGS:
            self.pane.lines_came()

    def _sample_came(self) -> None:
        self.query_one(Side).sample_came()

    def _files_followed(self, one: Followed | None) -> None:
        """What came of a save is said in every tab; None where something else is otherwise than before."""
        from devkit.tui.file_following import offer, took, words

        if (text := offer(self.session.files.offered)) != self.status.offer:
            self.status.offer_is(text)
            self.refresh_bindings()
        if one is not None and not one.offer:
            self.say(" ".join(filter(None, (words(one), took(one)))), problem=one.failed)
            self.look_again()
        for pane in self._panes.values():
            if pane.is_mounted:
                pane.files_followed()

    async def action_rebuild(self) -> None:
        """Take up what is offered: an image is built where that can be seen, containers alone are made anew."""
        if self.session.files.needs_build:
            from devkit.tui.panes.build import BuildPane

            await self.open_pane(next(tab for tab in TABS if tab.id == BUILD))
            assert isinstance(self.pane, BuildPane)
            self.pane.take_up()
            return
        self.say("devkit up …", command="devkit up")
        self.session.files.rebuild()

    @on(ServiceList.Chosen)
    def _service_chosen(self, event: ServiceList.Chosen) -> None:
        if self._has_logs:  # else they are made for what is chosen then
            self.logs.choose_service(event.name)

    def action_logs(self, what: str, *given: Any) -> None:
        """Something with the logs, whatever has the focus."""
        getattr(self.logs, what)(*given)

    def action_copy_command(self) -> None:
        """The plain command behind the last action."""
        if self.command:
            self.copy_to_clipboard(self.command)
            self.notify("copied: " + self.command, markup=False)

    def action_all_services(self) -> None:
        """All logs."""
        self.services.action_move(-1000)

    def action_other_side(self) -> None:
        """From the services to the logs and back."""
        if self.services.has_focus:
            self.pane.shown()
        else:
            self.services.focus()

    def action_settings(self) -> None:
        """Themes, keys and the editor."""
        from devkit.tui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen(self.preferences))

    def action_help(self) -> None:
        """Every key, those that work here first."""
        from devkit.tui.screens.help import HelpScreen

        active = self.screen.active_bindings.values()
        self.push_screen(HelpScreen(self.preferences, [one.binding.id for one in active if one.binding.id]))

    def action_zoom(self) -> None:
        """The tab alone, or both."""
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed") and self.services.has_focus:
            self.pane.shown()

    def act(self, action: Action) -> Worker[None]:
        """Run a command of docker beside the app: asked first if it has a question, its failure said."""
        return self._run_action(action)

    @work(group="act", exit_on_error=False)
    async def _run_action(self, action: Action) -> None:
        if action.question:
            from devkit.tui.screens.question import Question

            if not await self.push_screen_wait(Question(action.question, action.plain)):
                return
        self.say(f"{action.title} …   {action.plain}", command=action.plain)
        try:
            failed = await compose_action.run(self.project.compose, action, lambda _line: None)
        except OSError as error:
            failed = self.status.trouble_of(DIRECTORY) or f"docker cannot be run: {error.strerror}"
        if failed:
            self.notify(f"{action.title}: {failed}", severity="error", timeout=10, markup=False)
        self.say()

    def in_terminal(self, words: Sequence[str], plain: str) -> None:
        """Hand the terminal over to `devkit WORDS` until it ends."""
        self.hand_over(devkit_command(self.project.paths.root, *words), plain)

    def hand_over(self, command: Sequence[str], plain: str) -> None:
        """Give the terminal to a command until it ends."""
        from devkit.tui.handed_over import hand_over

        self.say(command=plain)
        try:
            status = hand_over(self, command)
        except DevkitError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        self.say(f"{plain} ended with status {status}" if status else "")
        self.look_again()

    def look_again(self) -> None:
        """Something was done that may have run migrations or jobs: badges are counted anew."""
        self.query_one(Side).look_again()

    def say(self, text: str = "", *, problem: bool = False, command: str = "") -> None:
        """Show a line at the bottom, until the next; `command` is the plain one behind what was done."""
        self.status.say(text, problem=problem, command=command)
