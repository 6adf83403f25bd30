"""Menus of services, marks, and what is done to several at once."""

from __future__ import annotations

import pytest
from opened_app import Opened, settled
from sample_services import service, show
from textual.pilot import Pilot
from textual.widgets import OptionList

from devkit.engine.state import PublishedPort
from devkit.setup.project import Project
from devkit.tui.screens.menu import Menu
from devkit.tui.screens.question import Question
from devkit.tui.widgets.service_list import ServiceList

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

SERVICES = (
    service("app"),
    service("redis", "exited", exit_code=1),
    service("debug", "missing", profiles=("tools",)),
    service("minio", "missing", profiles=("tools",)),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def rows(pilot: Pilot[None]) -> list[str]:
    shown = pilot.app.query_one(ServiceList)
    return ["".join(part.text for part in shown.render_line(y)).rstrip() for y in range(shown.size.height)]


def entries(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app.screen, Menu)
    options = pilot.app.screen.query_one(OptionList).options
    return "\n".join(str(option.prompt) for option in options)


async def test_services_of_a_profile_stand_below_its_name_and_do_not_count(opened: Opened) -> None:
    async with opened() as pilot:
        await show(pilot, *SERVICES)
        assert [row.split()[-1] for row in rows(pilot)] == ["1/2", "app", "1", "tools", "missing", "missing"]


async def test_x_shows_what_can_be_done_with_its_plain_commands(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        await show(pilot, *SERVICES)
        await pilot.press("down", "x")
        await pilot.pause()
        said = entries(pilot)
        assert "docker compose stop app" in said
        assert "docker compose exec app sh" in said
        assert "http://localhost:" in said
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Menu)


async def test_an_entrys_key_does_it(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("down", "x", "c")
        await settled(pilot)
        assert app.command == "docker compose up --detach --force-recreate --no-deps app"


async def test_an_entry_is_taken_with_j_k_and_enter(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("down", "x", "j", "j", "k", "enter")
        await settled(pilot)
        assert app.command == "docker compose restart app"


async def test_q_leaves_a_menu_and_not_the_app(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("x")
        await pilot.pause()
        assert "docker compose down" in entries(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert app.is_running
        assert not isinstance(app.screen, Menu)


async def test_marked_services_are_restarted_with_one_command(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("down", "space", "space")
        assert rows(pilot)[1].startswith("●✓app")
        await pilot.press("r")
        await settled(pilot)
        assert app.command == "docker compose restart app redis"
        assert app.services.marked == ()


async def test_escape_takes_marks_away(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("space")
        assert len(app.services.marked) == 4
        await pilot.press("escape")
        assert app.services.marked == ()


async def test_space_on_the_first_row_marks_all_and_again_none(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("space")
        assert len(app.services.marked) == 4
        await pilot.press("space")
        assert app.services.marked == ()


async def test_bulk_is_about_the_marked_ones_and_asks_before_it_removes(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        await show(pilot, *SERVICES)
        await pilot.press("down", "space", "space", "b")
        await pilot.pause()
        assert "docker compose stop app redis" in entries(pilot)
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Question)
        said = " ".join(str(label.render()) for label in pilot.app.screen.query("Label"))
        assert "app, redis" in said
        assert "docker compose rm --stop --force app redis" in said


async def test_bulk_without_marks_is_about_all_but_profiles_that_are_off(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        await show(pilot, *SERVICES)
        await pilot.press("b")
        await pilot.pause()
        said = entries(pilot)
        assert "docker compose restart app redis" in said
        assert "Profile tools on" in said


async def test_a_profile_is_switched_on_from_its_row(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.click(ServiceList, offset=(5, 3))
        await pilot.pause()
        await pilot.press("1")
        await settled(pilot)
        assert app.command == "docker compose --profile tools up --detach --no-recreate debug minio"


@pytest.mark.parametrize("how", [{"button": 3}, {"times": 2}], ids=["right button", "double click"])
async def test_the_mouse_opens_the_menu(opened: Opened, how: dict[str, int]) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.click(ServiceList, offset=(5, 1), **how)  # type: ignore[arg-type]
        await pilot.pause()
        assert isinstance(app.screen, Menu)
        assert app.services.chosen is not None
        assert app.services.chosen.name == "app"


async def test_more_services_than_there_is_room_for_are_scrolled(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        app = await show(pilot, *(service(f"service{number:02}") for number in range(30)))
        assert rows(pilot)[0].startswith("≡")
        await pilot.press("G")
        await pilot.pause()
        assert "service29" in rows(pilot)[-1]
        await pilot.press("g")
        await pilot.pause()
        assert rows(pilot)[0].startswith("≡")
        await pilot.click(ServiceList, offset=(5, 1))
        assert app.services.chosen is not None
        assert app.services.chosen.name == "service00"


async def test_the_teams_own_commands_are_run_on_the_terminal(
    opened: Opened, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.paths.settings.write_text('schema = 1\n[project]\nname = "shop"\n[commands]\nlint = "vendor/bin/pint"\n')
    handed: list[tuple[str, ...]] = []
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        monkeypatch.setattr(app, "hand_over", lambda command, plain: handed.append((*command[3:], plain)))
        await pilot.press("c")
        await pilot.pause()
        assert "vendor/bin/pint" in entries(pilot)
        await pilot.press("1")
        await settled(pilot)
        assert [(one[0], one[-2:]) for one in handed] == [("lint", ("lint", "devkit lint"))]


async def test_without_commands_of_a_team_it_is_said_where_they_stand(opened: Opened) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        await pilot.press("c")
        await pilot.pause()
        assert "[commands]" in next(iter(app._notifications)).message


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (("down", "s"), "docker compose stop app"),
        (("down", "down", "s"), "docker compose up --detach --no-recreate redis"),
        (("down", "r"), "docker compose restart app"),
        (("down", "R"), "docker compose up --detach --build --force-recreate --no-deps app"),
        (("down", "down", "u"), "docker compose up --detach --no-recreate redis"),
        (("down", "d", "y"), "docker compose rm --stop --force app"),
        (("U",), "docker compose up --detach"),
        (("D", "y"), "docker compose down"),
        (("j", "j", "k", "s"), "docker compose stop app"),
        (("end", "s"), "docker compose --profile tools up --detach --no-recreate minio"),
    ],
)
async def test_a_key_is_one_plain_command(opened: Opened, keys: tuple[str, ...], command: str) -> None:
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await settled(pilot)
        assert app.command == command


async def test_e_hands_the_terminal_to_a_shell(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[list[str], str]] = []
    async with opened() as pilot:
        app = await show(pilot, *SERVICES)
        monkeypatch.setattr(app, "in_terminal", lambda words, plain: handed.append((words, plain)))
        await pilot.press("down", "e", "E")
        assert handed == [(["shell", "app"], "docker compose exec app sh")] * 2


@pytest.mark.parametrize(
    ("keys", "address"),
    [
        ((), "http://localhost:8000"),
        (("down", "down"), "http://localhost:8000"),
        (("down", "down", "down"), "http://localhost:8081"),
    ],
    ids=["all", "without a page", "a service of the person's own"],
)
async def test_o_opens_the_page_of_a_service_or_the_application(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], address: str
) -> None:
    found: list[str] = []
    monkeypatch.setattr("devkit.setup.browser.open_in_browser", lambda url: found.append(url) or True)
    port = PublishedPort("127.0.0.1", 8081, 80)
    async with opened() as pilot:
        app = await show(pilot, service("app"), service("redis"), service("phpmyadmin", ports=(port,)))
        await pilot.press(*keys, "o")
        await settled(pilot)
        assert found == [address]
        assert app.command == address
