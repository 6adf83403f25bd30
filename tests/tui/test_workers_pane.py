"""The Workers tab and the files that containers follow, in a project whose engine does not answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from opened_app import Opened, settled
from rich.console import Console
from textual.pilot import Pilot
from textual.widgets import Static
from worker_samples import NOW, READING

from devkit.laravel import follow_switch
from devkit.laravel.reactions import Reaction
from devkit.laravel.worker_figures import Figures, Reading
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.project import Project
from devkit.setup.rebuild_offer import remember_taken_up
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS, WORKERS
from devkit.tui.panes.workers import WorkersPane
from devkit.tui.screens.question import Question

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do the commands find one that the app runs."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")


def app_of(pilot: Pilot[None]) -> DevkitApp:
    return cast(DevkitApp, pilot.app)


async def workers(pilot: Pilot[None]) -> WorkersPane:
    """The tab, once it is open and knows who follows the files."""
    app = app_of(pilot)
    await settled(pilot)
    await app.open_pane(next(tab for tab in TABS if tab.id == WORKERS))
    while app.session.files.state is None:
        await pilot.pause(0.01)
    await settled(pilot)
    return cast(WorkersPane, app.pane)


def text(pane: WorkersPane, id: str) -> str:
    """What one part of it shows."""
    console = Console(width=120, color_system=None)
    with console.capture() as said:
        console.print(pane.query_one(id, Static).content)
    return said.get()


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    """Files are watched by the system's own events: the screen is what tells of them."""
    for _ in range(2000):
        if met():
            return
        await pilot.pause(0.01)
    assert met()


async def test_an_app_that_does_not_run_is_one_clear_line(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await workers(pilot)
        assert text(pane, "#thread-rows").startswith("the app does not run")


async def test_threads_are_shown_with_their_requests_and_nothing_that_a_terminal_obeys(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await workers(pilot)
        pane.hidden()
        pane.show(READING, NOW)
        totals = text(pane, "#totals").split("   ")
        assert [one.strip() for one in totals[1:]] == ["1 of 3 busy", "3 waiting", "2 reloads", "8 restarts", "1 crash"]
        rows = text(pane, "#thread-rows").splitlines()
        assert rows[2].split() == ["1", "busy", "2.5", "s", "12,345", "9M", "GET", "/orders/7?page=2"]
        assert rows[3].split() == ["2", "idle", "0.4", "s", "7", "5M"]
        assert "rebo" in rows[4]


async def test_classic_mode_is_one_clear_line(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await workers(pilot)
        pane.hidden()
        pane.show(Reading(READING.threads[:1], Figures(), 1.0), NOW)
        assert text(pane, "#thread-rows").startswith("classic mode: each request boots the application")


async def test_what_was_followed_before_and_by_others_is_listed_the_newest_first(
    opened: Opened, project: Project
) -> None:
    followed.keep(project.paths, Followed(Reaction.CODE, ("app/A.php",), "new code answered 200", 0.31, time=NOW))
    async with opened() as pilot:
        pane = await workers(pilot)
        one = Followed(Reaction.CADDYFILE, ("docker/Caddyfile",), "Caddyfile reloaded", 0.2)
        followed.keep(project.paths, one)
        await until(pilot, lambda: len(app_of(pilot).session.files.events) == 2)
        await settled(pilot)
        rows = text(pane, "#followed-rows").splitlines()
        assert "0.20 s docker/Caddyfile: Caddyfile reloaded" in rows[1]
        assert "0.31 s app/A.php: new code answered 200" in rows[2]
        assert "Caddyfile reloaded 0.20 s" in str(app_of(pilot).query_one("#status", Static).render())


async def test_f_turns_it_off_for_this_project_and_on_again(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await workers(pilot)
        await until(pilot, lambda: "files are followed: f turns it off" in text(pane, "#following"))
        await pilot.press("f")
        await until(pilot, lambda: "not followed" in text(pane, "#following"))
        assert not follow_switch.is_on(project.paths)
        await pilot.press("f")
        await until(pilot, lambda: "files are followed" in text(pane, "#following"))
        assert follow_switch.is_on(project.paths)


async def test_r_says_why_it_cannot_reload(opened: Opened) -> None:
    async with opened() as pilot:
        await workers(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert app_of(pilot).command == "devkit reload"
        status = app_of(pilot).query_one("#status", Static)
        assert status.has_class("problem") and "container engine" in str(status.render())


async def test_m_asks_before_it_switches_the_mode_and_shows_what_the_command_says(opened: Opened) -> None:
    async with opened() as pilot:
        app, pane = app_of(pilot), await workers(pilot)
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Question)
        await pilot.press("n")
        await settled(pilot)
        assert app.command == ""
        await pilot.press("m")
        await pilot.pause()
        await pilot.press("y")
        await settled(pilot)
        assert app.command == "devkit mode classic"
        status = app.query_one("#status", Static)  # compose.yaml is not devkit's: the command refuses, and says so
        assert status.has_class("problem") and "compose.yaml" in str(status.render())
        assert "in line with what is shown above" in text(pane, "#output")
        assert pane.query_one("#output").display
        await pilot.press("escape")
        assert not pane.query_one("#output").display


async def test_a_changed_compose_file_is_offered_in_every_tab_and_b_takes_it_up(
    opened: Opened, project: Project
) -> None:
    remember_taken_up(project.paths)
    (project.paths.root / "compose.yaml").write_text("services:\n  app: {image: other}\n")
    async with opened() as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: "B" in app.screen.active_bindings and app.session.files.offered == ("compose.yaml",))
        app.say()
        await pilot.press("B")
        await until(pilot, lambda: bool(app.session.files.events))
        one = app.session.files.events[-1]
        assert (one.reaction, one.files, one.failed) == (Reaction.REBUILD, ("compose.yaml",), True)
        assert app.session.files.offered == ("compose.yaml",)
        assert app.command == "devkit up"


async def test_without_an_offer_b_is_no_key(opened: Opened) -> None:
    async with opened() as pilot:
        await workers(pilot)
        assert "B" not in pilot.app.screen.active_bindings


async def test_a_second_app_says_which_one_follows(opened: Opened, project: Project) -> None:
    async with opened() as first:
        follows = await workers(first)
        await until(first, lambda: "f turns it off" in text(follows, "#following"))
        other = DevkitApp(project)
        async with other.run_test(size=(120, 30)) as second:
            looks_on = await workers(second)
            await until(second, lambda: "files are followed by devkit ui (pid" in text(looks_on, "#following"))


async def test_the_tab_that_is_not_seen_asks_nothing(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await workers(pilot)
        assert any(worker.node is pane for worker in pilot.app.workers)
        await pilot.press("left_square_bracket")
        await settled(pilot)
        assert not any(worker.node is pane and worker.is_running for worker in pilot.app.workers)


async def test_every_binding_has_an_id_and_a_tooltip(opened: Opened) -> None:
    async with opened() as pilot:
        for binding in (await workers(pilot)).BINDINGS:
            assert binding.id and binding.tooltip, binding  # type: ignore[union-attr]
