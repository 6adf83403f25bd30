"""The queues, driven by keys. What an application says stands in for one; the end-to-end tests have a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from opened_app import Opened, settled
from queue_samples import QUEUES, TRACE, failed
from textual.pilot import Pilot
from textual.widgets import Static
from textual.worker import WorkerState

from devkit.laravel.queues import Queues
from devkit.project.errors import FailedError
from devkit.setup import child
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.queue import QueuePane
from devkit.tui.queue_rows import exception_text, queues_text
from devkit.tui.screens.question import Question
from devkit.tui.screens.text_detail import TextDetail
from devkit.tui.session import Session

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Application:
    """Answers what `said` is, and counts how often it is asked."""

    def __init__(self) -> None:
        self.said: Queues | FailedError = QUEUES
        self.asked = 0

    async def queues(self, *_: Any) -> Queues:
        self.asked += 1
        if isinstance(self.said, FailedError):
            raise self.said
        return self.said


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Application:
    made = Application()
    monkeypatch.setattr(Session, "app_container", "the-app")
    monkeypatch.setattr("devkit.tui.panes.queue.queues", made.queues)
    return made


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The devkit commands that were run; they do well."""
    words_of: list[str] = []

    async def run(root: Path, words: Sequence[str], on_line: Callable[[bytes], None]) -> int:
        words_of.append(" ".join(words))
        if "id-3" in words:
            on_line(b"\x1b[31mnothing is found\x1b[0m")
            return 1
        return 0

    monkeypatch.setattr(child, "run", run)
    return words_of


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            await pilot.pause(0.01)


async def queue_of(pilot: Pilot[None]) -> QueuePane:
    """The pane, once its application has answered."""
    app = cast(DevkitApp, pilot.app)
    await app.open_pane(next(tab for tab in TABS if tab.id == "queue"))
    pane = cast(QueuePane, app.pane)
    await until(pilot, lambda: pane.found is not None or "cannot" in title(pane))
    await settled(pilot)
    return pane


def title(pane: QueuePane) -> str:
    return str(pane.query_one("#queue-title", Static).render())


def exception(pane: QueuePane) -> str:
    return str(pane.query_one("#queue-exception Static", Static).render())


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


@pytest.mark.usefixtures("application")
async def test_sizes_failed_jobs_and_the_exception_of_the_chosen_one_are_shown(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        pane = await queue_of(pilot)
        assert title(pane) == "3 failed jobs"
        sizes = str(pane.query_one("#queue-sizes Static", Static).render()).splitlines()
        assert sizes[1].split() == ["default", "3", "1", "2"]
        assert sizes[3].split() == ["redis:", "reports", "12"]
        assert sizes[4] == r"sqs: Aws\Sqs\Exception: no network"
        assert pane.job == QUEUES.failed[0]
        assert "order 3 cannot be shipped" in exception(pane)
        assert "app/Shipping/Carrier.php:41" in exception(pane)
        await press(pilot, "j")
        assert pane.job == QUEUES.failed[1]
        assert exception(pane) == "LogicException: [red] said in /app/a.php:1"
        await press(pilot, "G")
        assert pane.job == QUEUES.failed[2]
        await press(pilot, "k", "up", "g", "down", "end", "home")
        assert pane.job == QUEUES.failed[0]


async def test_that_it_is_being_asked_is_said(
    opened: Opened, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asyncio.Event()

    async def slow(*_: Any) -> Queues:
        await answers.wait()
        return QUEUES

    monkeypatch.setattr("devkit.tui.panes.queue.queues", slow)
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        await app.open_pane(next(tab for tab in TABS if tab.id == "queue"))
        pane = cast(QueuePane, app.pane)
        assert title(pane) == "asking the application …"
        answers.set()
        await until(pilot, lambda: title(pane) == "3 failed jobs")


@pytest.mark.usefixtures("application")
async def test_all_of_an_exception_is_read_and_copied(opened: Opened) -> None:
    async with opened() as pilot:
        await queue_of(pilot)
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, TextDetail)
        assert r"App\Jobs\Ship" in screen.text.plain
        assert "#1 /app/vendor/laravel/framework/src/Illuminate/Container/Util.php(43)" in screen.text.plain
        await press(pilot, "y")
        assert pilot.app.clipboard == TRACE % 3
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, TextDetail)
        await press(pilot, "j", "c")
        assert pilot.app.clipboard == QUEUES.failed[1].exception


@pytest.mark.usefixtures("application")
async def test_a_job_is_run_again_at_once(opened: Opened, ran: list[str]) -> None:
    async with opened() as pilot:
        await queue_of(pilot)
        await press(pilot, "j", "r")
        assert ran == ["artisan --no-ansi queue:retry id-2"]
        assert cast(DevkitApp, pilot.app).command == "docker compose exec app php artisan queue:retry id-2"


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    ("key", "said", "command"),
    [
        ("R", "Run 3 failed jobs again? Each does all that it does anew.", "queue:retry all"),
        ("d", r"Delete the failed App\Jobs\Ship? It cannot be run again then.", "queue:forget id-2"),
        ("D", "Delete 3 failed jobs? None of them can be run again then.", "queue:flush"),
    ],
)
async def test_what_cannot_be_undone_is_asked_first(
    opened: Opened, ran: list[str], key: str, said: str, command: str
) -> None:
    async with opened() as pilot:
        await queue_of(pilot)
        for answer in ("n", "y"):
            await pilot.press("g", "j", key)
            await until(pilot, lambda: isinstance(pilot.app.screen, Question))
            assert str(pilot.app.screen.query("Label").first(Static).render()) == said
            assert ran == []
            await press(pilot, answer)
        assert ran == [f"artisan --no-ansi {command}"]


@pytest.mark.usefixtures("application")
async def test_why_a_command_failed_is_said(opened: Opened, ran: list[str]) -> None:
    async with opened() as pilot:
        await queue_of(pilot)
        await press(pilot, "r")
        assert ran == ["artisan --no-ansi queue:retry id-3"]
        assert [one.message for one in pilot.app._notifications] == ["artisan queue:retry: nothing is found"]


@pytest.mark.parametrize("key", ["f5", "ctrl+r"])
async def test_the_application_is_asked_now(opened: Opened, application: Application, key: str) -> None:
    async with opened() as pilot:
        pane = await queue_of(pilot)
        await press(pilot, "j")
        application.said = replace(QUEUES, failed=(failed(9), *QUEUES.failed), failed_count=500)
        await pilot.press(key)
        await until(pilot, lambda: application.asked == 2)
        await settled(pilot)
        assert title(pane) == "500 failed jobs, the newest 4 below"
        assert pane.job == QUEUES.failed[1]  # the cursor stays with its job


async def test_it_is_asked_only_while_the_tab_is_seen(
    opened: Opened, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devkit.tui.panes.queue.LOOK_SECONDS", 0.05)
    async with opened() as pilot:
        pane = await queue_of(pilot)
        await until(pilot, lambda: application.asked > 3)
        await cast(DevkitApp, pilot.app).open_pane(TABS[0])
        await pilot.pause()
        asked = application.asked
        await pilot.pause(0.2)
        assert application.asked == asked
        await queue_of(pilot)
        await until(pilot, lambda: application.asked > asked)
        assert pane.jobs.has_focus


async def test_what_was_known_stays_where_it_cannot_be_asked(opened: Opened, application: Application) -> None:
    async with opened() as pilot:
        pane = await queue_of(pilot)
        application.said = FailedError("the queues cannot be read: PHP Parse error")
        await pilot.press("f5")
        await until(pilot, lambda: "cannot be read" in title(pane))
        assert title(pane) == "the queues cannot be read: PHP Parse error   3 failed jobs"
        assert pane.job == QUEUES.failed[0]


@pytest.mark.usefixtures("ran")
async def test_without_an_engine_nothing_can_be_asked_and_nothing_is_done(opened: Opened, ran: list[str]) -> None:
    async with opened(80, 24) as pilot:
        pane = await queue_of(pilot)
        assert title(pane) == "the app does not run: its queues cannot be asked"
        await press(pilot, "r", "R", "d", "D", "y", "enter")
        assert ran == []
        assert not isinstance(pilot.app.screen, Question | TextDetail)


@pytest.mark.usefixtures("application")
async def test_a_narrow_and_low_terminal_has_what_matters(opened: Opened) -> None:
    async with opened(80, 18) as pilot:
        pane = await queue_of(pilot)
        assert [column.title for column in pane.jobs.columns_shown] == ["failed", "job", "exception"]
        assert not pane.query_one("#queue-exception").display
        await pilot.resize_terminal(160, 50)
        await settled(pilot)
        assert [column.title for column in pane.jobs.columns_shown] == ["failed", "job", "queue", "exception"]
        assert pane.query_one("#queue-exception").display
        assert pane.job == QUEUES.failed[0]


def test_a_connection_that_keeps_no_jobs_says_so() -> None:
    assert queues_text(Queues("sync"), 0, narrow=False).plain == "the queue connection sync keeps no jobs"


def test_how_long_the_oldest_job_waits_is_said() -> None:
    queue = replace(QUEUES.queues[0], oldest=1000.0)
    text = queues_text(replace(QUEUES, queues=(queue,)), 1090.0, narrow=False).plain
    assert text.splitlines()[1].endswith("2   2 min")


def test_an_exception_without_a_trace_is_what_it_said() -> None:
    assert exception_text(failed(1, "Error: \x07one\nand two")).plain == "Error: one\nand two"


@pytest.mark.usefixtures("application")
async def test_the_app_is_left_while_a_command_runs(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = asyncio.Event()

    async def run(*_: Any) -> int:
        runs.set()
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(child, "run", run)
    async with opened() as pilot:
        await queue_of(pilot)
        await pilot.press("r")
        await runs.wait()
        command = next(worker for worker in pilot.app.workers if worker.group == "queue-command")
    assert command.state is WorkerState.CANCELLED
