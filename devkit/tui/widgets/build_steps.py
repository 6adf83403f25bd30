"""The steps of a build with what the chosen one wrote below them."""

from __future__ import annotations

from time import monotonic
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from devkit.tui.build_rows import ITSELF, NARROW_STEPS, STEPS, step_rows
from devkit.tui.build_text import itself_text, stage_text, step_text
from devkit.tui.kept_lines import KeptLines
from devkit.tui.shown_build import ShownBuild, ShownStep, StepPlace
from devkit.tui.widgets.output_view import OutputView
from devkit.tui.widgets.table import Table

_NARROW = 76
_NO_LINES = KeptLines()


class BuildSteps(Vertical):
    """Shows one build at a time. The cursor goes with what runs, and to what failed, until a person moves it."""

    DEFAULT_CSS = """
    BuildSteps {
        height: 1fr;
        #build-steps { height: 3fr; }
        #build-step { height: auto; max-height: 7; padding: 0 1; border-top: solid $panel; }
        #build-output { height: 2fr; padding: 0 1; }
        &.-alone #build-steps { display: none; }
    }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.build: ShownBuild | None = None
        self._followed: StepPlace | None = None
        """The row that the cursor was put on; None once a person has moved it."""

    def compose(self) -> ComposeResult:
        """Steps, the chosen one, what it wrote."""
        yield Table(STEPS, id="build-steps")
        yield Static("", id="build-step", markup=False)
        yield OutputView(id="build-output")

    @property
    def table(self) -> Table:
        """The steps."""
        return self.query_one("#build-steps", Table)

    @property
    def output(self) -> OutputView:
        """What the chosen one wrote."""
        return self.query_one("#build-output", OutputView)

    @property
    def place(self) -> StepPlace | None:
        """What the cursor is on: a step, a stage (its number is -1), or the build itself; None without rows."""
        return cast("StepPlace | None", self.table.key)

    @property
    def step(self) -> ShownStep | None:
        """The step under the cursor."""
        return self.build.steps.get(self.place) if self.build is not None and self.place is not None else None

    @property
    def lines(self) -> KeptLines:
        """What is shown below."""
        if (step := self.step) is not None:
            return step.lines
        return self.build.around if self.build is not None and self.place == ITSELF else _NO_LINES

    def show(self, build: ShownBuild, now: float) -> None:
        """Show it as it is at that moment of the monotonic clock."""
        if build is not self.build:
            self.build, self._followed = build, ITSELF
        table = self.table
        table.show(step_rows(build, now, narrow=table.columns_shown == NARROW_STEPS))
        if self._followed is not None and (aim := self._aim(build)) is not None:
            self._followed = aim
            if table.key != aim:
                table.move_to(aim)
        self.show_chosen(now)

    def show_chosen(self, now: float) -> None:
        """What is known of the row under the cursor."""
        build, detail = self.build, self.query_one("#build-step", Static)
        if build is None:
            return
        if (step := self.step) is not None:
            detail.update(step_text(step, now))
        elif self.place is None or self.place == ITSELF:
            detail.update(itself_text(build))
        else:
            detail.update(stage_text(build, self.place[0]))
        if self.output.lines is not self.lines:
            self.output.show(self.lines)
        else:
            self.output.changed()

    def text(self) -> str:
        """What is known of the chosen step, and all that it wrote."""
        said = self.query_one("#build-step", Static).content
        return "\n".join(filter(None, (str(said), self.output.text())))

    def open(self) -> None:
        """What the chosen step wrote, alone on the tab."""
        self.add_class("-alone")
        self.output.focus()

    def close(self) -> bool:
        """Back to the steps; whether there was something to go back from."""
        was_alone = self.has_class("-alone")
        self.remove_class("-alone")
        self.table.focus()
        return was_alone

    def focus_part(self) -> None:
        """What has the keys."""
        (self.output if self.has_class("-alone") else self.table).focus()

    def on_resize(self) -> None:
        """A narrow tab has fewer columns."""
        columns = NARROW_STEPS if self.size.width < _NARROW else STEPS
        if self.table.columns_shown == columns:
            return
        self.table.set_columns(columns)
        if self.build is not None:  # at once: an empty table would be taken for a cursor that was moved
            self.show(self.build, monotonic())

    @on(DataTable.RowHighlighted, "#build-steps")
    def _other_row(self) -> None:
        if self._followed is not None and self.place is not None and self.place != self._followed:
            self._followed = None
        self.show_chosen(monotonic())

    @staticmethod
    def _aim(build: ShownBuild) -> StepPlace | None:
        """The row to look at: what failed, else what runs; None to leave the cursor where it is."""
        if (failed := build.failed) is not None:
            return failed.place
        if build.problem or not build.steps:
            return ITSELF
        running = build.running
        return running.place if running is not None else None
