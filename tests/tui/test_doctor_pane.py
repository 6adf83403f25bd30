"""The doctor's tab, on a project without an engine: what `devkit doctor` finds there, shown and put right."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.doctor import DoctorPane
from devkit.tui.screens.check_detail import CheckDetail
from devkit.tui.screens.question import Question
from devkit.tui.widgets.choices import Choices
from devkit.tui.widgets.tab_bar import TabBar

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def nothing_answers(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two problems: no engine, and an empty APP_KEY, which the doctor can put right."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    project.paths.env.write_text("APP_KEY=\n")


async def open_tab(pilot: Pilot[None], id: str) -> None:
    await cast(DevkitApp, pilot.app).open_pane(next(tab for tab in TABS if tab.id == id))


async def doctor(pilot: Pilot[None]) -> DoctorPane:
    """The tab, once everything is checked."""
    await open_tab(pilot, "doctor")
    await settled(pilot)
    return pilot.app.query_one(DoctorPane)


def rows(pane: DoctorPane) -> list[str]:
    return [str(option.prompt) for option in pane.query_one(Choices).options]


def summary(pane: DoctorPane) -> str:
    return str(pane.query_one("#found", Static).render())


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_nothing_is_checked_before_it_is_seen_then_problems_come_first(opened: Opened) -> None:
    async with opened() as pilot:
        assert not pilot.app.query(DoctorPane)
        pane = await doctor(pilot)
        shown = rows(pane)
        assert shown[0].startswith("✗ Docker answers: ")
        assert any(row.startswith("✗ APP_KEY: APP_KEY in .env is empty\n    devkit doctor --fix") for row in shown)
        marks = [row[0] for row in shown]
        assert marks == sorted(marks, key="✗!✓–".index)  # noqa: RUF001
        problems = marks.count("✗")
        assert f"{problems} problems" in summary(pane)
        assert f" Doctor {problems} " in str(pilot.app.query_one(TabBar).render())


async def test_a_problem_is_put_right_after_a_question_and_all_is_checked_again(
    opened: Opened, project: Project
) -> None:
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        pane = await doctor(pilot)
        choices = pane.query_one(Choices)
        choices.highlighted = choices.get_option_index("app_key")
        await press(pilot, "f")
        assert isinstance(app.screen, Question)
        said = [str(label.render()) for label in app.screen.query("Label")]
        assert said[0] == "APP_KEY: APP_KEY in .env is empty.\ndevkit doctor --fix makes one?"
        assert said[1] == "devkit doctor --fix app_key"
        await press(pilot, "n")
        await settled(pilot)
        assert project.paths.env.read_text() == "APP_KEY=\n"
        await press(pilot, "f", "y")
        await settled(pilot)
        await settled(pilot)
        assert project.paths.env.read_text().startswith("APP_KEY=base64:")
        assert app.command == "devkit doctor --fix app_key"
        assert pane.checks["app_key"].status == "ok"
        assert "secret" not in " ".join(rows(pane))


async def test_what_cannot_be_put_right_is_the_persons_to_do(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await doctor(pilot)
        await press(pilot, "f")
        await settled(pilot)
        fix = pane.checks["docker"].fix
        assert [one.message for one in pilot.app._notifications][-1] == f"this is yours to do: {fix}"
        await press(pilot, "G", "f")
        await settled(pilot)
        assert [one.message for one in pilot.app._notifications][-1] == "there is nothing to put right"


@pytest.mark.parametrize("key", ["r", "f5"])
async def test_it_checks_again_when_asked(opened: Opened, project: Project, key: str) -> None:
    async with opened() as pilot:
        pane = await doctor(pilot)
        project.paths.env.unlink()
        await press(pilot, key)
        await settled(pilot)
        assert pane.checks["env"].why == ".env is missing"


@pytest.mark.parametrize("key", ["y", "c"])
async def test_the_report_is_copied(opened: Opened, key: str) -> None:
    async with opened() as pilot:
        await doctor(pilot)
        await press(pilot, key)
        assert pilot.app.clipboard.startswith("✗ Docker answers: ")
        assert "\n✗ APP_KEY: APP_KEY in .env is empty\n    devkit doctor --fix makes one\n" in pilot.app.clipboard


@pytest.mark.parametrize("close", ["escape", "q", "enter"])
async def test_a_check_is_shown_whole_and_copied(opened: Opened, close: str) -> None:
    async with opened(80, 24) as pilot:
        pane = await doctor(pilot)
        choices = pane.query_one(Choices)
        choices.highlighted = choices.get_option_index("app_key")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CheckDetail)
        text = str(pilot.app.screen.query_one(Static).render())
        assert "What to do: devkit doctor --fix makes one" in text
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("✗ APP_KEY: ")
        await press(pilot, close)
        assert not isinstance(pilot.app.screen, CheckDetail)


async def test_a_click_chooses_a_check_and_another_opens_it(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await doctor(pilot)
        await pilot.click("#checks", offset=(4, 0))
        await pilot.pause()
        assert isinstance(pilot.app.screen, CheckDetail)
        await pilot.click(offset=(1, 1))
        await pilot.pause()
        assert not isinstance(pilot.app.screen, CheckDetail)
        assert pane.query_one(Choices).highlighted == 0


async def test_checks_end_when_another_tab_is_seen_and_begin_anew(opened: Opened) -> None:
    async with opened() as pilot:
        await open_tab(pilot, "doctor")
        await open_tab(pilot, "logs")
        await settled(pilot)
        pane = pilot.app.query_one(DoctorPane)
        assert not pane.checks
        await doctor(pilot)
        assert "docker" in pane.checks


async def test_a_doctor_that_fails_is_said(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        project.paths.root.rename(project.paths.root.with_name("moved"))
        pane = await doctor(pilot)
        assert "cannot be run" in summary(pane) or "no such directory" in summary(pane)
