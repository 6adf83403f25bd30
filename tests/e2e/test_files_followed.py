"""Containers follow their files while the terminal UI is open, on one running stack."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from support import Project, running
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.laravel.reactions import Reaction
from devkit.setup.followed import Followed
from devkit.setup.project import open_project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS, WORKERS

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

PATIENCE = 120.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("e2e") / "followed"
    with running(directory, "--with", "queue", "--port", "21740") as made:
        yield made


class Opened:
    """The app on a running project, and what it has followed since it was opened."""

    def __init__(self, app: DevkitApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self._before = 0

    def forget(self) -> None:
        """What was followed until now is no matter."""
        self._before = len(self.app.session.files.events)

    @property
    def followed(self) -> list[Followed]:
        return list(self.app.session.files.events)[self._before :]

    async def until(self, met: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not met():
            assert time.monotonic() < end, self.followed
            await self.pilot.pause(0.02)

    async def one(self, reaction: Reaction) -> Followed:
        """The next one of its kind."""
        await self.until(lambda: any(one.reaction is reaction for one in self.followed))
        return next(one for one in self.followed if one.reaction is reaction)

    def shown(self, id: str) -> str:
        content = self.app.pane.query_one(id, Static).content
        if isinstance(content, str):
            return content
        console = self.app.console
        return "".join(segment.text for segment in console.render(content, console.options.update_width(110)))


@asynccontextmanager
async def opened(project: Project) -> AsyncIterator[Opened]:
    """The app with its Workers tab, once it follows and shows what runs."""
    app = DevkitApp(open_project(project.directory))
    async with app.run_test(size=(160, 45)) as pilot:
        found = Opened(app, pilot)
        await found.until(lambda: bool(app.screen.query("KeyRow")))
        await app.open_pane(next(tab for tab in TABS if tab.id == WORKERS))
        await found.until(lambda: "files are followed" in found.shown("#following"))
        await found.until(lambda: "busy" in found.shown("#totals"))
        found.forget()
        yield found


def compose(project: Project, *words: str) -> str:
    asked = ("docker", "compose", *words)
    return subprocess.run(asked, cwd=project.directory, capture_output=True, text=True, check=True).stdout


def started(project: Project, service: str) -> str:
    asked = ("docker", "inspect", f"{project.result['project']}-{service}-1", "--format", "{{.State.StartedAt}}")
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def restarts(project: Project) -> int:
    """How often the workers were asked to begin anew, as Caddy has counted."""
    said = compose(project, "exec", "-T", "app", "curl", "-s", "localhost:2019/metrics")
    return sum(int(count) for count in re.findall(r'^caddy_admin_http_req.*workers/restart"\} (\d+)$', said, re.M))


async def test_threads_are_shown_as_they_work_and_the_log_does_not_tell_of_it(project: Project) -> None:
    route = project.directory / "routes" / "web.php"
    kept = route.read_text()
    try:
        async with opened(project) as ui:
            route.write_text(kept + "\nRoute::get('/slow', function () { sleep(3); return 'slow'; });\n")
            await ui.one(Reaction.CODE)
            asking = threading.Thread(target=project.get, args=("/slow?a=b",))
            asking.start()
            await ui.until(lambda: "GET /slow?a=b" in ui.shown("#thread-rows"))
            assert "1 of 4 busy" in ui.shown("#totals")
            asking.join()
            await ui.until(lambda: "0 of 4 busy" in ui.shown("#totals"))
            totals = ui.shown("#totals")
            assert re.search(r"[1-9]\d* reloads?   [1-9]\d* restarts?   0 crashes", totals), totals
    finally:
        route.write_text(kept)
    said = compose(project, "logs", "app")
    assert "/slow" in said and "/frankenphp/threads" not in said
    assert "while read" not in compose(project, "top", "app")  # what asked has ended with the app


async def test_a_save_is_told_with_its_file_and_time_and_the_workers_were_restarted_once(project: Project) -> None:
    async with opened(project) as ui:
        before = restarts(project)
        project.write("app/Fresh.php", "<?php\n")
        one = await ui.one(Reaction.CODE)
        assert (one.files, one.failed) == (("app/Fresh.php",), False)
        assert one.outcome.startswith("new code answered 200")
        assert 0 < one.seconds < 60
        assert restarts(project) == before + 1
        assert "app/Fresh.php: new code answered 200" in ui.shown("#followed-rows")
        await ui.pilot.press("r")
        await ui.until(lambda: "by hand: new code answered 200" in ui.shown("#followed-rows"))
        assert restarts(project) == before + 2


async def test_broken_code_is_told_as_a_failure_and_the_next_save_is_answered(project: Project) -> None:
    route = project.directory / "routes" / "web.php"
    kept = route.read_text()
    async with opened(project) as ui:
        try:
            route.write_text(kept + "\nRoute::get('/new', fn ( => 'broken';\n")
            one = await ui.one(Reaction.CODE)
            assert one.failed and "answers 500" in one.outcome
        finally:
            route.write_text(kept)
        await ui.until(lambda: len(ui.followed) == 2)
        assert not ui.followed[1].failed


async def test_the_caddyfile_is_reloaded_without_a_failed_request(project: Project) -> None:
    caddyfile = project.directory / "docker" / "Caddyfile"
    kept = caddyfile.read_text()
    answers: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.append(project.get("/up")[0])
            except OSError:
                answers.append(0)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    async with opened(project) as ui:
        for thread in asking:
            thread.start()
        try:
            caddyfile.write_text(kept.replace("# Caddy alone:", "respond /new-answer 418\n\t# Caddy alone:"))
            one = await ui.one(Reaction.CADDYFILE)
            assert (one.outcome, one.failed) == ("Caddyfile reloaded", False)
            assert project.get("/new-answer")[0] == 418
            caddyfile.write_text(kept + "\nbroken {\n")
            await ui.until(lambda: len(ui.followed) == 2)
            assert ui.followed[1].failed and "the former Caddyfile goes on" in ui.followed[1].outcome
            assert project.get("/new-answer")[0] == 418
        finally:
            caddyfile.write_text(kept)
            await ui.until(lambda: len(ui.followed) == 3)
            stop.set()
            for thread in asking:
                thread.join()
    assert len(answers) > 20
    assert set(answers) == {200}


async def test_php_settings_restart_the_container_and_env_the_queue_worker_too(project: Project) -> None:
    settings, env = project.directory / "docker/php/20-development.ini", project.directory / ".env"
    variables = env.read_text()
    async with opened(project) as ui:
        app, queue = started(project, "app"), started(project, "queue")
        settings.write_text(settings.read_text() + "memory_limit = 300M\n")
        one = await ui.one(Reaction.PHP_SETTINGS)
        assert (one.outcome, one.failed) == ("app, queue restarted", False)
        assert started(project, "app") != app and started(project, "queue") != queue
        app, queue = started(project, "app"), started(project, "queue")
        env.write_text(variables.replace("APP_NAME=Laravel", "APP_NAME=Renamed"))
        one = await ui.one(Reaction.CODE)
        assert (one.files, one.outcome) == ((".env",), "new code answered 200; queue restarted")
        assert started(project, "app") == app and started(project, "queue") != queue
        env.write_text(variables)
        await ui.until(lambda: len(ui.followed) == 3)


async def test_a_lock_file_that_is_not_installed_is_installed(project: Project) -> None:
    lock, installed = project.directory / "composer.lock", project.directory / "vendor/composer/installed.json"
    former = installed.read_text()
    found = json.loads(former)
    package = next(one for one in found["packages"] if one["name"] == "fakerphp/faker")
    version = package["version"]
    package |= {"version": "0.0.1", "version_normalized": "0.0.1.0"}
    async with opened(project) as ui:
        lock.write_text(lock.read_text())
        one = await ui.one(Reaction.PACKAGES)
        assert (one.outcome, one.failed) == ("the packages are installed", False)
        installed.write_text(json.dumps(found, indent=4))
        lock.write_text(lock.read_text())
        await ui.until(lambda: len(ui.followed) == 2)
        assert (ui.followed[1].outcome, ui.followed[1].failed) == ("packages installed", False)
    packages = json.loads(installed.read_text())["packages"]
    assert [one["version"] for one in packages if one["name"] == "fakerphp/faker"] == [version]


async def test_a_changed_compose_file_is_offered_and_one_key_takes_it_up(project: Project) -> None:
    file = project.directory / "compose.yaml"
    kept = file.read_text()
    async with opened(project) as ui:
        file.write_text(kept.replace("stop_grace_period: 30s", "stop_grace_period: 29s"))
        one = await ui.one(Reaction.REBUILD)
        assert one.offer and one.files == ("compose.yaml",)
        status = ui.app.query_one("#status", Static)
        assert "B recreates: compose.yaml changed" in str(status.render())
        before = started(project, "app")
        await ui.pilot.press("left_square_bracket", "B")
        await ui.until(lambda: len(ui.followed) == 2)
        assert (ui.followed[1].outcome, ui.followed[1].failed) == ("built and started", False)
        assert started(project, "app") != before
        await ui.until(lambda: not ui.app.session.files.offered)


async def test_switched_to_classic_mode_and_back_nothing_of_it_is_done_twice(project: Project) -> None:
    async with opened(project) as ui:
        await ui.pilot.press("m")
        await ui.pilot.pause()
        await ui.pilot.press("y")
        await ui.until(lambda: "classic mode: each request" in ui.shown("#thread-rows"))
        await ui.until(lambda: ui.app.command == "devkit mode classic" and not ui.app.pane._switching)  # type: ignore[attr-defined]
        project.write("app/Fresh.php", "<?php // classic\n")
        one = await ui.one(Reaction.CODE)
        assert one.outcome.startswith("classic mode: the next request reads it")
        await ui.pilot.press("m")
        await ui.pilot.pause()
        await ui.pilot.press("y")
        await ui.until(lambda: "of 4 busy" in ui.shown("#totals") and not ui.app.pane._switching)  # type: ignore[attr-defined]
        assert [one.reaction for one in ui.followed] == [Reaction.CODE]
        assert not ui.app.session.files.offered


async def test_off_means_off_and_on_again_what_was_missed_is_taken_up(project: Project) -> None:
    caddyfile = project.directory / "docker" / "Caddyfile"
    async with opened(project) as ui:
        await ui.pilot.press("f")
        await ui.until(lambda: "not followed" in ui.shown("#following"))
        before, app = restarts(project), started(project, "app")
        project.write("app/Fresh.php", "<?php // off\n")
        caddyfile.write_text(caddyfile.read_text() + "# off\n")
        not_followed = "app/Fresh.php changed; saves are not followed"
        await ui.until(lambda: not_followed in compose(project, "logs", "--tail", "20", "app"))
        assert (restarts(project), started(project, "app"), ui.followed) == (before, app, [])
        await ui.pilot.press("f")
        await ui.until(lambda: len(ui.followed) == 2)
        assert {one.files for one in ui.followed} == {("app/Fresh.php",), ("docker/Caddyfile",)}
        assert restarts(project) == before + 1


async def test_a_second_process_says_who_follows_and_tells_what_that_does(project: Project) -> None:
    command = [sys.executable, "-m", "devkit.entry", "--json", "reload", "--watch"]
    async with opened(project) as ui:
        other = await asyncio.create_subprocess_exec(
            *command,
            cwd=project.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert other.stderr is not None and other.stdout is not None
            assert b"devkit ui (pid" in await other.stderr.readline()
            before = restarts(project)
            project.write("app/Fresh.php", "<?php // twice\n")
            one = await ui.one(Reaction.CODE)
            assert json.loads(await other.stdout.readline())["outcome"] == one.outcome
            assert restarts(project) == before + 1
        finally:
            other.terminate()
            await other.communicate()
