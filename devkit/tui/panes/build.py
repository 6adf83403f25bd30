"""Builds: the one that runs, step by step; those before it, what they add up to, and each layer."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from devkit.delivery.build_record import BuildRecord
from devkit.delivery.figures import Layer
from devkit.project.errors import FailedError
from devkit.setup.cache_report import dockerfile_and_context
from devkit.tui.build_history import KeptBuilds
from devkit.tui.build_place import line_to_open
from devkit.tui.build_rows import (
    HISTORY,
    LAYERS,
    NARROW_HISTORY,
    NARROW_LAYERS,
    history_rows,
    layer_rows,
)
from devkit.tui.build_runner import BuildRunner, Wanted, read_dockerfile
from devkit.tui.build_text import NO_BUILDS, badge, build_text, figure_lines, layer_text, title_text
from devkit.tui.choice import Choice
from devkit.tui.directory_watch import watch_file
from devkit.tui.keys.build import BUILD
from devkit.tui.pane import Host, Pane, Tab
from devkit.tui.shown_build import Phase, ShownBuild
from devkit.tui.widgets.build_steps import BuildSteps
from devkit.tui.widgets.tab_bar import TabBar
from devkit.tui.widgets.table import Table
from devkit.tui.widgets.text_lines import TextLines

STEPS, HISTORY_VIEW, FIGURES, LAYERS_VIEW = VIEWS = ("steps", "history", "figures", "layers")
_TABS = tuple(Tab(view, f"{number} {view.capitalize()}", "") for number, view in enumerate(VIEWS, start=1))
_DRAWN_SECONDS = 0.1
_NARROW = 76
_MOST_ROWS = 500
"""Builds of the history that are listed."""


class BuildPane(Pane):
    """What is built goes on while another tab is seen; only the tab's name says then how far it is."""

    BINDINGS: ClassVar[list[BindingType]] = [*BUILD]
    DEFAULT_CSS = """
    BuildPane {
        #build-title { height: 1; padding: 0 1; background: $panel; }
        #build-views { height: 1; color: $text-muted; }
        .detail { height: auto; max-height: 40%; padding: 0 1; border-top: solid $panel; }
        #build-figures { height: 1fr; padding: 0 1; }
        .view { height: 1fr; }
    }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.runner = BuildRunner(host.project.paths.root, self._heard)
        self.kept = KeptBuilds(host.project)
        self.view = STEPS
        self.looked_at: ShownBuild | None = None
        """A build of the history whose steps are shown; None for the one that runs, or ran last."""

        self._seen = False
        self._closed = False
        self._takes_up = False

    def compose(self) -> ComposeResult:
        """Title, views, and one of them."""
        yield Static("", id="build-title", markup=False)
        yield TabBar(_TABS, id="build-views")
        yield BuildSteps(id="build-steps-view")
        with Vertical(id="build-history-view", classes="view"):
            yield Table(HISTORY, id="build-history")
            yield Static("", id="build-one", classes="detail", markup=False)
        yield TextLines(id="build-figures")
        with Vertical(id="build-layers-view", classes="view"):
            yield Table(LAYERS, id="build-layers")
            yield Static("", id="build-layer", classes="detail", markup=False)

    def on_mount(self) -> None:
        """The steps first."""
        self._drawing = self.set_interval(_DRAWN_SECONDS, self.draw, pause=True)
        self._open(STEPS)
        self.shown()

    async def on_unmount(self) -> None:
        """What runs ends with the app."""
        self._closed = True
        await self.runner.close()

    def on_resize(self) -> None:
        """A narrow tab has fewer columns; plots are made for the width."""
        narrow = self.size.width < _NARROW
        for table, columns in (
            (self.history, NARROW_HISTORY if narrow else HISTORY),
            (self.layer_table, NARROW_LAYERS if narrow else LAYERS),
        ):
            if table.columns_shown != columns:
                table.set_columns(columns)
        self.call_after_refresh(self._show_kept)

    @property
    def steps(self) -> BuildSteps:
        """The steps of a build."""
        return self.query_one(BuildSteps)

    @property
    def history(self) -> Table:
        """The builds before."""
        return self.query_one("#build-history", Table)

    @property
    def layer_table(self) -> Table:
        """The layers."""
        return self.query_one("#build-layers", Table)

    @property
    def figures(self) -> TextLines:
        """Plots and advice."""
        return self.query_one("#build-figures", TextLines)

    @property
    def build(self) -> ShownBuild | None:
        """The build whose steps are shown: that of the history, the one that runs, or the last before this app."""
        return self.looked_at or self.runner.build or self.kept.last

    @property
    def record(self) -> BuildRecord | None:
        """The build of the history under the cursor."""
        return next((one for one in self.kept.builds if one.id == self.history.key), None)

    @property
    def chosen_layer(self) -> Layer | None:
        """The layer under the cursor."""
        return next((one for one in self.kept.report.layers if (one.stage, one.step) == self.layer_table.key), None)

    def shown(self) -> None:
        """Look at the history from now on; what is seen has the keys."""
        if not self.is_mounted:
            return
        self._focus()
        if not self._seen:
            self._seen = True
            self._watch()
        self.draw()

    def hidden(self) -> None:
        """Nothing but the tab's name is drawn; what runs goes on."""
        self._seen = False
        self.workers.cancel_group(self, "watch")
        self.workers.cancel_group(self, "advice")

    def back(self) -> None:
        """Out of what a step wrote, else of a build of the history, else to the steps."""
        if self.view == STEPS and self.steps.close():
            return
        if self.view == STEPS and self.looked_at is not None:
            self._open(HISTORY_VIEW)
        elif self.view != STEPS:
            self._open(STEPS)

    def draw(self) -> None:
        """Show how the build is now, and again while it runs."""
        if self._closed:
            return
        text, style = badge(self.runner.build)
        for bar in self.app.query("#tabs").results(TabBar):
            bar.badge("build", text, style)
        if self.runner.runs:
            self._drawing.resume()
        else:
            self._drawing.pause()
        if not self._seen:
            return
        now, build = monotonic(), self.build
        title = title_text(
            build,
            now,
            of_history=build is not self.runner.build,
            stopping=self.runner.asked_to_stop and self.runner.runs,
        )
        self.query_one("#build-title", Static).update(title)
        if build is not None:
            self.steps.show(build, now)

    def action_build(self) -> None:
        """The same as before; at first what compose.yaml names."""
        self.start(Wanted(self.runner.wanted.stage))

    def action_no_cache(self) -> None:
        """The same, every step anew."""
        self.start(Wanted(self.runner.wanted.stage, no_cache=True))

    @work(group="stage", exclusive=True, exit_on_error=False)
    async def action_stage(self) -> None:
        """Another stage, chosen among those of the Dockerfile."""
        from devkit.tui.screens.menu import Menu

        path = await self._dockerfile_path()
        dockerfile = await asyncio.to_thread(read_dockerfile, path)
        names = [stage.name for stage in dockerfile.stages if stage.name] if dockerfile is not None else []
        if not names:
            why = "cannot be read" if dockerfile is None else "names no stages"
            self.notify(f"{path} {why}", severity="error", markup=False)
            return
        choices = [Choice("0", "what compose.yaml names", Wanted().plain, "")]
        choices += [Choice(str(at), name, Wanted(name).plain, name) for at, name in enumerate(names, start=1)]
        if (choice := await self.app.push_screen_wait(Menu("Build which stage?", choices))) is not None:
            self.start(Wanted(str(choice.does)))

    def action_stop(self) -> None:
        """End the build: asked once it ends by itself, the second time it is killed."""
        if not self.runner.runs:
            self.notify("nothing is being built")
            return
        self.runner.stop()
        self.draw()

    def action_view(self, view: str) -> None:
        """One of the four; for the steps those of the last build."""
        if view == STEPS:
            self.looked_at = None
        self._open(view)

    def action_next_view(self) -> None:
        """The view behind this one."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def action_window(self) -> None:
        """Builds of a longer time, or of a shorter one."""
        self.kept.next_window()
        self._read()
        self.notify(f"the builds of the last {self.kept.days} days")

    def action_copy(self) -> None:
        """What is looked at, as text."""
        if text := self._copied():
            self.app.copy_to_clipboard(text)
            self.notify("copied; over SSH by OSC 52, if the terminal takes that")

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """The Dockerfile in the editor, at the line of what is under the cursor."""
        from devkit.tui.open_place import open_file

        path = await self._dockerfile_path()
        looked_at = {STEPS: self.steps.step or self.build, LAYERS_VIEW: self.chosen_layer}.get(self.view)
        line = await asyncio.to_thread(line_to_open, path, looked_at)
        open_file(self, self.host, path, line, f"{path.name}:{line}" if line else path.name)

    def start(self, wanted: Wanted, *, takes_up: bool = False) -> None:
        """Build; with `takes_up` the containers are made anew once that is done."""
        try:
            task = self.runner.start(wanted)
        except FailedError as error:
            self.notify(str(error))
            return
        self._takes_up = takes_up
        self.looked_at = None
        self._open(STEPS)
        self.host.say(f"{wanted.plain} …", command=wanted.plain)
        task.add_done_callback(self._ended)
        self.draw()

    def take_up(self) -> None:
        """A changed Dockerfile was agreed to: build what compose.yaml names, then make the containers anew."""
        self.start(Wanted(), takes_up=True)

    @on(TabBar.Chosen)
    def _view_chosen(self, event: TabBar.Chosen) -> None:
        event.stop()
        self.action_view(event.tab.id)

    @on(Table.Opened, "#build-steps")
    def _step_opened(self) -> None:
        self.steps.open()

    @on(Table.Opened, "#build-history")
    def _build_opened(self) -> None:
        if (record := self.record) is not None:
            self.looked_at = ShownBuild.of(record)
            self._open(STEPS)
            self.draw()

    @on(Table.Opened, "#build-layers")
    def _layer_opened(self) -> None:
        if (layer := self.chosen_layer) is not None:
            from devkit.tui.screens.text_detail import TextDetail

            self.app.push_screen(TextDetail(layer_text(layer), layer_text(layer).plain))

    @on(DataTable.RowHighlighted, "#build-history, #build-layers")
    def _other_row(self) -> None:
        self._show_details()

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _watch(self) -> None:
        await watch_file(self.kept.path, self._history_changed)

    def _history_changed(self) -> None:
        self._read()

    @work(group="read", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        await self.kept.read()
        self._show_kept()
        self.draw()
        if self.view == FIGURES:
            self._advise()

    @work(group="advice", exclusive=True, exit_on_error=False)
    async def _advise(self) -> None:
        await self.kept.advise()
        self._show_kept()

    def _heard(self, build: ShownBuild) -> None:
        """There is more of the build; what runs is drawn by the clock."""
        if build.command and build.phase is Phase.RUNNING and not build.steps and not self._closed:
            plain = shlex.join(build.command)
            self.host.say(f"{self.runner.wanted.plain} …   {plain}", command=plain)

    def _ended(self, task: asyncio.Task[None]) -> None:
        build, takes_up = self.runner.build, self._takes_up
        self._takes_up = False
        if self._closed or build is None or task.cancelled():
            return
        if (error := task.exception()) is not None:
            build.fail(f"the build could not be followed: {error!r}")
        said = build.problem if build.phase is Phase.FAILED else ""
        self.host.say(said, problem=bool(said))
        for warning in build.warnings:
            self.notify(warning, severity="warning", markup=False)
        if takes_up and build.phase is Phase.DONE:
            self.host.say("devkit up …", command="devkit up")
            self.host.session.files.rebuild()
        self.draw()
        self._read()

    def _open(self, view: str) -> None:
        self.view = view
        for name in VIEWS:
            self.query_one(f"#build-{name}" if name == FIGURES else f"#build-{name}-view").display = name == view
        self.query_one("#build-views", TabBar).show(view)
        if view == FIGURES:
            self._advise()
        if self._seen:
            self._focus()
            self._show_kept()
        self.draw()

    def _focus(self) -> None:
        if self.view == STEPS:
            self.steps.focus_part()
        else:
            parts = {HISTORY_VIEW: self.history, FIGURES: self.figures, LAYERS_VIEW: self.layer_table}
            parts[self.view].focus()

    def _show_kept(self) -> None:
        """The history, and what it adds up to, as it is known now."""
        if not self.is_mounted or self._closed:
            return
        kept, narrow = self.kept, self.history.columns_shown == NARROW_HISTORY
        self.history.show(history_rows(kept.builds[-_MOST_ROWS:], narrow=narrow))
        self.layer_table.show(layer_rows(kept.report.layers, narrow=narrow))
        width = max(20, self.figures.scrollable_content_region.width)
        if self.view == FIGURES:
            lines = figure_lines(kept.report, self.host.project.settings.name, width, kept.advice)
            self.figures.show(lines, top=False)
        self._show_details()

    def _show_details(self) -> None:
        none = self.kept.problem or NO_BUILDS
        record, layer = self.record, self.chosen_layer
        self.query_one("#build-one", Static).update(build_text(record) if record is not None else none)
        self.query_one("#build-layer", Static).update(layer_text(layer) if layer is not None else none)

    def _copied(self) -> str:
        if self.view == HISTORY_VIEW:
            return build_text(self.record).plain if self.record is not None else ""
        if self.view == FIGURES:
            return self.figures.plain
        if self.view == LAYERS_VIEW:
            return layer_text(self.chosen_layer).plain if self.chosen_layer is not None else ""
        return self.steps.text()

    async def _dockerfile_path(self) -> Path:
        """That of the last build, else what compose.yaml names."""
        if (build := self.runner.build) is not None and build.dockerfile_path:
            return Path(build.dockerfile_path)
        project = self.host.project
        found: Sequence[Path] = await asyncio.to_thread(dockerfile_and_context, project.paths, project.settings)
        return found[0]
