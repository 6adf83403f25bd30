"""The services at the left, and what is said of an engine that does not answer."""

from __future__ import annotations

from typing import cast

import pytest
from opened_app import Opened, settled

from devkit.tui.app import DevkitApp
from devkit.tui.screens.question import Question
from devkit.tui.side import Side

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_services_of_the_compose_file_are_there_without_an_engine(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while app.session.snapshot.connected:
            await pilot.pause(0.01)
        await settled(pilot)
        assert [service.name for service in app.services.services] == ["app", "redis", "mailpit"]
        status = app.query_one("#status")
        assert "waiting for it" in str(status.render())
        assert status.has_class("problem")


async def test_what_takes_away_is_asked_first_with_its_plain_command(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while not app.services.services:
            await pilot.pause(0.01)
        await pilot.press("down", "d")
        await pilot.pause()
        assert isinstance(app.screen, Question)
        said = " ".join(str(label.render()) for label in app.screen.query("Label"))
        assert "docker compose rm --stop --force app" in said
        await pilot.press("n")
        await pilot.pause()
        assert not isinstance(app.screen, Question)
        assert app.command == ""


async def test_an_action_that_cannot_be_done_is_said(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while not app.services.services:
            await pilot.pause(0.01)
        await pilot.press("down", "r")
        await settled(pilot)
        assert app.command == "docker compose up --detach --no-recreate app"
        assert any("docker cannot be run" in one.message for one in app._notifications)


async def test_without_a_chosen_service_it_is_asked_for(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        while not app.services.services:
            await pilot.pause(0.01)
        await pilot.press("s")
        await pilot.pause()
        assert [one.message for one in app._notifications] == ["choose a service first"]


async def test_a_narrow_terminal_has_a_narrow_side_and_z_gives_all_to_the_logs(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        app = cast(DevkitApp, pilot.app)
        assert app.query_one("#side").size.width < 30
        await pilot.press("z")
        await settled(pilot)
        assert not app.query_one("#side").display
        assert app.logs.lines.size.width > 70


async def test_a_terminal_that_is_resized_has_the_side_of_its_width(opened: Opened) -> None:
    async with opened(170, 40) as pilot:
        side = pilot.app.query_one(Side)
        assert side.size.width > 50
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert side.size.width < 30
        await pilot.resize_terminal(120, 30)
        await settled(pilot)
        assert 30 < side.size.width < 50


async def test_every_binding_has_an_id_and_a_tooltip(opened: Opened) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        for owner in (app, app.query_one(Side), app.services, app.logs.lines):
            for binding in type(owner).BINDINGS:
                assert binding.id and binding.tooltip, binding  # type: ignore[union-attr]
