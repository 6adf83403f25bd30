"""The Environment tab, driven by keys: .env on the disk, and a program that answers as `devkit env` does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from env_stand_in import DIFF, LOCAL, EnvStandIn, stand_in
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Static
from textual.worker import WorkerState

from devkit.laravel import follow_switch
from devkit.setup.project import Project
from devkit.tui import directory_watch
from devkit.tui.app import DevkitApp
from devkit.tui.environment_rows import CONNECT, MASK
from devkit.tui.pane import TABS
from devkit.tui.panes.environment import EnvironmentPane
from devkit.tui.screens.question import Question
from devkit.tui.screens.text_detail import TextDetail
from devkit.tui.widgets.text_lines import TextLines

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

ENV = """\
APP_NAME=Shop
STRIPE_SECRET=sk_of_dev
OLD_TOKEN=old
LOCAL_ONE=mine
EMPTY_ONE=
DB_PASSWORD=of-the-volume
SIGNING_KEY=here
PUSHER_KEY=same
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def env(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EnvStandIn:
    monkeypatch.setattr(directory_watch, "LOOK_SECONDS", 0.02)
    follow_switch.turn(project.paths, on=False)  # a saved .env restarts workers, and that is said at the bottom
    project.paths.env.write_text(ENV)
    return stand_in(tmp_path / "program", project.paths.env, monkeypatch)


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not met():
            await pilot.pause(0.01)


async def environment(pilot: Pilot[None]) -> EnvironmentPane:
    """The tab, once everything was compared."""
    app = cast(DevkitApp, pilot.app)
    await app.open_pane(next(tab for tab in TABS if tab.id == "environment"))
    pane = cast(EnvironmentPane, app.pane)
    await until(pilot, lambda: pane.keeper.compared)
    await settled(pilot)
    return pane


def rows(pane: EnvironmentPane) -> dict[str, list[str]]:
    """Cells behind each name, in their order."""
    cells = [[str(cell) for cell in pane.names.get_row_at(at)] for at in range(pane.names.row_count)]
    return {name: rest for name, *rest in cells}


def text(pane: EnvironmentPane, part: str) -> str:
    return str(pane.query_one(part, Static).render())


def title(pane: EnvironmentPane) -> str:
    return text(pane, "#environment-title")


def note(pane: EnvironmentPane) -> str:
    shown = pane.query_one("#environment-note", Static)
    return str(shown.render()) if shown.display else ""


def detail(pane: EnvironmentPane) -> str:
    return text(pane, "#environment-detail Static")


def status(pilot: Pilot[None]) -> str:
    return str(pilot.app.query_one("#status", Static).render())


def notified(pilot: Pilot[None]) -> list[str]:
    return [one.message for one in pilot.app._notifications]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


async def question(pilot: Pilot[None], key: str) -> Question:
    """What is asked once the key was pressed."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Question))
    await pilot.pause()
    return cast(Question, pilot.app.screen)


def asked(screen: Question) -> list[str]:
    return [str(label.render()) for label in screen.query("Label").results(Static)]


async def test_names_are_shown_with_source_and_drift_what_needs_a_look_first(opened: Opened, env: EnvStandIn) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        assert rows(pane) == {
            "STRIPE_SECRET": [MASK, "Doppler", "changed"],
            "SENTRY_DSN": ["", "Doppler", "new in Doppler"],
            "OLD_TOKEN": [MASK, "Doppler", "removed in Doppler"],
            "MAIL_FROM_ADDRESS": ["", "not here yet", "missing"],
            "SIGNING_KEY": [MASK, "Doppler", "restricted"],
            "DB_PASSWORD": [MASK, "the stack", "kept for this stack"],
            "APP_NAME": ["Shop", "local", "local only"],
            "EMPTY_ONE": ["empty", "local", "local only"],
            "LOCAL_ONE": [MASK, "local", "local only"],
            "PUSHER_KEY": [MASK, "Doppler", "same"],
        }
        assert list(rows(pane))[:5] == ["STRIPE_SECRET", "SENTRY_DSN", "OLD_TOKEN", "MAIL_FROM_ADDRESS", "SIGNING_KEY"]
        counted = "1 changed, 1 new, 1 removed, 1 missing, 1 restricted, 1 kept"
        assert title(pane) == f"shop/dev   .env is 3 h old   10 names by drift   {counted}   m 2 unset"
        assert note(pane) == ""
        assert sorted(env.lines) == ["--quiet --json env check", "--quiet --json env diff"]


async def test_rows_of_env_are_there_before_doppler_has_answered(opened: Opened, env: EnvStandIn) -> None:
    env.waits("diff")
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        await app.open_pane(next(tab for tab in TABS if tab.id == "environment"))
        pane = cast(EnvironmentPane, app.pane)
        await until(pilot, lambda: pane.names.row_count == 8)
        assert rows(pane)["STRIPE_SECRET"] == [MASK, "", ""]
        assert title(pane).startswith("comparing …")
        env.waits("diff", waits=False)
        await until(pilot, lambda: pane.keeper.compared)
        await settled(pilot)
        assert rows(pane)["STRIPE_SECRET"] == [MASK, "Doppler", "changed"]
        assert "comparing" not in title(pane)
        assert pane.names.key == "STRIPE_SECRET"  # who stood at the top sees what needs a look


async def test_a_project_without_doppler_shows_what_is_here_and_says_how_to_connect(
    opened: Opened, env: EnvStandIn
) -> None:
    env.says_difference(LOCAL)
    async with opened() as pilot:
        pane = await environment(pilot)
        assert rows(pane)["MAIL_FROM_ADDRESS"] == ["", "not here yet", "missing"]
        assert rows(pane)["LOCAL_ONE"] == [MASK, "local", ""]
        assert title(pane) == "local   9 names by drift   1 missing   m 2 unset"
        assert note(pane) == CONNECT
        assert not pane.query_one("#environment-note").has_class("problem")
        for key in ("p", "P"):
            await press(pilot, key)
            assert notified(pilot)[-1] == CONNECT
        assert not any("pull" in one or "push" in one for one in env.asked)


async def test_a_failure_is_one_line_and_the_rows_stay(opened: Opened, env: EnvStandIn) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        env.fails("diff", "Doppler did not answer; .env stays as it is, pulled 3 hours ago", "is there a network?")
        before = rows(pane)
        await press(pilot, "r")
        said = "Doppler did not answer; .env stays as it is, pulled 3 hours ago (is there a network?)"
        assert note(pane) == said
        assert pane.query_one("#environment-note").has_class("problem")
        assert rows(pane) == before
        env.says_difference({**DIFF, "changed": []})
        await press(pilot, "f5")
        assert note(pane) == ""
        assert rows(pane)["STRIPE_SECRET"][2] == "same"
        assert cast(DevkitApp, pilot.app).command == "devkit env diff"


async def test_what_cannot_be_compared_at_all_shows_what_env_has(opened: Opened, env: EnvStandIn) -> None:
    env.fails("diff", "there is no Doppler token; there is no .env yet", "doppler login")
    async with opened() as pilot:
        pane = await environment(pilot)
        assert note(pane) == "there is no Doppler token; there is no .env yet (doppler login)"
        assert rows(pane)["STRIPE_SECRET"] == [MASK, "", ""]
        assert rows(pane)["MAIL_FROM_ADDRESS"] == ["", "not here yet", "missing"]
        await press(pilot, "p")
        assert not isinstance(pilot.app.screen, Question)
        env.program.unlink()
        await press(pilot, "r")
        assert note(pane) == "devkit cannot be run: No such file or directory"


async def test_a_save_of_env_is_seen_and_compared(opened: Opened, env: EnvStandIn, project: Project) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        await press(pilot, "j")
        env.waits("diff")
        project.paths.env.write_text(ENV.replace("PUSHER_KEY=same", "PUSHER_KEY=other") + "NEW_ONE=1\n")
        await until(pilot, lambda: "NEW_ONE" in rows(pane))
        assert rows(pane)["PUSHER_KEY"] == [MASK, "local", "edited since"]
        assert rows(pane)["NEW_ONE"] == [MASK, "local", "edited since"]
        assert pane.names.key == "SENTRY_DSN"
        env.says_difference({**DIFF, "changed": ["PUSHER_KEY"], "local_only": ["NEW_ONE"]})
        env.waits("diff", waits=False)
        await until(pilot, lambda: pane.keeper.compared)
        await settled(pilot)
        assert rows(pane)["PUSHER_KEY"] == [MASK, "Doppler", "changed"]
        assert rows(pane)["NEW_ONE"] == [MASK, "local", "local only"]


async def test_a_file_that_cannot_be_read_is_said_and_what_was_known_stays(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        project.paths.env.write_text("STRIPE_SECRET='sk_of_nobody\n")
        await until(pilot, lambda: ".env cannot be read: line 1" in note(pane))
        await settled(pilot)
        assert "sk_of_nobody" not in note(pane)
        assert len(rows(pane)) == 10
        project.paths.env.unlink()
        await until(pilot, lambda: len(rows(pane)) < 10)
        await settled(pilot)
        assert note(pane) == "there is no .env yet: devkit up makes it"


async def test_nothing_is_asked_while_another_tab_is_seen_nor_again_without_need(
    opened: Opened, env: EnvStandIn, project: Project
) -> None:
    async with opened() as pilot:
        assert env.asked == []
        pane = await environment(pilot)
        await press(pilot, "left_square_bracket")
        assert not any(worker.node is pane and worker.is_running for worker in pilot.app.workers)
        await press(pilot, "right_square_bracket")
        await settled(pilot)
        assert len(env.asked) == 2
        await press(pilot, "left_square_bracket")
        project.paths.env.write_text("ONLY=1\n")
        await environment(pilot)
        await until(pilot, lambda: "ONLY" in rows(pane))
        await until(pilot, lambda: pane.keeper.compared)
        assert len(env.asked) == 4


async def test_names_that_are_read_without_a_default_are_shown_when_asked_for(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        assert "SLACK_BOT" not in rows(pane)
        await press(pilot, "m")
        assert rows(pane)["SLACK_BOT"] == ["", "not here yet", "not set"]
        assert "unset" not in title(pane)
        assert cast(DevkitApp, pilot.app).command == "devkit env check"
        await press(pilot, "m")
        assert "SLACK_BOT" not in rows(pane)


async def test_names_are_filtered_and_ordered(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        await press(pilot, "N")
        assert list(rows(pane)) == sorted(rows(pane))
        assert "by name" in title(pane)
        await press(pilot, "D")
        assert next(iter(rows(pane))) == "STRIPE_SECRET"
        await press(pilot, "slash", *"key")
        assert list(rows(pane)) == ["SIGNING_KEY", "PUSHER_KEY"]
        assert "with “key”" in title(pane)
        await press(pilot, "enter")
        assert pane.names.has_focus
        await press(pilot, "slash", "home", "exclamation_mark", "escape")
        assert "SIGNING_KEY" not in rows(pane) and "APP_NAME" in rows(pane)
        await press(pilot, "escape")
        assert len(rows(pane)) == 10


async def test_what_is_known_of_a_name_is_read_below_and_in_a_screen_of_its_own(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await environment(pilot)
        assert detail(pane).splitlines()[2].startswith("Doppler has another value: p pulls it")
        assert MASK in detail(pane)
        await press(pilot, "slash", *"mail_from", "enter")
        assert detail(pane).endswith("read by config/mail.php:112")
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, TextDetail)
        assert "config/mail.php:112" in screen.text.plain
        await press(pilot, "y")
        assert pilot.app.clipboard == "MAIL_FROM_ADDRESS"


async def test_a_pull_shows_names_first_then_runs_and_all_is_compared_anew(
    opened: Opened, env: EnvStandIn, project: Project
) -> None:
    env.writes("pull", ENV.replace("sk_of_dev", "sk_of_doppler"))
    async with opened() as pilot:
        pane = await environment(pilot)
        screen = await question(pilot, "p")
        said = asked(screen)
        assert said[0] == "Pull from shop/dev into .env? 1 added, 1 changed, 1 removed"
        assert said[1] == "devkit env pull"
        assert screen.query_one(TextLines).plain.splitlines() == [
            "+ SENTRY_DSN",
            "~ STRIPE_SECRET",
            "- OLD_TOKEN",
            "= DB_PASSWORD   stays: this machine's stack sets it",
            "? SIGNING_KEY   stays: this token may not read it",
        ]
        await press(pilot, "n")
        assert "env pull" not in env.asked
        await question(pilot, "p")
        env.says_difference({**DIFF, "added": [], "changed": [], "removed": []})
        await press(pilot, "y")
        await until(pilot, lambda: pane.keeper.compared)
        await settled(pilot)
        assert "--yes env pull" in env.lines
        assert cast(DevkitApp, pilot.app).command == "devkit env pull"
        assert status(pilot) == "ok .env from shop/dev: 1 changed"
        assert notified(pilot) == ["pulled from shop/dev: 1 added, 1 changed, 1 removed"]
        assert rows(pane)["STRIPE_SECRET"] == [MASK, "Doppler", "same"]
        assert pane.keeper.local.values["STRIPE_SECRET"] == "sk_of_doppler"
        await press(pilot, "p")
        assert notified(pilot)[-1] == ".env has what shop/dev has"


async def test_names_that_cannot_be_checked_are_no_reason_not_to_pull(opened: Opened, env: EnvStandIn) -> None:
    env.fails("check", "config/app.php cannot be read")
    async with opened() as pilot:
        pane = await environment(pilot)
        assert note(pane) == "config/app.php cannot be read"
        await question(pilot, "p")


async def test_a_pull_that_fails_says_why_and_leaves_the_rows(opened: Opened, env: EnvStandIn) -> None:
    env.says("pull", "devkit: Doppler refuses the token", status=1)
    async with opened() as pilot:
        pane = await environment(pilot)
        before = rows(pane)
        await question(pilot, "p")
        await press(pilot, "y")
        assert status(pilot) == "devkit env pull: Doppler refuses the token"
        assert pilot.app.query_one("#status").has_class("problem")
        assert notified(pilot) == []
        assert rows(pane) == before


async def test_only_one_pull_runs_at_a_time_and_its_lines_say_no_value(opened: Opened, env: EnvStandIn) -> None:
    env.says("pull", "hook: \x1b[31mkey is sk_of_dev\x1b[0m")
    async with opened() as pilot:
        pane = await environment(pilot)
        await question(pilot, "p")
        env.waits("pull")
        await pilot.press("y")
        await until(pilot, lambda: "env pull" in env.asked)
        await pilot.press("p")
        await pilot.pause()
        assert notified(pilot) == ["another pull or push is under way"]
        env.waits("pull", waits=False)
        await until(pilot, lambda: "hook" in status(pilot))
        await until(pilot, lambda: pane.keeper.compared)
        assert status(pilot) == "hook: key is ***STRIPE_SECRET***"


async def test_a_value_is_given_to_doppler_after_a_question(opened: Opened, env: EnvStandIn) -> None:
    async with opened() as pilot:
        await environment(pilot)
        screen = await question(pilot, "P")
        assert asked(screen)[:2] == [
            "Give .env's value of STRIPE_SECRET to shop/dev at Doppler? The value there is overwritten.",
            "devkit env push STRIPE_SECRET",
        ]
        await press(pilot, "y")
        await settled(pilot)
        assert "--yes env push STRIPE_SECRET" in env.lines
        assert notified(pilot) == ["shop/dev has .env's value of STRIPE_SECRET"]
        await press(pilot, "j", "P")
        assert notified(pilot)[-1] == ".env has no SENTRY_DSN"
        await press(pilot, "G", "P")
        assert notified(pilot)[-1] == "shop/dev has the same value"


async def test_env_is_opened_in_the_editor_at_the_line_of_the_name(
    opened: Opened, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[list[str]] = []
    monkeypatch.setenv("EDITOR", "vim")
    monkeypatch.delenv("VISUAL", raising=False)
    async with opened() as pilot:
        await environment(pilot)
        monkeypatch.setattr(pilot.app, "hand_over", lambda command, plain: handed.append([*command, plain]))
        await press(pilot, "e")
        assert handed.pop()[:3] == ["vim", "+2", str(project.paths.env)]
        await press(pilot, "j", "e")  # .env has no SENTRY_DSN
        assert handed.pop()[:2] == ["vim", str(project.paths.env)]


async def test_the_command_ends_with_the_tab_that_asked(opened: Opened, env: EnvStandIn) -> None:
    env.waits("diff")
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        await app.open_pane(next(tab for tab in TABS if tab.id == "environment"))
        pane = cast(EnvironmentPane, app.pane)
        await until(pilot, lambda: "env diff" in env.asked)
        await app.open_pane(TABS[0])
        await until(pilot, lambda: not any(worker.node is pane and worker.is_running for worker in app.workers))
        assert not pane.keeper.compared
        env.waits("diff", waits=False)
        await environment(pilot)
        assert rows(pane)["STRIPE_SECRET"] == [MASK, "Doppler", "changed"]


async def test_the_app_can_be_left_while_doppler_is_asked(opened: Opened, env: EnvStandIn) -> None:
    env.waits("diff")
    async with opened() as pilot:
        await cast(DevkitApp, pilot.app).open_pane(next(tab for tab in TABS if tab.id == "environment"))
        await until(pilot, lambda: "env diff" in env.asked)
        asking = [worker for worker in pilot.app.workers if worker.group == "environment"]
    assert [worker.state for worker in asking] == [WorkerState.CANCELLED]


async def test_a_narrow_terminal_has_what_matters(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        pane = await environment(pilot)
        for width, columns in ((80, ["name", "value", "drift"]), (140, ["name", "value", "source", "drift"])):
            await pilot.resize_terminal(width, 24)
            await settled(pilot)
            assert [column.title for column in pane.names.columns_shown] == columns
            assert len(rows(pane)) == 10
            assert rows(pane)["SENTRY_DSN"][-1] == ("new" if width == 80 else "new in Doppler")
