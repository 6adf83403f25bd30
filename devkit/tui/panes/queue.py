"""Queues and failed jobs: sizes as they are now, exceptions, and what is done about them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from devkit.engine.patience import set_within
from devkit.laravel.queues import FailedJob, Queues, worker
from devkit.logs.escapes import one_line
from devkit.project.errors import DevkitError
from devkit.setup.queues import queues
from devkit.tui.keys.queue import QUEUE
from devkit.tui.pane import Host, Pane
from devkit.tui.queue_rows import COLUMNS, NARROW_COLUMNS, exception_text, job_rows, queues_text
from devkit.tui.widgets.table import Table

LOOK_SECONDS = 3.0
"""So often the application is asked while the tab is seen: it costs a tenth of a second of PHP."""

_NARROW = 80


class QueuePane(Pane):
    """Sizes above, failed jobs with the exception of the chosen one below."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUEUE]
    DEFAULT_CSS = """
    QueuePane #queue-title { height: 1; padding: 0 1; background: $panel; }
    QueuePane #queue-title.problem { color: $text-error; }
    QueuePane #queue-sizes { height: auto; max-height: 30%; padding: 0 1; }
    QueuePane #queue-sizes Static { width: auto; }
    QueuePane #queue-exception { height: 1fr; padding: 0 1; border-top: solid $panel; }
    QueuePane.-low #queue-exception { display: none; }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.found: Queues | None = None
        self._seen = False
        self._problem = ""
        self._doing = ""
        self._again = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Title, sizes, failed jobs, exception."""
        yield Static("", id="queue-title", markup=False)
        with VerticalScroll(id="queue-sizes", can_focus=False):
            yield Static("", markup=False)
        yield Table(COLUMNS, id="queue-failed")
        with VerticalScroll(id="queue-exception", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """The application has not answered yet."""
        self._show_title()

    def on_resize(self) -> None:
        """A narrow tab shows fewer columns, a low one no exception: enter shows it."""
        self.set_class(self.size.height < 18, "-low")
        narrow = self.size.width < _NARROW
        columns = NARROW_COLUMNS if narrow else COLUMNS
        if self.jobs.columns_shown != columns:
            self.jobs.set_columns(columns)
            self._show()

    @property
    def jobs(self) -> Table:
        """The failed jobs."""
        return self.query_one("#queue-failed", Table)

    @property
    def job(self) -> FailedJob | None:
        """The failed job under the cursor."""
        jobs = self.found.failed if self.found else ()
        return next((job for job in jobs if job.id == self.jobs.key), None)

    def shown(self) -> None:
        """Ask the application, again and again."""
        self.jobs.focus()
        if not self._seen:
            self._seen = True
            self._watch()

    def hidden(self) -> None:
        """Ask no more."""
        self._seen = False
        self.workers.cancel_group(self, "watch")

    def action_refresh(self) -> None:
        """Ask now."""
        self._again.set()

    def action_retry(self) -> None:
        """Put the failed job into its queue again."""
        if (job := self.job) is not None:
            self._artisan(["queue:retry", job.id])

    def action_retry_all(self) -> None:
        """The same for all of them."""
        if count := self._count():
            self._artisan(["queue:retry", "all"], f"Run {_jobs(count)} again? Each does all that it does anew.")

    def action_forget(self) -> None:
        """Delete the failed job."""
        if (job := self.job) is not None:
            name = one_line(job.job or job.id)
            self._artisan(["queue:forget", job.id], f"Delete the failed {name}? It cannot be run again then.")

    def action_flush(self) -> None:
        """Delete all failed jobs."""
        if count := self._count():
            self._artisan(["queue:flush"], f"Delete {_jobs(count)}? None of them can be run again then.")

    def action_copy(self) -> None:
        """The exception, as it was kept."""
        if (job := self.job) is not None:
            self.app.copy_to_clipboard(job.exception)
            self.notify("the exception is copied")

    @on(Table.Opened, "#queue-failed")
    def _opened(self) -> None:
        if (job := self.job) is not None:
            from devkit.tui.queue_rows import job_text
            from devkit.tui.screens.text_detail import TextDetail

            self.app.push_screen(TextDetail(job_text(job), job.exception))

    @on(DataTable.RowHighlighted)
    def _show_exception(self) -> None:
        job = self.job
        self.query_one("#queue-exception Static", Static).update(exception_text(job) if job else "")
        self.query_one("#queue-exception", VerticalScroll).scroll_home(animate=False)

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _watch(self) -> None:
        while True:
            self._again.clear()
            await self._look()
            await set_within(LOOK_SECONDS, self._again)

    async def _look(self) -> None:
        """Ask once; what cannot be asked leaves what was known."""
        session = self.host.session
        if not session.app_container:
            self._problem = "the app does not run: its queues cannot be asked"
        else:
            commands = [found.command for service in session.snapshot.services for found in service.containers]
            workers = [one for one in map(worker, commands) if one is not None]
            try:
                self.found = await queues(self.host.project, session.app_container, workers, self.found)
                self._problem = ""
            except DevkitError as error:
                self._problem = error.message
        self._show()

    @work(group="queue-command", exit_on_error=False)
    async def _artisan(self, words: Sequence[str], question: str = "") -> None:
        """Run an artisan command beside the app: asked first where there is a question, its failure said."""
        from devkit.setup import child

        plain = " ".join(("docker compose exec app php artisan", *words))
        if question:
            from devkit.tui.screens.question import Question

            if not await self.app.push_screen_wait(Question(question, plain)):
                return
        said: list[str] = []
        self._doing = f"artisan {words[0]} …"
        self._show_title()
        self.host.say(f"artisan {words[0]} …   {plain}", command=plain)
        try:
            status = await child.run(
                self.host.project.paths.root,
                ["artisan", "--no-ansi", *words],
                lambda line: said.append(one_line(line.decode(errors="replace"))),
            )
        finally:
            self._doing = ""
            self._show_title()
        if status:
            last = next((line for line in reversed(said) if line), f"it ended with status {status}")
            self.notify(f"artisan {words[0]}: {last}", severity="error", timeout=10, markup=False)
        self.host.say()
        self.host.look_again()
        self._again.set()

    def _count(self) -> int:
        return self.found.failed_count if self.found else 0

    def _show(self) -> None:
        if not self.is_mounted:
            return
        found, narrow = self.found, self.jobs.columns_shown == NARROW_COLUMNS
        self._show_title()
        if found is not None:
            self.query_one("#queue-sizes Static", Static).update(queues_text(found, time.time(), narrow=narrow))
            former = self.job
            self.jobs.show(job_rows(found.failed, narrow=narrow))
            if self.job != former or not found.failed:
                self._show_exception()

    def _show_title(self) -> None:
        found = self.found
        parts = [self._problem] if self._problem else []
        if found is None:
            parts.append("" if parts else "asking the application …")
        elif found.failed_problem:
            parts.append(f"failed jobs cannot be read: {one_line(found.failed_problem)}")
        else:
            count, shown = found.failed_count, len(found.failed)
            more = f", the newest {shown} below" if shown < count else ""
            parts.append(f"{_jobs(count)}{more}" if count else "no failed jobs")
        parts.append(self._doing)
        for title in self.query("#queue-title").results(Static):  # none where the app was left meanwhile
            title.set_class(bool(self._problem), "problem")
            title.update("   ".join(filter(None, parts)))


def _jobs(count: int) -> str:
    return "1 failed job" if count == 1 else f"{count:,} failed jobs"
