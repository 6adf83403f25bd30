"""The lines at the right, driven by keys."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Input, Static

from devkit.logs.stored import stored
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.screens.detail import Detail, detail_text
from devkit.tui.widgets.log_view import UPDATE_SECONDS, LogView

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def app_of(pilot: Pilot[None]) -> DevkitApp:
    return cast(DevkitApp, pilot.app)


def lines_of(pilot: Pilot[None]) -> LogView:
    return app_of(pilot).logs.lines


def shown(pilot: Pilot[None]) -> list[str]:
    logs = lines_of(pilot)
    return ["".join(segment.text for segment in logs.render_line(y)).rstrip() for y in range(logs.size.height)]


async def press(pilot: Pilot[None], *keys: str) -> list[str]:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return shown(pilot)


def under_cursor(pilot: Pilot[None]) -> str:
    entry = lines_of(pilot).entry
    assert entry is not None
    return entry.line.text.decode(errors="replace")


async def test_the_newest_line_is_at_the_bottom_and_harmless(opened: Opened) -> None:
    async with opened() as pilot:
        lines = shown(pilot)
        assert lines[-1].endswith("red [brackets] \ufffd end")
        assert "200 GET /orders/118 12.3 ms" in lines[-3]
        assert lines_of(pilot).follow


async def test_moving_up_stays_there_and_end_follows_again(opened: Opened) -> None:
    async with opened(120, 12) as pilot:
        before = await press(pilot, "tab")
        await press(pilot, "up")
        assert not lines_of(pilot).follow
        assert under_cursor(pilot).startswith('{"level"')
        above = await press(pilot, *["k"] * 12)
        assert above != before
        down = await press(pilot, *["j"] * 13)
        assert down == before
        await press(pilot, "G")
        assert lines_of(pilot).follow


async def test_pages_and_both_ends(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "tab", "g")
        assert "/orders/0 " in shown(pilot)[0] or "Background" in shown(pilot)[0]
        first = shown(pilot)
        second = await press(pilot, "pagedown")
        assert second[-1] not in first
        back = await press(pilot, "pageup")
        assert back[0] in first
        await press(pilot, "end")
        assert shown(pilot)[-1].endswith("end")


async def test_a_text_is_found_upwards_counted_and_found_again(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "slash", *"orders/7", "enter")
        assert "/orders/79" in under_cursor(pilot)
        await press(pilot, "n")
        assert "/orders/78" in under_cursor(pilot)
        await press(pilot, "N")
        assert "/orders/79" in under_cursor(pilot)
        title = str(app_of(pilot).query_one("#title").render())
        assert "/orders/7 11 lines" in title
        await press(pilot, "slash", *["backspace"] * 20, *"nothing like it", "enter")
        assert "/nothing like it 0 lines no further place" in str(app_of(pilot).query_one("#title").render())


async def test_a_filter_leaves_only_lines_with_it_or_without(opened: Opened) -> None:
    async with opened() as pilot:
        lines = await press(pilot, "F", *"Background", "enter")
        assert [line for line in lines if line and "Background" not in line] == []
        assert len([line for line in lines if line]) == 12
        lines = await press(pilot, "F", *["backspace"] * 20, *"!orders", "enter")
        assert not any("orders" in line for line in lines)
        lines = await press(pilot, "escape")
        assert any("orders" in line for line in lines)


async def test_levels_are_gone_through(opened: Opened) -> None:
    async with opened() as pilot:
        lines = await press(pilot, "L", "L", "L")
        kept = [line for line in lines if line]
        assert len(kept) == 4
        assert sum(" 500 GET" in line for line in kept) == 3
        assert any("ERROR Oops" in line for line in kept)


async def test_frames_of_packages_are_folded_until_v(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "slash", *"stacktrace", "enter")
        lines = shown(pilot)
        assert any("… 2 frames of packages" in line for line in lines)
        assert any("#2 /app/app/Http/C.php(12)" in line for line in lines)
        lines = await press(pilot, "v")
        assert any("#1 /app/vendor/laravel" in line for line in lines)


async def test_long_traces_that_come_one_after_the_other_leave_no_part_of_the_screen_empty(opened: Opened) -> None:
    trace = [b"[2026-02-01 00:00:00] local.ERROR: Oops", b"[stacktrace]"]
    trace += [b"#%d /app/vendor/laravel/framework/src/a.php(4): a()" % number for number in range(60)]
    async with opened(120, 30) as pilot:
        store = app_of(pilot).session.store
        for second in range(4):
            time = b"2026-02-01T00:00:0%d.000000000Z" % second
            for text in trace:
                store.write(store.source("laravel.log"), stored("f", time, text))
            app_of(pilot)._lines_came()
            await pilot.pause(2 * UPDATE_SECONDS)
            await settled(pilot)
        assert all(shown(pilot))


async def test_lines_are_shown_in_other_ways(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        lines = await press(pilot, "p")
        assert any('{"level":"info"' in line for line in lines)
        wrapped = await press(pilot, "w")
        assert any('"status":200}' in line for line in wrapped)
        without = await press(pilot, "t")
        assert not any("10:01:5" in line for line in without)


async def test_a_line_is_shown_whole_and_copied(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "slash", *"Oops", "enter", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, Detail)
        text = detail_text(screen.entry, screen.trace).plain
        assert "RuntimeException" in text
        assert "… 2 frames of packages\napp/Http/C.php:12 c()" in text
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("[2026-01-31 10:00:41] local.ERROR: Oops")
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, Detail)


@pytest.mark.parametrize("key", ["ctrl+s", "S"])
async def test_what_is_shown_is_saved(opened: Opened, project: Project, key: str) -> None:
    async with opened() as pilot:
        await press(pilot, "F", *"Background", "enter", key)
    (file,) = (project.paths.state / "saved").iterdir()
    assert len(file.read_bytes().splitlines()) == 12
    assert b" redis 1:M * Background saving started" in file.read_bytes()


async def test_clear_shows_what_comes_from_now_on_and_deletes_nothing(opened: Opened) -> None:
    async with opened() as pilot:
        lines = await press(pilot, "C")
        assert not any(lines)
        lines = await press(pilot, "a", "tab", "escape", "g")
        await press(pilot, "F", *"x", "escape")
        assert any(shown(pilot))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("2026-01-31T10:01:00Z..2026-01-31T10:01:30Z", "GET /orders/60", "GET /orders/89"),
        ("..2026-01-31T10:00:05Z", "GET /orders/0", "GET /orders/4"),
        ("2026-01-31T10:01:50Z", "GET /orders/110", "[brackets]"),
    ],
)
async def test_only_the_lines_of_a_time_are_shown_and_searched(
    opened: Opened, asked: str, first: str, last: str
) -> None:
    async with opened(height=50) as pilot:
        app_of(pilot).logs.ask("time")
        pilot.app.query_one("#prompt", Input).value = asked
        lines = [line for line in await press(pilot, "enter") if "redis" not in line and line]
        assert first in lines[0] and last in lines[-1]
        assert any(first in line for line in await press(pilot, "tab", "g"))
        await press(pilot, "slash", *"orders", "enter")
        counted = sum("orders" in line for line in lines)
        assert f"/orders {counted} lines" in str(pilot.app.query_one("#title", Static).render())
        lines = await press(pilot, "escape", "g")
        assert "GET /orders/0 " in lines[1] + lines[0]


async def test_what_is_no_time_is_said_and_changes_nothing(opened: Opened) -> None:
    async with opened() as pilot:
        before = shown(pilot)
        assert await press(pilot, "T", *"soon", "enter") == before
        assert "'soon' is no time" in notified(pilot)


async def test_a_mark_stands_out_until_it_is_taken_away(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "tab", "up", "up")
        plain = lines_of(pilot).render_line(lines_of(pilot).cursor or 0)
        await press(pilot, "m")
        assert lines_of(pilot).render_line(lines_of(pilot).cursor or 0) != plain
        await press(pilot, "m")
        assert lines_of(pilot).render_line(lines_of(pilot).cursor or 0) == plain


async def test_a_source_that_is_new_while_another_tab_is_seen_is_shown_afterwards(opened: Opened) -> None:
    async with opened() as pilot:
        app = app_of(pilot)
        await app.open_pane(TABS[1])
        await settled(pilot)
        line = stored("o", b"2026-02-01T00:00:00.000000000Z", b"new")
        app.session.store.write(app.session.store.source("queue-1"), line)
        app._lines_came()
        await pilot.pause(2 * UPDATE_SECONDS)
        await app.open_pane(TABS[0])
        await settled(pilot)
        assert shown(pilot)[-1].split()[1:] == ["queue", "new"]


async def test_one_service_or_all(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "down", "down")
        assert app_of(pilot).logs.choice.service == "redis"
        lines = [line for line in shown(pilot) if line]
        assert len(lines) == 12 and all("redis" in line for line in lines)
        await press(pilot, "up")
        assert any("laravel.log" in line for line in await press(pilot, "slash", *"stacktrace", "enter"))
        lines = await press(pilot, "a")
        assert app_of(pilot).logs.choice.service is None


async def test_the_file_that_a_trace_names_is_opened_in_the_editor(
    opened: Opened, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.paths.root / "app").mkdir()
    (project.paths.root / "app" / "A.php").touch()
    editor = tmp_path / "code"
    editor.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    async with opened() as pilot:
        await press(pilot, "slash", *"Oops", "enter", "e")
        assert (tmp_path / "asked").read_text() == f"--goto {project.paths.root}/app/A.php:3\n"
        assert app_of(pilot).command.endswith("app/A.php:3")


async def test_a_place_that_is_not_here_and_a_line_without_one_are_said(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "slash", *"Oops", "enter", "e")
        assert "app/A.php:3 is not on this machine" in notified(pilot)
        await press(pilot, "slash", *"Background", "enter", "e")
        assert "no file with a line number" in notified(pilot)


def notified(pilot: Pilot[None]) -> str:
    return " ".join(one.message for one in pilot.app._notifications)


def test_the_store_is_given_back(project: Project, tmp_path: Path) -> None:
    from devkit.logs.store import LogStore

    store = LogStore(project.paths.state / "logs")
    assert [source.name for source in store.sources] == ["app-1", "laravel.log", "redis-1"]
    store.close()
