"""The Build tab, driven by keys. A program stands in for `devkit build`; a real one is in tests/engine."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from build_stand_in import DOCKERFILE, DONE, MADE, MAKE, PLAIN, BuildStandIn, failed, running, stand_in, started
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.delivery.build_lines import BuildFailed, event_to_json
from devkit.delivery.build_progress import BuildEnded, Preparing
from devkit.delivery.history import build_history
from devkit.engine.build_events import StepOutput, StepStarted
from devkit.project.paths import machine_paths
from devkit.setup.project import Project
from devkit.setup.rebuild_offer import remember_taken_up
from devkit.tui.app import DevkitApp
from devkit.tui.pane import BUILD, TABS
from devkit.tui.panes.build import FIGURES, HISTORY_VIEW, LAYERS_VIEW, STEPS, BuildPane
from devkit.tui.screens.menu import Menu
from devkit.tui.shown_build import Phase
from devkit.tui.widgets.tab_bar import TabBar

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

Builds = Callable[..., AbstractAsyncContextManager[tuple[Pilot[None], BuildPane]]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def command(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildStandIn:
    """It builds, and its last step waits for a word."""
    (project.paths.root / "Dockerfile").write_text(DOCKERFILE)
    made = stand_in(tmp_path / "program", monkeypatch)
    made.tells(running(project.paths.root), DONE)
    return made


@pytest.fixture
def builds(opened: Opened, command: BuildStandIn) -> Builds:
    """The app with its builds open, on a terminal of a size."""

    @asynccontextmanager
    async def open_builds(width: int = 140, height: int = 45) -> AsyncIterator[tuple[Pilot[None], BuildPane]]:
        async with opened(width, height) as pilot:
            app = cast(DevkitApp, pilot.app)
            await app.open_pane(next(tab for tab in TABS if tab.id == BUILD))
            await settled(pilot)
            yield pilot, app.query_one(BuildPane)

    return open_builds


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    """A child tells in its own time: what it told is looked for on the screen."""
    for _ in range(3000):
        if met():
            return
        await pilot.pause(0.01)
    assert met()


def over(pane: BuildPane) -> bool:
    return not pane.runner.runs and pane.build is not None and pane.build.phase.is_over


def rows(pane: BuildPane) -> list[str]:
    """The steps as they stand on the screen."""
    table = pane.steps.table
    cells = [" ".join(map(str, table.get_row_at(at))) for at in range(table.row_count)]
    return [" ".join(row.split()) for row in cells]


def text(pane: BuildPane, id: str) -> str:
    return str(pane.query_one(id, Static).content)


def tab_row(pilot: Pilot[None]) -> str:
    return str(pilot.app.query_one("#tabs", TabBar).content)


async def test_b_builds_what_compose_names_and_each_step_is_shown_as_it_runs(
    builds: Builds, command: BuildStandIn
) -> None:
    command.waits()
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: "compiling" in pane.steps.output.text())
        shown = rows(pane)
        assert shown[:5] == [
            "base-runtime 2 of 2 cached 0.0 s",
            "= 2 RUN install-php-extensions intl cached",
            "= 3 WORKDIR /app cached",
            *shown[3:4],
            "✓ 1 COPY docker/entrypoint /usr/local/bin/ 0.2 s",
        ]
        assert shown[5].startswith("◐ 2 RUN make all")
        assert pane.steps.step is not None and pane.steps.step.name == MAKE.name  # the cursor goes with what runs
        assert "3 of 4 steps, 2 cached" in text(pane, "#build-title")
        assert "Build 3/4" in tab_row(pilot)
        assert cast(DevkitApp, pilot.app).command == " ".join(PLAIN)
        command.waits(waits=False)
        await until(pilot, lambda: over(pane))
        await settled(pilot)
        assert "2 of 4 steps cached, 3.1 s; 93 % of 40.9 s saved" in text(pane, "#build-title")
        assert "docker/entrypoint changed" in rows(pane)[4]
        assert "Build 3/4" not in tab_row(pilot) and "Build ✗" not in tab_row(pilot)
    assert command.asked == ["build --lines"]


async def test_what_a_step_writes_is_harmless(builds: Builds, command: BuildStandIn) -> None:
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: over(pane))
        pane.steps.table.move_to(("development", 2))
        await settled(pilot)
        assert pane.steps.output.text() == "compiling [brackets]"


async def test_the_stage_is_chosen_among_those_of_the_dockerfile_and_stays(
    builds: Builds, command: BuildStandIn
) -> None:
    async with builds() as (pilot, pane):
        await pilot.press("S")
        await until(pilot, lambda: isinstance(pilot.app.screen, Menu))
        menu = cast(Menu, pilot.app.screen)
        assert [(one.key, one.title, one.plain) for one in menu.choices] == [
            ("0", "what compose.yaml names", "devkit build"),
            ("1", "base-runtime", "devkit build base-runtime"),
            ("2", "dependencies", "devkit build dependencies"),
            ("3", "development", "devkit build development"),
        ]
        await pilot.press("2")
        await until(pilot, lambda: over(pane))
        await pilot.press("n")
        await until(pilot, lambda: len(command.asked) == 2 and over(pane))
    assert command.asked == ["build dependencies --lines", "build dependencies --no-cache --lines"]


async def test_without_a_dockerfile_no_stage_can_be_chosen(builds: Builds, project: Project) -> None:
    (project.paths.root / "Dockerfile").unlink()
    async with builds() as (pilot, _pane):
        await pilot.press("S")
        await until(pilot, lambda: bool(pilot.app._notifications))
        assert "Dockerfile cannot be read" in "".join(one.message for one in pilot.app._notifications)


async def test_s_stops_a_build_and_its_process_is_gone(builds: Builds, command: BuildStandIn) -> None:
    command.waits()
    record = replace(MADE, status="cancelled", steps=MADE.steps[:3])
    command.says("stopped", json.dumps(event_to_json(BuildEnded(record))) + "\n")
    async with builds() as (pilot, pane):
        await pilot.press("s")
        assert "nothing is being built" in "".join(one.message for one in pilot.app._notifications)
        await pilot.press("b")
        await until(pilot, lambda: pane.build is not None and bool(pane.build.steps))
        await pilot.press("b")
        assert "a build is under way" in "".join(one.message for one in pilot.app._notifications)
        await pilot.press("s")
        await until(pilot, lambda: over(pane))
        assert pane.build is not None and pane.build.phase is Phase.CANCELLED
        await settled(pilot)
        assert rows(pane)[-1] == "■ 2 RUN make all stopped"
        assert "cancelled" in text(pane, "#build-title")
        status = cast(DevkitApp, pilot.app).status
        assert not status.has_class("problem") or "stopped" not in str(status.content)
    assert command.asked == ["build --lines", "stopped"]


async def test_leaving_the_app_ends_the_build(builds: Builds, command: BuildStandIn) -> None:
    command.waits()
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: pane.build is not None and bool(pane.build.steps))
    assert command.asked == ["build --lines", "stopped"]
    assert not pane.runner.runs


async def test_a_step_that_fails_is_gone_to_with_its_output_and_its_lines_of_the_dockerfile(
    builds: Builds, command: BuildStandIn, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.tells(running(project.paths.root), failed(), 1)
    monkeypatch.setenv("VISUAL", "vi")
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: over(pane))
        await until(pilot, lambda: pane.steps.place == ("development", 2))
        lines = pane.steps.output.text().splitlines()
        assert lines[1] == "make: *** No rule to make target 'all'.  Stop."
        assert lines[3] == "Dockerfile:11"
        assert lines[5:7] == ["  11 | >>> RUN --mount=type=cache,target=/c \\", "  12 | >>>     make all"]
        assert "exit code: 2" in text(pane, "#build-step")
        assert "Build ✗" in tab_row(pilot)
        assert "could not be built" in str(cast(DevkitApp, pilot.app).status.content)
        await pilot.press("y")
        assert "make: ***" in pilot.app.clipboard and "[development 2]" in pilot.app.clipboard
        (project.paths.root / "Dockerfile").write_text("# one line more\n" + DOCKERFILE)
        words: list[str] = []
        monkeypatch.setattr(pilot.app, "hand_over", lambda command, _plain: words.extend(command))
        await pilot.press("o")
        await until(pilot, lambda: bool(words))
        assert words == ["vi", "+12", str(project.paths.root / "Dockerfile")]


async def test_a_dockerfile_that_cannot_be_parsed_is_said_with_its_line(
    builds: Builds, command: BuildStandIn, project: Project
) -> None:
    said = "the stage development could not be built: failed to solve: dockerfile parse error on line 3: unknown"
    command.tells([started(project.paths.root)], [BuildFailed(said, "mend it", ("Dockerfile:3", "3 | >>> RUNN"))], 1)
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: over(pane))
        await settled(pilot)
        assert rows(pane)[0].startswith("✗ the stage development could not be built")
        assert "o opens line 3 of the Dockerfile" in text(pane, "#build-step")
        assert pane.steps.output.text() == "Dockerfile:3\n3 | >>> RUNN"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            '{"error": {"code": "engine", "message": "no engine here", "hint": "start it"}}\n',
            "no engine here (start it)",
        ),
        ("Traceback\n", "Traceback"),
        ("", "devkit build ended with status 3"),
    ],
    ids=["error", "words", "silence"],
)
async def test_what_ends_before_a_build_begins_says_why(
    builds: Builds, command: BuildStandIn, said: str, shown: str
) -> None:
    command.tells((), (), 3)
    command.says("begin", said)
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: over(pane))
        await settled(pilot)
        assert rows(pane) == [f"✗ {shown}"]
        assert cast(DevkitApp, pilot.app).status.has_class("problem")


async def test_preparations_are_shown_before_the_first_step(
    builds: Builds, command: BuildStandIn, project: Project
) -> None:
    command.tells([Preparing("frankenphp: pulling \x1b[2Jlayers")], [*running(project.paths.root), *DONE])
    command.waits()
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: pane.steps.table.row_count == 1 and "pulling" in rows(pane)[0])
        assert rows(pane) == ["◐ frankenphp: pulling layers"]
        command.waits(waits=False)
        await until(pilot, lambda: over(pane))


async def test_a_flood_of_output_is_taken_and_the_last_lines_are_kept(
    builds: Builds, command: BuildStandIn, project: Project
) -> None:
    flood = [StepOutput(MAKE, f"line {number} of a step that writes very much") for number in range(100_000)]
    command.tells([started(project.paths.root), StepStarted(MAKE), *flood], DONE)
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await pilot.press("2")  # keys are heard meanwhile
        assert pane.view == HISTORY_VIEW
        await pilot.press("1")
        await until(pilot, lambda: over(pane))
        assert pane.build is not None
        lines = pane.build.steps["development", 2].lines
        assert lines[-1] == b"line 99999 of a step that writes very much"
        assert len(lines) + lines.dropped == 100_000 and lines.dropped > 0


async def test_a_person_who_moves_the_cursor_is_left_alone(builds: Builds, command: BuildStandIn) -> None:
    command.waits()
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: pane.steps.place == ("development", 2))
        await pilot.press("g")
        await settled(pilot)
        command.waits(waits=False)
        await until(pilot, lambda: over(pane))
        await settled(pilot)
        assert pane.steps.place == ("base-runtime", -1)
        assert "2 of 2 steps cached" in text(pane, "#build-step")


async def test_enter_shows_what_the_step_wrote_alone_and_escape_leads_back(builds: Builds) -> None:
    async with builds(80, 24) as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: over(pane))
        await settled(pilot)
        await pilot.press("enter")
        assert pane.steps.output.has_focus and not pane.steps.table.display
        await pilot.press("escape")
        assert pane.steps.table.has_focus and pane.steps.table.display


async def test_builds_of_the_command_line_are_in_the_history_with_their_steps_and_reasons(builds: Builds) -> None:
    async with builds() as (pilot, pane):
        await pilot.press("2")
        await settled(pilot)
        assert pane.view == HISTORY_VIEW and pane.history.row_count == 0
        assert "no builds in this time" in text(pane, "#build-one")
        history = build_history(machine_paths())
        for number in range(3):
            began = time.time() - 3_600 * (3 - number)
            history.add(replace(MADE, id=f"{number}", started=began, seconds=number + 1.0))
        await until(pilot, lambda: pane.history.row_count == 3)
        await settled(pilot)
        assert pane.record is not None and pane.record.id == "2"  # the newest first
        assert "rebuilt [development 1] COPY docker/entrypoint" in text(pane, "#build-one")
        await pilot.press("j", "enter")
        await settled(pilot)
        assert pane.view == STEPS and pane.build is not None and pane.build.record is not None
        assert pane.build.record.id == "1"
        assert rows(pane)[4] == "✓ 1 COPY docker/entrypoint /usr/local/bin/ 0.2 s docker/entrypoint changed"
        await pilot.press("escape")
        assert pane.view == HISTORY_VIEW


async def test_figures_show_plots_and_advice_and_layers_their_cost(builds: Builds, command: BuildStandIn) -> None:
    command.advises({"id": "x", "text": "copy it \x1b[2Jlater", "file": "Dockerfile", "line": 6})
    async with builds() as (pilot, pane):
        build_history(machine_paths()).add(replace(MADE, started=time.time() - 60))
        await pilot.press("3")
        await until(pilot, lambda: "copy it later" in pane.figures.plain and "⣿" in pane.figures.plain)
        assert pane.view == FIGURES
        assert pane.figures.plain.startswith("shop: 1 build, from the cache 50 % of steps")
        assert "· Dockerfile:6 copy it later" in pane.figures.plain
        await pilot.press("4")
        await settled(pilot)
        assert pane.view == LAYERS_VIEW and pane.layer_table.row_count == 4
        await pilot.press("G")
        await settled(pilot)
        assert "0 of 1 builds had it from the cache" in text(pane, "#build-layer")
        await pilot.press("y")
        assert "RUN make all" in pilot.app.clipboard
        await pilot.press("v")
        assert pane.view == STEPS


async def test_a_history_that_cannot_be_read_says_what_to_do(builds: Builds) -> None:
    path = build_history(machine_paths()).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 5000)
    async with builds() as (pilot, pane):
        await pilot.press("2")
        await until(pilot, lambda: "begin a new one: mv" in text(pane, "#build-one"))


async def test_a_click_opens_a_view_and_the_wheel_does_not_leave_the_tab(builds: Builds) -> None:
    async with builds() as (pilot, pane):
        await pilot.click("#build-views", offset=(12, 0))
        await settled(pilot)
        assert pane.view == HISTORY_VIEW
        assert cast(DevkitApp, pilot.app).pane is pane


async def test_b_of_a_changed_dockerfile_leads_here_builds_and_then_makes_the_containers_anew(
    opened: Opened, project: Project, command: BuildStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_taken_up(project.paths)
    (project.paths.root / "Dockerfile").write_text("FROM other\n")
    async with opened() as pilot:
        app = cast(DevkitApp, pilot.app)
        taken: list[bool] = []
        monkeypatch.setattr(app.session.files, "rebuild", lambda: taken.append(True))
        await until(pilot, lambda: "B" in app.screen.active_bindings and app.session.files.offered == ("Dockerfile",))
        command.tells([started(project.paths.root)], [BuildFailed("it is broken")], 1)
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.pane, BuildPane) and over(app.pane))
        assert taken == []  # what failed is not taken up
        command.tells(running(project.paths.root), DONE)
        await pilot.press("B")
        await until(pilot, lambda: bool(taken))
        assert app.command == "devkit up"
    assert command.asked == ["build --lines"] * 2


async def test_what_is_built_goes_on_while_another_tab_is_seen(builds: Builds, command: BuildStandIn) -> None:
    command.waits()
    async with builds() as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: "Build 3/4" in tab_row(pilot))
        await cast(DevkitApp, pilot.app).open_pane(TABS[0])
        command.waits(waits=False)
        await until(pilot, lambda: over(pane) and "Build 3/4" not in tab_row(pilot))
