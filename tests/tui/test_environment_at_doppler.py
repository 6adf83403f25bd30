"""The Environment tab with the real `devkit env` beside it, against a Doppler on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from fake_doppler import FakeDoppler
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.laravel import follow_switch
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.environment_rows import MASK
from devkit.tui.pane import TABS
from devkit.tui.panes.environment import EnvironmentPane
from devkit.tui.screens.question import Question

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not met():
            await pilot.pause(0.02)


def rows(pane: EnvironmentPane) -> dict[str, list[str]]:
    cells = [[str(cell) for cell in pane.names.get_row_at(at)] for at in range(pane.names.row_count)]
    return {name: rest for name, *rest in cells}


async def answered(pilot: Pilot[None], pane: EnvironmentPane, key: str) -> None:
    """The key's question answered with yes, and all compared anew."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Question))
    await pilot.press("y")
    await until(pilot, lambda: not pane.keeper.compared)
    await until(pilot, lambda: pane.keeper.compared)
    await settled(pilot)


async def test_what_doppler_has_is_compared_pulled_and_given_back(
    opened: Opened, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_switch.turn(project.paths, on=False)
    project.paths.env.write_text("APP_NAME=Shop\nAPP_KEY=base64:abc\nSTRIPE=old\nMINE=1\n")
    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev", {"STRIPE": "new canary", "FRESH": "x'y", "APP_NAME": "Shop"})
        for name, value in (
            ("DOPPLER_API_HOST", doppler.url),
            ("DOPPLER_TOKEN", doppler.personal_token()),
            ("DOPPLER_PROJECT", "shop"),
            ("DOPPLER_CONFIG", "dev"),
        ):
            monkeypatch.setenv(name, value)
        async with opened() as pilot:
            app = cast(DevkitApp, pilot.app)
            await app.open_pane(next(tab for tab in TABS if tab.id == "environment"))
            pane = cast(EnvironmentPane, app.pane)
            await until(pilot, lambda: pane.keeper.compared)
            await settled(pilot)
            assert list(rows(pane).items())[:2] == [
                ("STRIPE", [MASK, "Doppler", "changed"]),
                ("FRESH", ["", "Doppler", "new in Doppler"]),
            ]
            await answered(pilot, pane, "p")
            assert rows(pane)["STRIPE"] == rows(pane)["FRESH"] == [MASK, "Doppler", "same"]
            assert "STRIPE='new canary'\n" in project.paths.env.read_text()
            pane.names.move_to("MINE")
            await pilot.pause()
            await answered(pilot, pane, "P")
            assert rows(pane)["MINE"] == [MASK, "Doppler", "same"]
            monkeypatch.setenv("DOPPLER_TOKEN", "dp.pt.wrong")
            before = rows(pane)
            await pilot.press("r")
            await until(pilot, lambda: "(401)" in str(pane.query_one("#environment-note", Static).render()))
            assert rows(pane) == before
            assert ".env stays as it is, pulled " in str(pane.query_one("#environment-note", Static).render())
