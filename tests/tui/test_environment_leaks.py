"""No value of .env leaves the Environment tab but the one that a person reveals, for as long as it is revealed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from env_stand_in import DIFF, EnvStandIn, stand_in
from opened_app import Opened, settled
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from devkit.laravel import follow_switch
from devkit.setup.project import Project
from devkit.tui import directory_watch
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.environment import EnvironmentPane
from devkit.tui.reveal import REVEAL_SECONDS
from devkit.tui.screens.question import Question

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

NAMES = ("STRIPE_SECRET", "OLD_TOKEN", "LOCAL_ONE", "DB_PASSWORD", "SIGNING_KEY", "PUSHER_KEY")
CANARIES = {name: f"cnry{at}x" for at, name in enumerate(NAMES)}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def env(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EnvStandIn:
    """Even a team's hook that says all of them when it was pulled."""
    monkeypatch.setattr(directory_watch, "LOOK_SECONDS", 0.02)
    follow_switch.turn(project.paths, on=False)
    project.paths.env.write_text("".join(f"{name}={value}\n" for name, value in CANARIES.items()))
    made = stand_in(tmp_path / "program", project.paths.env, monkeypatch)
    made.says("pull", f"hook: {' '.join(CANARIES.values())}")
    made.says("push", f"devkit: hook: {' '.join(CANARIES.values())}", status=1)
    return made


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not met():
            await pilot.pause(0.01)


async def environment(pilot: Pilot[None]) -> EnvironmentPane:
    app = cast(DevkitApp, pilot.app)
    await app.open_pane(next(tab for tab in TABS if tab.id == "environment"))
    pane = cast(EnvironmentPane, app.pane)
    await until(pilot, lambda: pane.keeper.compared)
    await settled(pilot)
    return pane


def seen(pilot: Pilot[None]) -> set[str]:
    """The names whose values are on the screen, in its picture, or in what leaves the app."""
    app = cast(DevkitApp, pilot.app)
    drawn = ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]
    said = [one.message for one in app._notifications]
    everything = "\n".join([*drawn, *said, app.export_screenshot(), app.clipboard, app.title, app.sub_title])
    everything += f"{app.status.command} {app.status.render()}"
    return {name for name, value in CANARIES.items() if value in everything}


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


async def test_no_value_is_shown_said_exported_or_copied_that_was_not_revealed(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        assert seen(pilot) == set()
        assert set(NAMES) < {one.name for one in pane._rows}
        for keys in (
            *["j"] * len(pane._rows),  # the detail of each
            ("slash", "e", "enter"),
            ("escape",),
            ("enter",),  # a name's own screen
            ("y",),
            ("escape", "N", "m", "C", "y"),
            ("colon", *"reveal"),
            ("escape",),
            ("question_mark",),
            ("escape",),
        ):
            await press(pilot, *keys)
            assert seen(pilot) == set(), keys
        for width, height in ((80, 24), (40, 10), (120, 30)):
            await pilot.resize_terminal(width, height)
            await settled(pilot)
            assert seen(pilot) == set()
        for key, last in (("p", "hook"), ("P", "devkit env push")):
            await press(pilot, "D", "g")
            await pilot.press(key)
            await until(pilot, lambda: isinstance(pilot.app.screen, Question))
            await pilot.pause()
            assert seen(pilot) == set()
            await pilot.press("y")
            await until(pilot, lambda last=last: last in str(pilot.app.query_one("#status").render()))  # type: ignore[misc]
            await until(pilot, lambda: pane.keeper.compared)
            await settled(pilot)
            assert seen(pilot) == set()
        assert "***STRIPE_SECRET***" in str(pilot.app.query_one("#status").render())


async def test_a_value_is_shown_for_ten_seconds_and_no_other_one(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        await press(pilot, "v")
        assert seen(pilot) == {"STRIPE_SECRET"}
        timer = pane.reveal._timer
        assert timer is not None and timer._interval == REVEAL_SECONDS == 10.0
        await press(pilot, "y")
        assert pilot.app.clipboard == "STRIPE_SECRET"
        await timer._tick(next_timer=0, count=1)  # ten seconds later
        await pilot.pause()
        assert seen(pilot) == set()
        assert pane.reveal._timer is None


async def test_it_is_hidden_by_whatever_takes_the_eyes_off_it(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        app, pane = cast(DevkitApp, pilot.app), await environment(pilot)

        async def keys(*pressed: str) -> None:
            await press(pilot, *pressed)

        async def another_tab() -> None:
            await app.open_pane(TABS[0])

        async def back_to_it() -> None:
            await environment(pilot)

        async def left() -> None:
            app.post_message(events.AppBlur())

        async def come_back() -> None:
            app.post_message(events.AppFocus())

        async def given_away() -> None:
            app.app_suspend_signal.publish(app)

        async def saved() -> None:
            project.paths.env.write_text(project.paths.env.read_text() + "MORE=1\n")

        async def nothing() -> None:
            pass

        for hides, then in (
            (lambda: keys("v"), nothing),
            (lambda: keys("escape"), nothing),
            (lambda: keys("j"), lambda: keys("k")),
            (lambda: keys("question_mark"), lambda: keys("escape")),
            (lambda: keys("enter"), lambda: keys("escape")),
            (lambda: keys("slash", *"own_token"), lambda: keys("escape", "escape")),
            (another_tab, back_to_it),
            (left, come_back),
            (given_away, nothing),
            (saved, nothing),
        ):
            await settled(pilot)
            await press(pilot, "g", "v")
            assert seen(pilot) == {"STRIPE_SECRET"}
            await hides()
            await until(pilot, lambda: not pane.reveal.name)
            await pilot.pause()
            assert seen(pilot) == set()
            await then()
            await until(pilot, lambda: pane.keeper.compared)
            await settled(pilot)
            assert seen(pilot) == set()


async def test_it_is_copied_only_while_it_is_revealed(opened: Opened, env: EnvStandIn) -> None:
    env.says_difference({**DIFF, "added": ["AT_DOPPLER"], "changed": []})
    async with opened() as pilot:
        pane = await environment(pilot)
        await press(pilot, "N", "g", "v")
        assert not pane.reveal.name  # .env has no AT_DOPPLER
        await press(pilot, "j", "C")
        assert pilot.app.clipboard == ""
        await press(pilot, "colon", *"environment reveal")
        options = pilot.app.screen.query_one(OptionList)
        await until(pilot, lambda: [str(one.prompt)[:19] for one in options.options[:1]] == ["Environment: Reveal"])
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: pane.reveal.name == "DB_PASSWORD")  # the palette's own end does not hide it
        await press(pilot, "C")
        assert pilot.app.clipboard == CANARIES["DB_PASSWORD"]
        assert [one.message for one in pilot.app._notifications][-1] == "the value of DB_PASSWORD is copied"


async def test_in_a_low_terminal_the_revealed_value_has_room(opened: Opened) -> None:
    async with opened(60, 12) as pilot:
        pane = await environment(pilot)
        assert not pane.query_one("#environment-detail").display
        await press(pilot, "v")
        assert pane.query_one("#environment-detail").display
        assert seen(pilot) == {"STRIPE_SECRET"}
        await press(pilot, "v")
        assert not pane.query_one("#environment-detail").display
