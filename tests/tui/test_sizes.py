"""Every tab and dialogue in a wide, a narrow and a very small terminal, and in one whose size changes meanwhile."""

from __future__ import annotations

from typing import cast

import pytest
from opened_app import Opened, settled
from textual.pilot import Pilot

from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS, Tab

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

SIZES = [(140, 45), (80, 24), (40, 10), (12, 3)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def drawn(pilot: Pilot[None]) -> list[str]:
    return ["".join(part.text for part in strip) for strip in pilot.app.screen._compositor.render_strips()]


async def all_sizes(pilot: Pilot[None]) -> None:
    """Each size in turn, and back to the first: nothing ends the app, and every size is used to its edges."""
    for width, height in [*SIZES, SIZES[0]]:
        await pilot.resize_terminal(width, height)
        await settled(pilot)
        assert pilot.app.size == (width, height)
        rows = drawn(pilot)
        assert (len(rows) == height and {len(row) for row in rows} == {width}) or pilot.app.screen.is_modal
    assert pilot.app._exception is None


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.id)
async def test_a_tab_takes_every_size_and_changes_of_it(opened: Opened, tab: Tab) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        await app.open_pane(tab)
        await settled(pilot)
        await all_sizes(pilot)
        assert app.pane.id == f"pane-{tab.id}"


@pytest.mark.parametrize("key", ["question_mark", "comma", "colon", "x", "b"])
async def test_a_dialogue_takes_every_size_and_changes_of_it(opened: Opened, key: str) -> None:
    async with opened() as pilot:
        await pilot.press(key)
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 2
        await all_sizes(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_in_80_columns_all_tabs_have_a_name_and_the_first_keys_are_seen(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        while not (rows := drawn(pilot))[-1].strip():
            await pilot.pause(0.01)
        assert all(tab.title[:3] in rows[0] for tab in TABS)
        assert "q Quit" in rows[-1] and "? Help" in rows[-1]


async def test_what_lies_below_a_dialogue_follows_the_size_too(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        side = pilot.app.query_one("#side")
        wide = side.size.width
        await pilot.press("comma")
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert side.size.width < 30 < wide
