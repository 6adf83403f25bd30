"""A container looked at closely: its facts, its processes, its JSON, and nothing secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from canned_engine import CannedEngine, container
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Input, Static

from devkit.setup.project import Project
from devkit.tui.screens.inspection import InspectionScreen

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

TOP = {
    "Titles": ["PID", "PPID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"],
    "Processes": [
        ["20", "10", "me", "1.5", "20480", "01:00", "php artisan queue:work --password=hunter22"],
        ["10", "1", "root", "0.0", "700", "01:00", "/sbin/docker-init"],
    ],
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def looking(
    opened: Opened, project: Project, *keys: str, prepare: Callable[[CannedEngine], None] = lambda _engine: None
) -> AsyncIterator[tuple[Pilot[None], CannedEngine]]:
    """The screen for a service with two containers, opened by keys."""
    (project.paths.root / ".env").write_text("DB_PASSWORD=hunter22\n")
    engine = CannedEngine(container("app", 1), container("app", 2))
    for number in (1, 2):
        engine.answers[f"/containers/{f'app{number}'.ljust(64, '0')}/top"] = TOP
    prepare(engine)
    path = project.docker.endpoint.socket_path
    assert path is not None
    async with engine.on(path), opened(120, 40) as pilot:
        while not pilot.app.session.snapshot.services[0].containers:  # type: ignore[attr-defined]
            await pilot.pause(0.01)
        await pilot.press("down", *keys)
        await loaded(pilot)
        yield pilot, engine


async def loaded(pilot: Pilot[None]) -> InspectionScreen:
    """The screen, once the engine has answered."""
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, InspectionScreen)
    while "asking" in head(screen) or not screen.text.lines:
        await pilot.pause(0.01)
    return screen


def head(screen: InspectionScreen) -> str:
    return str(screen.query_one("#head", Static).render())


async def test_i_shows_what_matters_and_names_only(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i") as (pilot, _):
        screen = await loaded(pilot)
        said = screen.text.plain
        assert said.index("Container") < said.index("Command") < said.index("Environment") < said.index("Labels")
        assert "shop-app:development" in said
        assert "php artisan queue:work" in said
        assert "127.0.0.1:8000" in said
        assert "volume shop_data (read-only)" in said
        assert "shop_default" in said
        assert "DB_PASSWORD" in said
        assert "unless-stopped" in said
        assert "hunter22" not in said
        assert "/usr/bin:/bin" not in said


async def test_all_that_the_engine_says_has_no_values_either(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i", "3") as (pilot, _):
        said = (await loaded(pilot)).text.plain
        assert '"DB_PASSWORD=***"' in said
        assert "hunter22" not in said


async def test_capital_p_shows_processes_as_a_tree_and_asks_again_while_it_is_seen(
    opened: Opened, project: Project
) -> None:
    async with looking(opened, project, "P") as (pilot, engine):
        lines = (await loaded(pilot)).text.plain.splitlines()
        assert lines[0].split() == TOP["Titles"]
        assert lines[1].endswith("  /sbin/docker-init")
        assert "    php artisan queue:work" in lines[2]
        assert "20M" in lines[2]
        assert "hunter22" not in lines[2]

        def tops() -> int:
            return sum("/top" in path for path in engine.asked)

        while tops() < 2:
            await pilot.pause(0.05)
        await pilot.press("1")
        await loaded(pilot)
        assert not [worker for worker in pilot.app.workers if worker.group == "inspect" and worker.is_running]


async def test_an_engine_whose_ps_knows_fewer_words_is_asked_plainly(opened: Opened, project: Project) -> None:
    def prepare(engine: CannedEngine) -> None:
        engine.refusals["ps_args"] = "ps: bad -o argument"

    async with looking(opened, project, "P", prepare=prepare) as (pilot, _):
        assert "docker-init" in (await loaded(pilot)).text.plain


@pytest.mark.parametrize("keys", [("tab", "tab", "tab"), ("]", "["), ("2", "1"), ("shift+tab", "tab")])
async def test_keys_go_from_part_to_part(opened: Opened, project: Project, keys: tuple[str, ...]) -> None:
    names = {"]": "right_square_bracket", "[": "left_square_bracket"}
    async with looking(opened, project, "i") as (pilot, _):
        for key in keys:
            await pilot.press(names.get(key, key))
            await loaded(pilot)
        assert "restart policy" in (await loaded(pilot)).text.plain


async def test_arrows_go_to_the_other_containers_of_a_scaled_service(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i") as (pilot, _):
        assert "shop-app-1  1 of 2" in head(await loaded(pilot))
        await pilot.press("right")
        assert "shop-app-2  2 of 2" in head(await loaded(pilot))
        await pilot.press("h")
        assert "shop-app-1  1 of 2" in head(await loaded(pilot))


async def test_a_text_is_found_and_n_goes_from_place_to_place(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i", "3") as (pilot, _):
        screen = await loaded(pilot)
        await pilot.press("slash", *"compose", "enter")
        assert "/compose 1 of " in head(screen)
        assert not screen.query_one(Input).display
        await pilot.press("n")
        assert "/compose 2 of " in head(screen)
        await pilot.press("N")
        assert "/compose 1 of " in head(screen)
        await pilot.press("escape")
        assert "/compose" not in head(screen)
        assert pilot.app.screen is screen


async def test_rows_are_scrolled_as_less_does(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i", "3") as (pilot, _):
        screen = await loaded(pilot)
        await moved(pilot, "G")
        end = screen.text.scroll_offset.y
        assert end > 20
        await moved(pilot, "k")
        assert screen.text.scroll_offset.y == end - 1
        await moved(pilot, "j")
        assert screen.text.scroll_offset.y == end
        await moved(pilot, "ctrl+b")
        assert screen.text.scroll_offset.y < end
        await moved(pilot, "g")
        assert screen.text.scroll_offset.y == 0
        await moved(pilot, "space")
        assert screen.text.scroll_offset.y > 5


async def moved(pilot: Pilot[None], key: str) -> None:
    await pilot.press(key)
    await pilot.wait_for_animation()
    await pilot.pause()


async def test_y_copies_what_is_shown(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i") as (pilot, _):
        screen = await loaded(pilot)
        await pilot.press("y")
        assert pilot.app.clipboard == screen.text.plain


async def test_it_asks_again_when_told_to(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i") as (pilot, engine):
        before = len(engine.asked)
        await pilot.press("ctrl+r")
        await loaded(pilot)
        assert len(engine.asked) > before


async def test_a_container_that_is_gone_is_said(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "i") as (pilot, engine):
        screen = await loaded(pilot)
        engine.containers.clear()
        await pilot.press("f5")
        while "asking" in head(screen):
            await pilot.pause(0.01)
        assert "the container is gone" in head(screen)
        await pilot.press("q")
        await settled(pilot)
        assert pilot.app.is_running
        assert not isinstance(pilot.app.screen, InspectionScreen)


async def test_a_service_without_a_container_has_nothing_to_inspect(opened: Opened) -> None:
    async with opened() as pilot:
        while not pilot.app.services.services:  # type: ignore[attr-defined]
            await pilot.pause(0.01)
        await pilot.press("down", "i")
        await pilot.pause()
        assert [one.message for one in pilot.app._notifications] == ["app has no container"]
