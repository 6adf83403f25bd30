"""The keys at the bottom: what works now, clicked, and moved where they do not fit."""

from __future__ import annotations

import pytest
from opened_app import Opened, settled
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from devkit.tui.widgets.key_row import KeyRow, ShownKey

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def row_of(pilot: Pilot[None]) -> KeyRow:
    return pilot.app.screen_stack[0].query_one(KeyRow)


def key_of(pilot: Pilot[None], title: str) -> ShownKey:
    return next(key for key in row_of(pilot).keys if key.title == title)


def shown(pilot: Pilot[None]) -> str:
    return row_of(pilot).render_line(0).text


async def test_the_keys_of_what_has_the_focus_are_shown(opened: Opened) -> None:
    async with opened(200) as pilot:
        assert "s Stop/start" in shown(pilot) and "f Follow" in shown(pilot)
        assert all(f"{key.label} {key.title}" in shown(pilot) for key in row_of(pilot).keys)
        await pilot.press("slash")
        await settled(pilot)
        assert "Stop/start" not in shown(pilot) and "Follow" not in shown(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "Stop/start" not in shown(pilot) and "f Follow" in shown(pilot)


async def test_a_click_on_a_key_is_the_key(opened: Opened) -> None:
    async with opened(200) as pilot:
        await pilot.click(KeyRow, offset=(key_of(pilot, "Help").start, 0))
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 2
        await pilot.press("escape")
        await settled(pilot)
        await pilot.click(KeyRow, offset=(row_of(pilot).keys[-1].end + 5, 0))
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_the_key_under_the_pointer_stands_out_and_says_what_it_does(opened: Opened) -> None:
    async with opened(200) as pilot:
        row, key = row_of(pilot), key_of(pilot, "Help")
        plain = row.render_line(0)
        await pilot.hover(KeyRow, offset=(key.start + 1, 0))
        assert row.tooltip == key.tooltip
        assert row.render_line(0) != plain and row.render_line(0).text == plain.text
        await pilot.hover("#status")
        assert (row.tooltip, row.render_line(0)) == (None, plain)


async def test_where_they_do_not_fit_the_wheel_moves_them_and_clicks_meet_what_is_seen(opened: Opened) -> None:
    async with opened(40) as pilot:
        row = row_of(pilot)
        last = row.keys[-1]
        assert last.end > 40 and last.title not in shown(pilot)
        turns = last.end // 4
        await pilot._post_mouse_events([MouseScrollDown] * turns, KeyRow)
        await settled(pilot)
        assert shown(pilot).endswith(last.title)
        await pilot.click(KeyRow, offset=(39, 0))
        await settled(pilot)
        await pilot._post_mouse_events([MouseScrollUp] * turns, KeyRow)
        await settled(pilot)
        assert shown(pilot).startswith(row.keys[0].label)
