"""What a program writes, on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from devkit.tui.kept_lines import KeptLines
from devkit.tui.widgets.output_view import OutputView

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield OutputView()


@asynccontextmanager
async def shown(*lines: bytes, most: int = 1000) -> AsyncIterator[tuple[Pilot[None], OutputView]]:
    async with Shown().run_test(size=(20, 10)) as pilot:
        view = pilot.app.query_one(OutputView)
        kept = KeptLines(most_lines=most)
        for line in lines:
            kept.append(line)
        view.show(kept)
        view.focus()
        await pilot.pause()
        yield pilot, view


def screen(view: OutputView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def numbers(first: int, last: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, last)]


def test_of_too_many_lines_the_first_are_dropped() -> None:
    kept = KeptLines(most_lines=3)
    for line in numbers(0, 5):
        kept.append(line)
    assert (list(kept), kept.dropped, len(kept), kept[0]) == ([b"2", b"3", b"4"], 2, 3, b"2")


def test_of_too_many_bytes_too_but_the_last_line_is_kept() -> None:
    kept = KeptLines(most_bytes=10)
    for line in (b"12345", b"67890", b"1", b"x" * 20):
        kept.append(line)
    assert (list(kept), kept.dropped) == ([b"x" * 20], 3)


async def test_the_end_is_followed_until_a_person_scrolls_up() -> None:
    async with shown(*numbers(0, 50)) as (pilot, view):
        assert screen(view)[-1] == "49"
        view.lines.append(b"50")
        view.changed()
        await pilot.pause(0.1)
        assert screen(view)[-1] == "50"
        await pilot.press("up")
        view.lines.append(b"51")
        view.changed()
        await pilot.pause(0.1)
        assert screen(view)[-1] == "49"
        await pilot.press("G")
        view.lines.append(b"52")
        view.changed()
        await pilot.pause(0.1)
        assert screen(view)[-1] == "52"


async def test_what_is_read_stays_where_it_is_while_old_lines_are_dropped() -> None:
    async with shown(*numbers(0, 50), most=50) as (pilot, view):
        await pilot.press("pageup")
        before = screen(view)
        for line in numbers(50, 60):
            view.lines.append(line)
        view.changed()
        await pilot.pause(0.1)
        assert screen(view) == before


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        (["k"], "39"),
        (["up", "up", "j"], "39"),
        (["up", "down"], "40"),
        (["pageup"], "31"),
        (["ctrl+b", "ctrl+f"], "40"),
        (["pageup", "pageup", "pagedown"], "31"),
        (["ctrl+b", "space"], "40"),
        (["ctrl+u"], "36"),
        (["ctrl+u", "ctrl+d"], "40"),
        (["g"], "0"),
        (["home", "end"], "40"),
    ],
)
async def test_keys_of_a_pager(keys: list[str], first: str) -> None:
    async with shown(*numbers(0, 50)) as (pilot, view):
        await pilot.press(*keys)
        await pilot.pause()
        assert screen(view)[0] == first


async def test_long_lines_are_scrolled_sideways() -> None:
    async with shown(b"0123456789abcdefghijklmnopqrstuvwxyz") as (pilot, view):
        width = view.size.width
        assert screen(view)[0] == "0123456789abcdefghijklmnopqrstuvwxyz"[:width]
        await pilot.press("right")
        assert screen(view)[0].startswith("89ab")
        await pilot.press("l", "h", "left", "left")
        assert screen(view)[0].startswith("0123")


async def test_colours_stay_and_nothing_else_that_a_terminal_would_obey() -> None:
    async with shown(b"\x1b[31mred\x1b[0m [b]x[/b]", b"a\x1b[2Jb\x1b]0;title\x07c\0\xff", b"10%\r20%") as (_, view):
        assert screen(view)[:3] == ["red [b]x[/b]", "abc\ufffd", "20%"]
        styles = {part.text: part.style for part in view.render_line(0) if part.style is not None}
        assert styles["red"].color is not None and styles["red"].color.number == 1


async def test_a_flood_is_bounded_and_shows_its_end() -> None:
    async with shown(most=2000) as (pilot, view):
        for line in numbers(0, 100_000):
            view.lines.append(line)
            view.changed()
        await pilot.pause(0.1)
        assert screen(view)[-1] == "99999"
        assert len(view.lines) == 2000
