"""The project's directory under the open app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from opened_app import Opened, settled

from devkit.setup.project import Project
from devkit.tui import directory_watch
from devkit.tui.widgets.log_view import LogView

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory_watch, "LOOK_SECONDS", 0.01)


async def test_a_directory_that_goes_is_told_and_that_it_is_back_too(tmp_path: Path) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    root, elsewhere = tmp_path / "shop", tmp_path / "store"
    root.mkdir()
    watching = asyncio.create_task(directory_watch.watch_directory(root, said.put_nowait))
    try:
        await asyncio.sleep(0)
        root.rename(elsewhere)
        assert "has been moved or deleted" in await asyncio.wait_for(said.get(), 10)
        root.mkdir()
        assert "is another directory" in await asyncio.wait_for(said.get(), 10)
        root.rmdir()
        assert "has been moved or deleted" in await asyncio.wait_for(said.get(), 10)
        elsewhere.rename(root)
        assert await asyncio.wait_for(said.get(), 10) == ""
    finally:
        watching.cancel()


async def test_a_file_that_is_written_made_or_taken_away_is_told(tmp_path: Path) -> None:
    told: asyncio.Queue[bool] = asyncio.Queue()
    env = tmp_path / ".env"
    watching = asyncio.create_task(directory_watch.watch_file(env, lambda: told.put_nowait(env.exists())))
    try:
        assert await asyncio.wait_for(told.get(), 10) is False
        env.write_text("A=1\n")
        assert await asyncio.wait_for(told.get(), 10) is True
        await asyncio.sleep(0.05)
        while not told.empty():  # it was seen between its making and its writing
            told.get_nowait()
        other = tmp_path / "other"
        other.write_text("A=2\n")
        other.rename(env)
        assert await asyncio.wait_for(told.get(), 10) is True
        env.unlink()
        assert await asyncio.wait_for(told.get(), 10) is False
        assert told.empty()
    finally:
        watching.cancel()


async def test_the_app_says_it_and_keeps_its_lines_readable(opened: Opened, project: Project) -> None:
    async with opened() as pilot:

        async def status_that(holds: Callable[[str], bool]) -> str:
            async with asyncio.timeout(20):
                while not holds(said := str(pilot.app.query_one("#status").render())):
                    await pilot.pause(0.01)
            return said

        elsewhere = project.paths.root.with_name("elsewhere")
        project.paths.root.rename(elsewhere)
        assert str(project.paths.root) in await status_that(lambda said: "has been moved" in said)
        await pilot.press("tab", "g")
        await settled(pilot)
        lines = pilot.app.query_one("#lines", LogView)
        assert any("GET /orders/0" in lines.render_line(y).text for y in range(lines.size.height))
        elsewhere.rename(project.paths.root)
        assert "has been moved" not in await status_that(lambda said: "has been moved" not in said)
