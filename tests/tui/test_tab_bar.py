"""The row of tabs, however narrow it is."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.events import MouseScrollDown, MouseScrollUp

from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.widgets.tab_bar import TabBar, cells

pytestmark = pytest.mark.unit

TITLES = ["Logs", "Tests", "Artisan", "Workers", "Queue", "Requests", "Environment", "Doctor"]
NONE = [""] * len(TITLES)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def row(chosen: int, width: int, badges: list[str] = NONE) -> str:
    made = cells(TITLES, badges, chosen, width)
    assert sum(cell.width for cell in made) <= width
    return "".join(cell.text + cell.badge for cell in made)


def test_names_are_whole_where_there_is_room() -> None:
    assert row(0, 80) == " Logs  Tests  Artisan  Workers  Queue  Requests  Environment  Doctor "


def test_beside_the_side_of_a_narrow_terminal_long_names_are_cut_and_not_the_chosen_one() -> None:
    assert row(0, 53) == " Logs  Test  Arti  Worke  Queue  Reque  Envir  Docto "
    assert " Requests " in row(5, 53)
    assert " Environment " in row(6, 53)


def test_where_cut_names_have_no_room_those_around_the_chosen_are_there() -> None:
    assert row(0, 14) == " Logs  Tes ›"  # noqa: RUF001
    assert row(7, 14) == "‹ Env  Doctor "  # noqa: RUF001
    assert row(3, 20) == "‹ Art  Workers ›"  # noqa: RUF001


def test_of_no_room_at_all_the_chosen_one_is_left() -> None:
    assert [cell.at for cell in cells(TITLES, NONE, 3, 5) if "Workers" in cell.text] == [3]


def test_a_badge_takes_its_room() -> None:
    assert row(0, 80, [*NONE[:7], "2"]).endswith(" Doctor 2 ")
    assert row(0, 53, [*NONE[:7], "2"]).endswith("2 ")


@pytest.mark.anyio
async def test_a_click_opens_the_tab_under_it_and_the_wheel_the_one_beside(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        app = cast(DevkitApp, pilot.app)
        bar = app.query_one(TabBar)
        at = str(bar.render()).index(TABS[-1].title[:3])
        await pilot.click(TabBar, offset=(at, 0))
        await settled(pilot)
        assert app.pane.id == f"pane-{TABS[-1].id}"
        await pilot._post_mouse_events([MouseScrollUp], TabBar)
        await settled(pilot)
        assert app.pane.id == f"pane-{TABS[-2].id}"
        await pilot._post_mouse_events([MouseScrollDown], TabBar)
        await settled(pilot)
        assert app.pane.id == f"pane-{TABS[-1].id}"


@pytest.mark.anyio
async def test_keys_and_clicks_before_the_tabs_are_there_end_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devkit.tui.app._FIRST_SECONDS", 60.0)
    monkeypatch.setattr("devkit.tui.session.Session.watch", lambda _session: asyncio.sleep(60))
    app = DevkitApp(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right_square_bracket", "slash", "escape", "tab", "z", "y", "s")
        await pilot.click(TabBar, offset=(10, 0))
        assert not app._panes
        assert app.services.has_focus
        assert not app.has_class("-zoomed")
