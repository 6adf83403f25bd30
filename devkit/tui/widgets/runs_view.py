"""What artisan commands write: one run at a time on the screen, with a line on how it is doing; the others are kept."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Static

from devkit.logs.escapes import printable
from devkit.tui.artisan_run import Run
from devkit.tui.widgets.output_view import OutputView

MOST_RUNS = 10
"""What so many runs wrote is kept while the app is open."""

_WIDEST = 60


class RunsView(Vertical):
    """Not there before the first run."""

    DEFAULT_CSS = """
    RunsView { height: 3fr; display: none; }
    RunsView #artisan-run { height: 1; padding: 0 1; background: $panel; }
    RunsView OutputView { height: 1fr; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs: tuple[Run, ...] = ()
        self.shown: Run | None = None
        """The one that is looked at."""
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        """How it is doing, and what it writes."""
        yield Static("", id="artisan-run", markup=False)
        yield OutputView(id="artisan-output")

    def on_mount(self) -> None:
        """Seconds are counted while something runs."""
        self._ticking = self.set_interval(1.0, self.refresh_title, pause=True)

    @property
    def output(self) -> OutputView:
        """The lines."""
        return self.query_one(OutputView)

    @property
    def running(self) -> bool:
        """Whether what is looked at still runs."""
        return self.shown is not None and self.shown.status is None

    def show(self, run: Run) -> None:
        """Look at a run, which may be a new one."""
        if run not in self.runs:
            self.runs = (*self.runs, run)[-MOST_RUNS:]
        self.shown = run
        self.display = True
        self.output.show(run.lines)
        self.refresh_title()

    def changed(self, run: Run) -> None:
        """It wrote more, or ended."""
        if run is self.shown and self.is_running:
            self.output.changed()
            if run.status is not None:
                self.refresh_title()

    def other(self, steps: int) -> None:
        """Look at the run so many before or behind this one."""
        if self.shown is not None:
            at = self.runs.index(self.shown) + steps if self.shown in self.runs else 0
            self.show(self.runs[max(0, min(len(self.runs) - 1, at))])

    def refresh_title(self) -> None:
        """How the run that is looked at is doing now."""
        if self._ticking is not None:
            (self._ticking.resume if self.running else self._ticking.pause)()
        if self.shown is not None:
            place = self.runs.index(self.shown) + 1 if self.shown in self.runs else 1
            self.query_one("#artisan-run", Static).update(title(self.shown, place, len(self.runs)))


def title(run: Run, place: int, count: int) -> Text:
    """One line on a run: which command, whether it runs and for how long, or how it ended."""
    name = printable(" ".join(run.call.shown))
    text = Text(no_wrap=True, overflow="ellipsis")
    if run.status is None:
        text.append("● ", "green").append(name[:_WIDEST], "bold")
        text.append(f"   {run.seconds:.0f} s   {'x kills it' if run.asked else 'x stops it'}", "dim")
        if run.asked:
            text.append("   it was asked to end", "yellow")
    else:
        text.append("✗ " if run.status else "✓ ", "red" if run.status else "green").append(name[:_WIDEST], "bold")
        ended = "stopped, status" if run.asked else "status"
        text.append(f"   {ended} {run.status}   {run.seconds:.1f} s", "red" if run.status else "dim")
        if run.problem:
            text.append(f"   {run.problem}", "yellow")
    if count > 1:
        text.append(f"   {place} of {count}: < >", "dim")
    if run.lines.dropped:
        text.append(f"   {run.lines.dropped:,} older lines were dropped", "yellow")
    return text
