"""Queues and requests of a real Laravel, as the terminal UI has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from support import Project
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.engine.containers import project_containers
from devkit.project.env_file import read_env
from devkit.project.errors import FailedError
from devkit.setup import queues
from devkit.setup.project import open_project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS, Pane
from devkit.tui.panes.queue import QueuePane
from devkit.tui.panes.requests import RequestsPane
from devkit.tui.screens.question import Question
from devkit.tui.screens.request import RequestScreen

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

JOB = """<?php
namespace App\\Jobs;

class Ship implements \\Illuminate\\Contracts\\Queue\\ShouldQueue
{
    use \\Illuminate\\Foundation\\Queue\\Queueable;

    public function __construct(public int $order) {}

    public function handle(): void
    {
        throw new \\RuntimeException("order {$this->order} cannot be shipped with ".config('app.key'));
    }
}
"""
ROUTES = """
Route::get('/queued', function () {
    dispatch(new App\\Jobs\\Ship(1));
    dispatch(new App\\Jobs\\Ship(2))->onQueue('mail');
    dispatch((new App\\Jobs\\Ship(3))->delay(3600));
    return 'queued';
});
Route::get('/orders/{order}', fn ($order) => $order);
Route::get('/orders/latest', fn () => 'latest');
Route::get('/named', function () {
    Illuminate\\Support\\Facades\\Context::add('request_id', request()->header('X-Request-Id'));
    Illuminate\\Support\\Facades\\Log::warning('written by the request itself');
    abort(503);
});
Route::get('/unnamed', function () {
    Illuminate\\Support\\Facades\\Log::warning('written by a request without a name');
    return 'unnamed';
});
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def project(default_stack: Project) -> Iterator[Project]:
    """The default stack with jobs and routes, which go with the test."""
    web, job = default_stack.directory / "routes/web.php", default_stack.directory / "app/Jobs/Ship.php"
    original = web.read_text(encoding="utf-8")
    try:
        default_stack.write("app/Jobs/Ship.php", JOB)
        web.write_text(original + ROUTES, encoding="utf-8")
        assert default_stack.until(lambda: default_stack.get("/orders/1") == (200, "1"))
        yield default_stack
    finally:
        default_stack.artisan("queue:flush")
        for queue in ("default", "mail"):
            default_stack.artisan("queue:clear", "--force", f"--queue={queue}")
        web.write_text(original, encoding="utf-8")
        job.unlink()
        job.parent.rmdir()


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not met():
            await pilot.pause(0.05)


async def opened(pilot: Pilot[None], id: str) -> Pane:
    """A tab, once its application is known to run."""
    app = cast(DevkitApp, pilot.app)
    await until(pilot, lambda: bool(app.session.app_container) and bool(app.query("#pane-logs")))
    await app.open_pane(next(tab for tab in TABS if tab.id == id))
    return app.pane


def work(project: Project, *queues: str) -> None:
    """Let a worker take the next job of each queue."""
    for queue in queues:
        project.artisan("queue:work", "--once", "--tries=1", f"--queue={queue}")


def sizes(pane: QueuePane) -> dict[str, tuple[int, int | None]]:
    return {queue.name: (queue.pending, queue.delayed) for queue in (pane.found.queues if pane.found else ())}


def failed(pane: QueuePane) -> list[str]:
    return [job.queue for job in pane.found.failed] if pane.found else []


async def test_failed_jobs_are_seen_run_again_and_deleted(project: Project) -> None:
    key = read_env(project.directory / ".env")["APP_KEY"]
    assert key
    assert project.get("/queued") == (200, "queued")
    async with DevkitApp(open_project(project.directory)).run_test(size=(140, 45)) as pilot:
        pane = cast(QueuePane, await opened(pilot, "queue"))
        await until(pilot, lambda: sizes(pane) == {"default": (1, 1), "mail": (1, 0)})
        assert pane.found is not None and pane.found.queues[0].oldest is not None

        work(project, "default", "mail")
        await pilot.press("f5")
        await until(pilot, lambda: failed(pane) == ["mail", "default"])
        assert sizes(pane)["default"] == (0, 1)
        job = pane.found.failed[0]
        assert job.job == r"App\Jobs\Ship"
        assert (
            "RuntimeException: order 2 cannot be shipped with ***APP_KEY*** in /app/app/Jobs/Ship.php:" in job.exception
        )
        assert "#0 " in job.exception
        assert key not in job.exception

        await pilot.press("r")
        await until(pilot, lambda: failed(pane) == ["default"] and sizes(pane)["mail"] == (1, 0))
        work(project, "mail")
        await pilot.press("f5")
        await until(pilot, lambda: failed(pane) == ["mail", "default"])

        await pilot.press("g", "j", "d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: failed(pane) == ["mail"])

        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: failed(pane) == [])
    assert project.artisan("queue:failed").strip().endswith("No failed jobs found.")


async def test_failed_jobs_are_counted_and_what_cannot_be_asked_is_an_error_in_one_line(project: Project) -> None:
    assert project.get("/queued") == (200, "queued")
    work(project, "default")
    there = open_project(project.directory)
    (app,) = [state.container for state in project_containers(there.docker, there.settings.name) if state.name == "app"]
    assert await queues.failed_count(there, app) == 1
    found = await queues.queues(there, app)
    again = await queues.queues(there, app, former=found)
    assert again.failed is found.failed
    config = project.directory / "config/queue.php"
    original = config.read_text(encoding="utf-8")
    try:
        config.write_text("<?php return [ 'broken' => ;", encoding="utf-8")
        with pytest.raises(FailedError, match=r"\Athe queues cannot be read: .*syntax error.*\Z"):
            await queues.queues(there, app)
    finally:
        config.write_text(original, encoding="utf-8")


def figures(pane: RequestsPane) -> dict[str, list[str]]:
    rows = [[str(cell) for cell in pane.table.get_row_at(y)] for y in range(pane.table.row_count)]
    return {row[0]: row[1:6] for row in rows}


async def lines_of(pilot: Pilot[None], pane: RequestsPane, route: str) -> tuple[str, str]:
    """How the lines of a route's newest request were found, and the lines."""
    pane.table.move_to(route)
    await pilot.press("enter", "enter")
    screen = pilot.app.screen
    assert isinstance(screen, RequestScreen)
    await until(pilot, lambda: screen.lines is not None)
    await pilot.pause()
    texts = tuple(str(screen.query_one(id, Static).render()) for id in ("#request-how", "#request-text"))
    await pilot.press("escape", "escape")
    return cast("tuple[str, str]", texts)


async def test_requests_are_grouped_by_the_applications_routes_and_lead_to_their_lines(project: Project) -> None:
    log = project.directory / "storage/logs/laravel.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    async with DevkitApp(open_project(project.directory)).run_test(size=(140, 45)) as pilot:
        pane = cast(RequestsPane, await opened(pilot, "requests"))
        await until(pilot, lambda: "GET /orders/{order}" in figures(pane))
        before = int(figures(pane)["GET /orders/{order}"][0])
        for number in range(20):
            assert project.get(f"/orders/{number}")[0] == 200
        for path, status in (("/orders/latest", 200), ("/nothing/17", 404), ("/named", 503), ("/unnamed", 200)):
            assert project.get(path)[0] == status
        await until(pilot, lambda: "GET /unnamed" in figures(pane))
        shown = figures(pane)
        assert int(shown["GET /orders/{order}"][0]) == before + 20
        assert shown["GET /orders/latest"][0] == "1"
        assert shown["GET /nothing/{id}"] == ["1", "·", "·", "1", "·"]
        assert shown["GET /named"] == ["1", "·", "·", "·", "1"]
        await until(pilot, lambda: "without a name" in written(log))
        await pilot.pause(1)  # the file is looked at twice a second
        how, lines = await lines_of(pilot, pane, "GET /named")
        assert how.startswith("by id")
        assert "written by the request itself" in lines and "without a name" not in lines
        how, lines = await lines_of(pilot, pane, "GET /unnamed")
        assert how.startswith("by time")
        assert "written by a request without a name" in lines and "itself" not in lines


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
