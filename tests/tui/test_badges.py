"""Badges are counted when they can have changed, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_app import Opened, at
from sample_services import service
from textual.pilot import Pilot

from devkit.engine.live_services import LiveService, Snapshot
from devkit.laravel.long_running import stale
from devkit.laravel.waiting import Waiting, parse
from devkit.logs.stored import stored
from devkit.project.errors import FailedError
from devkit.tui import badges
from devkit.tui.app import DevkitApp
from devkit.tui.side import Side

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

WORKER = ("docker-init", "php", "artisan", "queue:work", "--tries=1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Application:
    """What the application says, and how often it was asked."""

    def __init__(self) -> None:
        self.waiting = Waiting(2, 3)
        self.asked = 0

    async def what_waits(self, _docker: object, _container: str) -> Waiting:
        self.asked += 1
        if self.waiting.migrations is None:
            raise FailedError("it does not boot")
        return self.waiting


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """In the place of PHP, which these tests have none of; tests/e2e has."""
    made = Application()
    monkeypatch.setattr(badges, "what_waits", made.what_waits)
    monkeypatch.setattr(badges, "_BETWEEN_SECONDS", 0.0)
    yield made


async def show(pilot: Pilot[None], *services: LiveService) -> DevkitApp:
    """The engine of these tests does not answer: these are what it would have said."""
    app = pilot.app
    assert isinstance(app, DevkitApp)
    while app.session.snapshot.connected:
        await pilot.pause(0.01)
    tell(app, *services)
    app.query_one(Side)._begin_to_count()
    return app


def tell(app: DevkitApp, *services: LiveService) -> None:
    app.session.snapshot = Snapshot(services)
    app.query_one(Side).snapshot_came(app.session.snapshot)


async def until_asked(pilot: Pilot[None], application: Application, times: int) -> None:
    while application.asked < times:
        await pilot.pause(0.02)
    await pilot.pause()


def signs(app: DevkitApp) -> dict[str, list[str]]:
    return {name: [badge.sign for badge in found] for name, found in app.services.badges.items()}


async def test_they_are_counted_when_the_application_runs_and_stand_where_they_belong(
    opened: Opened, application: Application
) -> None:
    async with opened(140, 45) as pilot:
        app = await show(pilot, service("app"), service("queue", command=WORKER))
        await until_asked(pilot, application, 1)
        assert signs(app) == {"app": ["↑2"], "queue": ["✗3"]}
        row = "".join(part.text for part in app.services.render_line(1))
        assert row.rstrip().endswith("↑2")
        assert "2 migrations are pending: devkit artisan migrate" in app.query_one(Side).card.text.plain


async def test_without_a_worker_failed_jobs_are_the_applications(opened: Opened, application: Application) -> None:
    application.waiting = Waiting(0, 1)
    async with opened() as pilot:
        app = await show(pilot, service("app"))
        await until_asked(pilot, application, 1)
        assert signs(app) == {"app": ["✗1"]}


async def test_nothing_is_asked_while_the_application_does_not_run(opened: Opened, application: Application) -> None:
    async with opened() as pilot:
        app = await show(pilot, service("app", "exited"), service("redis"))
        app.look_again()
        while app.query_one(Side)._badges._waits:  # type: ignore[union-attr]
            await pilot.pause(0.02)
        await pilot.pause()
        assert application.asked == 0
        tell(app, service("app"), service("redis"))
        await until_asked(pilot, application, 1)


async def test_they_are_counted_again_when_a_person_comes_back(opened: Opened, application: Application) -> None:
    async with opened() as pilot:
        app = await show(pilot, service("app"))
        await until_asked(pilot, application, 1)
        application.waiting = Waiting(0, 0)
        app.app_focus = False
        await pilot.pause(0.3)
        assert application.asked == 1
        app.app_focus = True
        await until_asked(pilot, application, 2)
        assert signs(app) == {}


async def test_a_job_that_fails_is_seen_in_the_workers_log(opened: Opened, application: Application) -> None:
    application.waiting = Waiting(0, 0)
    async with opened() as pilot:
        app = await show(pilot, service("app"), service("queue", command=WORKER))
        await until_asked(pilot, application, 1)
        side, store = app.query_one(Side), app.session.store
        source = store.source("queue-1")
        store.write(source, stored("o", at(1), b"  2026-01-31 10:00:00 App\\Jobs\\Send ... RUNNING"))
        side._show_figures()
        store.write(source, stored("o", at(2), b"  2026-01-31 10:00:00 App\\Jobs\\Send ... 2ms DONE"))
        side._show_figures()
        await pilot.pause(0.3)
        assert application.asked == 1
        store.write(source, stored("o", at(3), b"  2026-01-31 10:00:00 App\\Jobs\\Send ... 2ms FAIL"))
        side._show_figures()
        await until_asked(pilot, application, 2)


async def test_an_application_that_does_not_boot_has_no_badges(opened: Opened, application: Application) -> None:
    application.waiting = Waiting()
    async with opened() as pilot:
        app = await show(pilot, service("app"))
        await until_asked(pilot, application, 1)
        assert signs(app) == {}


def test_a_worker_that_began_before_a_save_is_stale(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Job.php").write_text("<?php")
    saved = (tmp_path / "app" / "Job.php").stat().st_mtime

    def found(started: float, command: tuple[str, ...] = WORKER) -> dict[str, str]:
        services = (service("app"), service("queue", command=command, started=started))
        containers = [one for item in services for one in item.containers]
        alike = [one for one in containers if one.service.name == "app"]
        image = alike[0].service.image_id
        assert all(one.service.image_id == image for one in containers)
        return stale(containers, tmp_path)

    assert found(saved - 60) == {"queue": "app/Job.php"}
    assert found(saved + 60) == {}
    assert found(saved - 60, ("php", "artisan", "queue:listen")) == {}


@pytest.mark.parametrize(
    ("output", "waiting"),
    [
        (b'\ndevkit {"migrations":2,"failed_jobs":0}\n', Waiting(2, 0)),
        (b'Deprecated: x\n\ndevkit {"migrations":null,"failed_jobs":null}\n', Waiting()),
    ],
)
def test_the_answer_is_found_behind_whatever_php_says(output: bytes, waiting: Waiting) -> None:
    assert parse(output) == waiting


@pytest.mark.parametrize("output", [b"", b"PHP Fatal error", b"\ndevkit {}", b"\ndevkit {"])
def test_an_application_that_says_nothing_is_an_error(output: bytes) -> None:
    with pytest.raises(FailedError):
        parse(output)
