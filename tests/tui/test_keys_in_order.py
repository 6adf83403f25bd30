"""Keys in one burst."""

from __future__ import annotations

import pytest
from opened_app import Opened, settled
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


def burst(pilot: Pilot[None], keys: str) -> None:
    names = {"/": "slash", "\r": "enter"}
    for key in keys:
        pilot.app.post_message(events.Key(names.get(key, key), key))


async def test_they_go_where_the_former_ones_led(opened: Opened) -> None:
    async with opened() as pilot:
        burst(pilot, "/error")
        await settled(pilot)
        assert pilot.app.query_one("#prompt", Input).value == "error"


async def test_a_closed_prompt_opens_again_at_once(opened: Opened) -> None:
    async with opened() as pilot:
        burst(pilot, "/a\r/b\r/c")
        await settled(pilot)
        assert pilot.app.query_one("#prompt", Input).value == "c"


async def test_a_key_whose_widget_goes_with_it_holds_up_none(opened: Opened) -> None:
    async with opened() as pilot:
        burst(pilot, "DnDn/x")
        await pilot.pause(1.5)
        await settled(pilot)
        assert pilot.app.query_one("#prompt", Input).value == "x"
