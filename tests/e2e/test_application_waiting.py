"""Badges of a real application: what waits is counted, and counted again when it has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from support import Project
from textual.pilot import Pilot

from devkit.setup.project import open_project
from devkit.tui.app import DevkitApp
from devkit.tui.widgets.service_row import Badge

pytestmark = pytest.mark.e2e

PATIENCE = 120
MIGRATION = "database/migrations/2030_01_01_000000_add_nothing.php"
NOTHING = "<?php\nreturn new class extends Illuminate\\Database\\Migrations\\Migration { public function up() {} };\n"
FAIL = (
    "DB::table('failed_jobs')->insert(['uuid' => 'a', 'connection' => 'database', 'queue' => 'default',"
    " 'payload' => '{}', 'exception' => 'x']);"
)

FORGET = "DB::table('failed_jobs')->delete(); DB::table('migrations')->where('migration', 'like', '2030%')->delete();"


@pytest.fixture
def waiting(default_stack: Project) -> Iterator[Project]:
    """The default stack with a migration that was not run and a job that failed."""
    default_stack.write(MIGRATION, NOTHING)
    default_stack.artisan("tinker", "--execute", FAIL)
    yield default_stack
    (default_stack.directory / MIGRATION).unlink()
    default_stack.artisan("tinker", "--execute", "DB::table('failed_jobs')->delete();")
    default_stack.artisan(
        "tinker", "--execute", "DB::table('migrations')->where('migration', 'like', '2030%')->delete();"
    )


def test_pending_migrations_and_failed_jobs_are_counted_and_counted_again(waiting: Project) -> None:
    async def run() -> None:
        app = DevkitApp(open_project(waiting.directory))
        async with asyncio.timeout(PATIENCE), app.run_test(size=(140, 45)) as pilot:
            await until(pilot, app, "↑1", "✗1")
            row = "".join(part.text for part in app.services.render_line(1))
            assert "↑1 ✗1" in row
            await asyncio.to_thread(waiting.artisan, "migrate", "--force")
            app.look_again()
            await until(pilot, app, "✗1")

    asyncio.run(run())


async def until(pilot: Pilot[None], app: DevkitApp, *signs: str) -> None:
    def shown() -> list[str]:
        badges: list[Badge] = [badge for found in app.services.badges.values() for badge in found]
        return [badge.sign for badge in badges]

    while shown() != list(signs):
        await pilot.pause(0.1)
