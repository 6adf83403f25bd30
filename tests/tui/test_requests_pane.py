"""The requests, driven by keys: the lines of the store are those that Caddy and Laravel wrote."""

from __future__ import annotations

import asyncio
import json
import time
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import pytest
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.laravel.route_list import fingerprint, keep
from devkit.laravel.routes import Route
from devkit.logs.stored import stored, stored_time
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import TABS
from devkit.tui.panes.requests import RequestsPane
from devkit.tui.screens.request import RequestScreen
from devkit.tui.widgets.plot import Plot, Series, plotted

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

ID = "0191a1f2-3b4c-7d5e-8f60-718293a4b5c6"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def browsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []
    monkeypatch.setattr(webbrowser, "open", urls.append)
    return urls


def access(
    moment: datetime, path: str, *, method: str = "GET", status: int = 200, seconds: float = 0.01, id: str = ""
) -> bytes:
    fields = {
        "request": {"method": method, "uri": path, "host": "localhost:8000", "headers": {"X-Key": ["token=abcdefgh"]}},
        "duration": seconds,
        "status": status,
        "resp_headers": {"X-Request-Id": [id]} if id else {},
    }
    return stored("o", stored_time(moment), json.dumps(fields, separators=(",", ":")).encode())


def write(pilot: Pilot[None], source: str, *lines: bytes) -> None:
    """More lines, and the app hears of them as it does from the engine."""
    app = cast(DevkitApp, pilot.app)
    app.session.store.write(app.session.store.source(source), b"".join(lines))
    app._lines_came()


async def until(pilot: Pilot[None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            await pilot.pause(0.01)


async def requests_of(pilot: Pilot[None], count: int = 120) -> RequestsPane:
    """The pane, once so many requests are shown."""
    app = cast(DevkitApp, pilot.app)
    await app.open_pane(next(tab for tab in TABS if tab.id == "requests"))
    pane = cast(RequestsPane, app.pane)
    await until(pilot, lambda: f"{count} requests" in title(pane) and "reading" not in title(pane))
    await settled(pilot)
    return pane


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


def title(pane: RequestsPane) -> str:
    return str(pane.query_one("#requests-title", Static).render())


def shown(pane: RequestsPane) -> list[list[str]]:
    return [[str(cell) for cell in pane.table.get_row_at(y)] for y in range(pane.table.row_count)]


def names(pane: RequestsPane) -> list[str]:
    return [row[0] for row in shown(pane)]


async def test_requests_are_grouped_by_what_their_paths_have_in_common(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        pane = await requests_of(pilot)
        row = ["GET /orders/{id}", "120", "117", "·", "·", "3", "12 ms", "12 ms", "12 ms"]
        assert shown(pane) == [row]
        assert title(pane) == "120 requests   all   by count"


async def test_the_applications_own_routes_give_the_names(opened: Opened, project: Project) -> None:
    root = project.paths.root
    keep(root, [Route(("GET", "HEAD"), "orders/{order}"), Route(("GET",), "orders/latest")], fingerprint(root))
    async with opened(140, 45) as pilot:
        pane = await requests_of(pilot)
        await until(pilot, lambda: names(pane) == ["GET /orders/{order}"])
        write(pilot, "app-1", access(datetime.now(UTC), "/orders/latest?x=1"), access(datetime.now(UTC), "/nowhere/7"))
        await until(pilot, lambda: len(names(pane)) == 3)
        assert set(names(pane)) == {"GET /orders/{order}", "GET /orders/latest", "GET /nowhere/{id}"}


async def test_capitals_order_the_routes(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        now = datetime.now(UTC)
        lines = [access(now, "/slow", seconds=0.5)] * 3 + [access(now, "/mostly", seconds=0.02)] * 30
        lines += [access(now, "/mostly", seconds=9), *[access(now, "/broken", status=503)] * 4]
        write(pilot, "app-1", *lines)
        pane = await requests_of(pilot, 158)
        first = {}
        for key in "PSEC":
            await press(pilot, key)
            first[key] = names(pane)[0]
        assert first == {"P": "GET /slow", "S": "GET /mostly", "E": "GET /broken", "C": "GET /orders/{id}"}


async def test_a_window_ends_now_and_the_requests_of_it_are_counted(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        seconds = time.time()
        for age, path in ((7200, "/old"), (1800, "/hour"), (60, "/now")):
            write(pilot, "app-1", access(datetime.fromtimestamp(seconds - age, UTC), path))
        pane = await requests_of(pilot, 123)
        found = []
        for _ in range(3):
            await press(pilot, "w")
            found.append((title(pane).split("   ")[:2], sorted(names(pane))))
        assert found == [
            (["1 requests", "last 5 min"], ["GET /now"]),
            (["2 requests", "last hour"], ["GET /hour", "GET /now"]),
            (["123 requests", "all"], ["GET /hour", "GET /now", "GET /old", "GET /orders/{id}"]),
        ]


async def test_a_filter_is_by_route_or_path_as_it_is_typed(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        write(pilot, "app-1", access(datetime.now(UTC), "/login", method="POST"))
        pane = await requests_of(pilot, 121)
        await press(pilot, "slash", *"login")
        assert names(pane) == ["POST /login"]
        await press(pilot, "enter", "slash", *["backspace"] * 9, *"orders/7", "enter")
        assert shown(pane)[0][:2] == ["GET /orders/{id}", "11"]
        assert "with “orders/7”" in title(pane)
        await press(pilot, "slash", *["backspace"] * 9, *"!orders", "enter")
        assert names(pane) == ["POST /login"]
        await press(pilot, "escape")
        assert len(names(pane)) == 2
        await press(pilot, "slash", "x", "escape")
        assert pane.table.has_focus
        assert not pane.query_one("#requests-prompt").display


async def test_new_requests_are_shown_as_they_come(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        pane = await requests_of(pilot)
        write(pilot, "app-1", access(datetime.now(UTC), "/orders/7"))
        await until(pilot, lambda: "121 requests" in title(pane))
        write(pilot, "app-2", access(datetime.now(UTC), "/of/another/container"))
        await until(pilot, lambda: "122 requests" in title(pane))
        assert "GET /of/another/container" in names(pane)


async def test_enter_leads_to_the_requests_of_a_route_and_escape_back(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        write(pilot, "app-1", access(datetime.now(UTC), "/login"), access(datetime.now(UTC), "/logout"))
        pane = await requests_of(pilot, 122)
        await press(pilot, "j", "enter")
        assert title(pane).startswith("GET /login   1 requests")
        await press(pilot, "escape")
        assert pane.table.key == "GET /login"
        await press(pilot, "k", "enter")
        assert [row[3] for row in shown(pane)][:2] == ["/orders/119", "/orders/118"]
        assert shown(pane)[0][:3] == ["10:01:59.000", "500", "12 ms"]
        await press(pilot, "E")
        assert [row[1] for row in shown(pane)][:4] == ["500", "500", "500", "200"]
        await press(pilot, "S", "G")
        assert pane.table.cursor_row == 119


async def test_the_row_under_the_cursor_stays_there_when_more_come(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        pane = await requests_of(pilot)
        await press(pilot, "enter", "j", "j")
        before = pane.request
        assert before is not None and before.path == "/orders/117"
        write(pilot, "app-1", access(datetime.now(UTC), "/orders/500"))
        await until(pilot, lambda: "121 requests" in title(pane))
        assert pane.request == before
        assert pane.table.cursor_row == 3


async def test_the_lines_of_one_request_stand_beside_it(opened: Opened, project: Project) -> None:
    (project.paths.root / ".env").write_text("DB_PASSWORD=correct-horse\n")
    async with opened(140, 45) as pilot:
        now = datetime.now(UTC)
        write(pilot, "app-1", stored("e", stored_time(now), f'said {{"request_id":"{ID}"}}'.encode()))
        write(pilot, "app-1", stored("e", stored_time(now), b"of another"))
        write(pilot, "queue-1", stored("e", stored_time(now), f"a job of it, correct-horse {ID}".encode()))
        write(pilot, "app-1", access(now, "/checkout?token=secretvalue", status=500, id=ID))
        pane = await requests_of(pilot, 121)
        await press(pilot, "j", "enter", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, RequestScreen)
        await until(pilot, lambda: screen.lines is not None)
        await pilot.pause()
        about = str(screen.query_one("#request-about", Static).render())
        assert ID in about and "localhost:8000" in about
        assert "secretvalue" not in about and "abcdefgh" not in about
        assert str(screen.query_one("#request-how", Static).render()).startswith("by id")
        lines = str(screen.query_one("#request-text", Static).render()).splitlines()
        assert [line.split()[1] for line in lines] == ["app", "queue"]
        assert "a job of it, ***DB_PASSWORD***" in lines[1]
        await press(pilot, "y")
        assert pilot.app.clipboard.splitlines()[1] == f"a job of it, ***DB_PASSWORD*** {ID}"
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, RequestScreen)
        assert pane.route == "GET /checkout"


async def test_without_an_id_the_lines_of_its_time_are_shown_and_so_it_is_said(opened: Opened) -> None:
    async with opened(90, 30) as pilot:
        pane = await requests_of(pilot)
        await press(pilot, "enter", "slash", *"orders/41$", "enter")
        assert pane.request is not None and pane.request.path == "/orders/41"
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, RequestScreen)
        await until(pilot, lambda: screen.lines is not None)
        await pilot.pause()
        how = str(screen.query_one("#request-how", Static).render())
        assert how.startswith("This request has no id: `devkit upgrade`")
        assert "by time" in how
        folded = str(screen.query_one("#request-text", Static).render())
        assert "Oops" in folded and "… 2 frames of packages" in folded
        await press(pilot, "v")
        assert "#1 /app/vendor/laravel/framework" in str(screen.query_one("#request-text", Static).render())
        await press(pilot, "q")
        assert pilot.app.is_running and not isinstance(pilot.app.screen, RequestScreen)


async def test_a_get_is_opened_in_the_browser_and_its_address_copied(opened: Opened, browsed: list[str]) -> None:
    async with opened(140, 45) as pilot:
        write(pilot, "app-1", access(datetime.now(UTC), "/login", method="POST"))
        pane = await requests_of(pilot, 121)
        url = pane.host.project.url
        await press(pilot, "o", "y")
        assert browsed == [f"{url}/orders/119"]
        assert pilot.app.clipboard == f"{url}/orders/119"
        await press(pilot, "enter", "j", "o", "c")
        assert browsed[1:] == [f"{url}/orders/118"]
        assert pilot.app.clipboard == f"{url}/orders/118"
        await press(pilot, "enter", "o", "escape")
        assert browsed[2:] == [f"{url}/orders/118"]
        await press(pilot, "escape", "j", "o", "enter", "o", "enter", "o")
        assert len(browsed) == 3


async def test_keys_without_a_request_do_nothing(opened: Opened, browsed: list[str]) -> None:
    async with opened() as pilot:
        pane = await requests_of(pilot)
        await press(pilot, "w", "enter", "o", "y", "C", "P", "escape", "escape")
        assert (title(pane).split("   ")[0], browsed, pilot.app.clipboard) == ("0 requests", [], "")


async def test_nothing_is_read_while_another_tab_is_seen(opened: Opened) -> None:
    async with opened(140, 45) as pilot:
        pane = await requests_of(pilot)
        await cast(DevkitApp, pilot.app).open_pane(TABS[0])
        write(pilot, "app-1", access(datetime.now(UTC), "/meanwhile"))
        await pilot.pause(0.1)
        assert title(pane).startswith("120 requests")
        await requests_of(pilot, 121)


async def test_a_narrow_terminal_has_fewer_columns(opened: Opened) -> None:
    async with opened(80, 24) as pilot:
        pane = await requests_of(pilot)
        assert shown(pane) == [["GET /orders/{id}", "120", "3", "12 ms"]]
        await press(pilot, "enter")
        assert [column.title for column in pane.table.columns_shown] == ["time", "status", "took", "path"]
        await pilot.resize_terminal(160, 45)
        await settled(pilot)
        assert [column.title for column in pane.table.columns_shown] == ["time", "status", "took", "path", "id"]
        assert pane.query_one("#requests-rate", Plot).size.height == 8


def test_a_plot_has_the_highest_value_at_its_top_and_gaps_where_nothing_was() -> None:
    lines = plotted(Series("requests", (1, 0, 8, 4), 0, 60, "{:.0f}".format), 26, 6).plain.splitlines()
    assert lines[0].strip() == "requests"
    assert [line.split("▏")[0].strip() for line in lines[1:5]] == ["8", "", "", "0"]
    columns = list(zip(*(line.split("▏")[1].ljust(4) for line in lines[1:5]), strict=False))
    assert ["".join(column) for column in columns[:4]] == ["   ⣤", "    ", "⣿⣿⣿⣿", "  ⣿⣿"]
    assert lines[5].split() == [f"{datetime.fromtimestamp(moment).astimezone():%H:%M}" for moment in (0, 60)]


def test_a_plot_of_nothing_is_empty() -> None:
    text = plotted(Series("p95", (0, 0), 0, 1, str), 30, 6).plain
    assert "⣿" not in text and text.splitlines()[0].strip() == "p95"
