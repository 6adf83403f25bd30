"""The rows that stand on the screen before the app does: they are those that the app draws then."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pyte
import pytest
from opened_app import settled
from sample_services import service

from devkit.engine.live_services import Snapshot
from devkit.setup.project import Project
from devkit.tui import first_rows
from devkit.tui.app import DevkitApp
from devkit.tui.first_rows import ENTER, LEAVE, FirstRows, drawn

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

SERVICES = (
    service("app", health="healthy"),
    service("mysql", health="unhealthy"),
    service("queue", "exited", exit_code=3),
    service("redis", containers=2),
    service("a-service-with-a-long-name-that-is-cut"),
    service("mailpit", "missing"),
    service("selenium", profiles=("browser",)),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def screen_of(text: str, columns: int, lines: int) -> list[str]:
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display]


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (100, 30), (140, 45), (200, 50), (60, 5)])
async def test_they_stand_where_the_app_draws_them(
    project: Project, monkeypatch: pytest.MonkeyPatch, columns: int, lines: int
) -> None:
    monkeypatch.setattr(DevkitApp, "_watch", lambda _app: None)  # nothing else is heard of the services
    app = DevkitApp(project, first=Snapshot(SERVICES))
    async with app.run_test(size=(columns, lines)) as pilot:
        await pilot.pause()
        shown = [app.services.render_line(y).text.rstrip() for y in range(app.services.size.height)]
    rows = screen_of(drawn(Snapshot(SERVICES), columns, lines), columns, lines)
    seen = [line[1:] for line in rows if line]
    assert len(seen) >= min(len(shown), 2)
    assert seen[: len(shown)] == shown[: len(seen)]


async def test_the_first_frame_of_the_app_has_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DevkitApp, "_watch", lambda _app: None)
    frames: list[list[str]] = []

    display = DevkitApp._display

    def watched(app: DevkitApp, screen: Any, renderable: Any) -> None:
        display(app, screen, renderable)
        if renderable is not None and app.query("#services"):
            frames.append([app.services.render_line(y).text.strip() for y in range(app.services.size.height)])

    monkeypatch.setattr(DevkitApp, "_display", watched)
    async with DevkitApp(project, first=Snapshot(SERVICES)).run_test(size=(120, 30)) as pilot:
        await pilot.pause()
    assert frames
    assert all(any("mysql" in row for row in frame) for frame in frames if frame)


def test_nothing_is_shown_where_the_engine_does_not_answer(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with FirstRows(project) as rows:
        assert rows.snapshot is None
    assert capsys.readouterr().err == ""


def test_an_engine_that_does_not_answer_at_once_is_not_waited_for(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def forever(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(first_rows, "containers_of", forever)
    with FirstRows(project) as rows:
        assert rows.snapshot is None
    assert capsys.readouterr().err == ""


def test_an_error_before_the_app_is_there_gives_the_screen_back(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def found(*_: Any) -> Any:
        return [one for found in SERVICES for one in found.containers]

    monkeypatch.setattr(first_rows, "containers_of", found)
    with pytest.raises(KeyboardInterrupt), FirstRows(project) as rows:
        assert rows.snapshot is not None
        raise KeyboardInterrupt
    said = capsys.readouterr().err
    assert said.startswith(ENTER)
    assert "mysql" in said
    assert said.index(LEAVE) > said.index("mysql")


def test_they_need_nothing_of_textual() -> None:
    code = "import sys; import devkit.tui.first_rows; sys.exit(any(name.startswith('textual') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_service_that_is_chosen_before_the_logs_are_there_is_the_one_that_they_show(project: Project) -> None:
    app = DevkitApp(project, first=Snapshot(SERVICES))
    async with app.run_test(size=(120, 30)) as pilot:
        app.services.action_move(1)  # as the keys that were pressed while the app was made
        await settled(pilot)
        assert app.services.chosen is not None
        assert app.logs.choice.service == app.services.chosen.name
