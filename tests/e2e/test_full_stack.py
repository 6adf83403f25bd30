"""MySQL, Redis, queue, scheduler and Mailpit together: a job is done, a mail is read back, a task ran."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from support import Project, first_run, running

from devkit.engine.containers import project_containers
from devkit.laravel.queues import Queue, Worker
from devkit.setup.project import open_project
from devkit.setup.queues import queues

pytestmark = pytest.mark.e2e

ROUTES = """
Route::get('/dispatch', function () {
    dispatch(function () { file_put_contents(storage_path('job-done'), config('queue.default')); });
    return 'dispatched';
});
Route::get('/later', function () {
    dispatch(function () {})->onQueue('mail:slow')->delay(3600);
    return 'queued';
});
Route::get('/mail', function () {
    Illuminate\\Support\\Facades\\Mail::raw('Hello', fn ($m) => $m->to('a@example.test')->subject('From devkit'));
    return 'sent';
});
Route::get('/database', fn () => DB::connection()->getDriverName().' '.DB::table('migrations')->count());
Route::get('/cache', function () { Cache::put('k', 'kept', 60); return Cache::get('k').' '.config('cache.default'); });
"""
CONSOLE = """
Illuminate\\Support\\Facades\\Schedule::call(
    fn () => file_put_contents(storage_path('task-ran'), 'yes')
)->everySecond();
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("e2e") / "full"
    with running(directory, "--with", "mysql,redis,queue,scheduler,mailpit", "--no-start") as made:
        # Before anything runs: the scheduler begins its tasks at the turn of a minute, which comes while others start.
        for path, text in (("routes/web.php", ROUTES), ("routes/console.php", CONSOLE)):
            made.write(path, (directory / path).read_text(encoding="utf-8") + text)
        yield first_run(directory)


def test_every_service_is_healthy(project: Project) -> None:
    services = project.devkit("status", "--json").json["services"]
    assert {service["name"] for service in services} == {
        "app",
        "mysql",
        "redis",
        "mailpit",
        "queue",
        "scheduler",
    }
    assert {service["state"] for service in services} == {"running"}


def test_the_application_uses_mysql_and_redis(project: Project) -> None:
    assert project.get("/database")[1].startswith("mysql ")
    assert project.get("/cache") == (200, "kept redis")


def test_a_job_dispatched_through_redis_is_done_by_the_queue_worker(project: Project) -> None:
    done = project.directory / "storage" / "job-done"
    done.unlink(missing_ok=True)
    assert project.get("/dispatch") == (200, "dispatched")
    assert project.until(done.exists)
    assert done.read_text() == "redis"


def test_queues_in_redis_are_found_with_their_sizes(project: Project) -> None:
    assert project.get("/later") == (200, "queued")
    there = open_project(project.directory)
    (app,) = [state for state in project_containers(there.docker, there.settings.name) if state.name == "app"]
    found = asyncio.run(queues(there, app.container, [Worker(None, ("high",))]))
    assert {Queue("redis", "high", 0, 0, 0), Queue("redis", "mail:slow", 0, 1, 0)} <= set(found.queues)
    assert (found.default, found.problems) == ("redis", {})


def test_a_mail_is_read_back_from_mailpit(project: Project) -> None:
    assert project.get("/mail") == (200, "sent")
    (mailpit,) = [
        service for service in project.devkit("status", "--json").json["services"] if service["name"] == "mailpit"
    ]
    (port,) = [port["published"] for port in mailpit["ports"] if port["target"] == 8025]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/v1/messages")
    messages = json.loads(connection.getresponse().read())["messages"]
    connection.close()
    assert "From devkit" in [message["Subject"] for message in messages]


def test_a_scheduled_task_ran(project: Project) -> None:
    # schedule:work begins its tasks at the turn of a minute
    assert project.until((project.directory / "storage" / "task-ran").exists, seconds=90)


def test_a_scheduler_that_repeats_a_task_within_the_minute_stops_before_the_minute_is_over(project: Project) -> None:
    def minute() -> tuple[int, int]:
        now = datetime.now(UTC)
        return now.minute, now.second

    ran = project.directory / "storage" / "task-ran"
    ran.unlink(missing_ok=True)
    assert project.until(lambda: minute()[1] < 30 and ran.exists(), seconds=120)
    began = minute()[0]
    subprocess.run(["docker", "compose", "stop", "scheduler"], cwd=project.directory, check=True, capture_output=True)
    said = ["docker", "inspect", "--format", "{{.State.ExitCode}} {{.State.FinishedAt}}", "full-scheduler-1"]
    code, finished = subprocess.run(said, capture_output=True, text=True, check=True).stdout.split()
    assert (code, datetime.fromisoformat(finished[:19]).minute) == ("0", began)
