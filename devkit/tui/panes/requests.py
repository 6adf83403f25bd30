"""Requests by route with their figures and a plot over time, and from there to one request's log lines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from devkit.engine.patience import set_within
from devkit.laravel.route_list import read_routes
from devkit.logs.escapes import one_line
from devkit.logs.query import Query, parse_query
from devkit.logs.request_figures import Naming, Order, Window, by_route, over_time, within
from devkit.logs.requests import KEPT, Request, RequestLog
from devkit.logs.spill import Spill
from devkit.project.errors import DevkitError
from devkit.project.services import APP
from devkit.tui.keys.requests import REQUESTS as KEYS
from devkit.tui.log_rows import service_of
from devkit.tui.pane import Host, Pane
from devkit.tui.request_names import naming
from devkit.tui.request_rows import (
    NARROW_REQUESTS,
    NARROW_ROUTES,
    REQUESTS,
    ROUTES,
    milliseconds,
    ordered,
    request_rows,
    route_rows,
)
from devkit.tui.widgets.plot import Plot, Series
from devkit.tui.widgets.table import Table

REFRESH_SECONDS = 1.0
"""New requests are shown within this time: figures that change more often cannot be read."""

_SLIDE_SECONDS = 10.0
"""A window of time moves on so often where nothing is asked for."""

_MOST_ROWS = 150
"""More are found with a filter; each refresh would cost too much."""

_NEAR_SECONDS = 60.0
"""Requests that are so near to another may have written lines beside its own."""

_NARROW = 90
_TITLES = {
    Order.COUNT: ("by count", "newest first"),
    Order.P95: ("by p95", "slowest first"),
    Order.SLOWEST: ("by slowest", "slowest first"),
    Order.ERRORS: ("by errors", "failed first"),
}
_WINDOWS = {Window.MINUTES: "last 5 min", Window.HOUR: "last hour", Window.ALL: "all"}


class RequestsPane(Pane):
    """Routes; enter leads to the requests of one, and again to one request."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]
    DEFAULT_CSS = """
    RequestsPane #requests-title { height: 1; padding: 0 1; background: $panel; }
    RequestsPane #requests-plots { height: 8; padding: 0 1; }
    RequestsPane #requests-prompt { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    RequestsPane.-low #requests-plots { height: 5; }
    RequestsPane.-low Plot { height: 5; }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.order = Order.COUNT
        self.window = Window.ALL
        self.route: str | None = None
        """The route whose requests are shown; None where routes are."""
        self.filter: Query | None = None
        self._log = RequestLog()
        self._naming: Naming = naming()
        self._route_key: str | None = None
        self._seen = False
        self._reading = False
        self._asked: str | None = None
        """The container that was asked for the routes."""
        self._more = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Title, plots, table, prompt."""
        yield Static("", id="requests-title", markup=False)
        with Horizontal(id="requests-plots"):
            yield Plot(id="requests-rate")
            yield Plot(id="requests-times")
        yield Table(ROUTES, id="requests-table")
        yield Input(id="requests-prompt", compact=True, placeholder="only those with this; ! for those without")

    def on_resize(self) -> None:
        """A narrow tab has fewer columns, a low one a lower plot."""
        self.set_class(self.size.height < 24, "-low")
        self.call_after_refresh(self.show)

    @property
    def table(self) -> Table:
        """The routes, or the requests of one."""
        return self.query_one("#requests-table", Table)

    @property
    def request(self) -> Request | None:
        """The request under the cursor; of a route under it the newest."""
        if self.route is None:
            of_route = [one for one in self._chosen() if self._naming(one) == self.table.key]
            return of_route[-1] if of_route else None
        return next((one for one in self._chosen() if (one.source, one.place) == self.table.key), None)

    def shown(self) -> None:
        """Follow the access log."""
        self.table.focus()
        if not self._seen:
            self._seen, self._asked = True, None
            self._follow()

    def hidden(self) -> None:
        """Follow it no more; what came meanwhile is read when the tab is seen again."""
        self._seen = False
        self.workers.cancel_group(self, "watch")
        self.workers.cancel_group(self, "routes")

    def lines_came(self) -> None:
        """There may be new requests."""
        self._more.set()

    def back(self) -> None:
        """Out of the prompt, else of the route's requests, else of the filter."""
        if self._prompt.display:
            self._close_prompt()
        elif self.route is not None:
            self.route = None
            self.show()
            self.table.move_to(self._route_key)
        elif self.filter is not None:
            self.filter = None
            self.show()

    def action_order(self, name: str) -> None:
        """Another order."""
        self.order = Order[name]
        self.show()

    def action_window(self) -> None:
        """The next window of time."""
        self.window = self.window.next
        self.show()

    def action_ask(self) -> None:
        """Ask for a filter."""
        text = ("!" if self.filter and self.filter.inverted else "") + (self.filter.text if self.filter else "")
        self._prompt.value = text
        self._prompt.display = True
        self.screen.set_focus(self._prompt)  # at once: the next keys may be there already

    def action_browser(self) -> None:
        """Ask for it again, in the browser."""
        if (request := self.request) is None:
            return
        import webbrowser

        from devkit.tui.screens.request import url_of

        if url := url_of(self.host.project, request):
            webbrowser.open(url)
            self.host.say(f"opened {url}", command=url)
        else:
            self.notify("only a GET can be opened in a browser")

    def action_copy(self) -> None:
        """The address of the request."""
        if (request := self.request) is not None:
            self.app.copy_to_clipboard(self.host.project.url + request.path)
            self.notify("the address is copied")

    @on(Table.Opened, "#requests-table")
    def _opened(self, event: Table.Opened) -> None:
        if self.route is None:
            self.route = self._route_key = str(event.key)
            self.show()
            self.table.move_to(None)
        elif (request := self.request) is not None:
            from devkit.tui.screens.request import RequestScreen

            near = [one for one in self._log.newest() if abs(one.time - request.time) < _NEAR_SECONDS]
            self.app.push_screen(RequestScreen(self.host.project, request, self.host.session.store.sources, near))

    @on(Input.Changed, "#requests-prompt")
    def _typed(self, event: Input.Changed) -> None:
        if self._prompt.display:
            self.filter = parse_query(event.value)
            self.show()

    @on(Input.Submitted, "#requests-prompt")
    def _answered(self) -> None:
        self._close_prompt()

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        while True:
            self._more.clear()
            if self._asked != self.host.session.app_container:
                self._asked = self.host.session.app_container
                self._learn_routes()
            steps = self._log.steps(self._sources())
            self._reading = True
            while await asyncio.to_thread(_step, steps):
                self.show()
            self._reading = False
            self.show()
            await asyncio.sleep(REFRESH_SECONDS)
            await set_within(None if self.window is Window.ALL else _SLIDE_SECONDS, self._more)

    @work(group="routes", exclusive=True, exit_on_error=False)
    async def _learn_routes(self) -> None:
        """The application's own names of its routes; without them paths alone have to do."""
        project, container = self.host.project, self.host.session.app_container
        try:
            routes = await read_routes(project.docker, container, project.paths.root)
        except (DevkitError, OSError) as error:
            self.log.warning(error)
            return
        self._naming = naming(routes)
        self.show()

    def show(self) -> None:
        """Figures, plots and rows as they are now."""
        if not self.is_mounted or not self._seen:
            return
        requests = self._chosen()
        narrow = self.size.width < _NARROW
        columns = (
            (NARROW_ROUTES if narrow else ROUTES) if self.route is None else (NARROW_REQUESTS if narrow else REQUESTS)
        )
        if self.table.columns_shown != columns:
            self.table.set_columns(columns)
        if self.route is None:
            routes = by_route(requests, self._naming, self.order)
            self.table.show(route_rows(routes[:_MOST_ROWS], narrow=narrow))
        else:
            self.table.show(request_rows(ordered(requests, self.order, _MOST_ROWS), narrow=narrow))
        self._plot(requests)
        self._show_title(requests)

    def _plot(self, requests: Sequence[Request]) -> None:
        rate, times = self.query_one("#requests-rate", Plot), self.query_one("#requests-times", Plot)
        now = time.time()
        end = now if self.window is not Window.ALL else (requests[-1].time if requests else now)
        start = end - self.window.value if self.window.value else (requests[0].time if requests else end)
        buckets = over_time(requests, start, end, rate.parts)
        rate.show(Series("requests", tuple(one.count for one in buckets), start, end, "{:,.0f}".format))
        times.show(Series("p95", tuple(one.p95 for one in buckets), start, end, milliseconds))

    def _show_title(self, requests: Sequence[Request]) -> None:
        kept = len(self._log.newest())
        parts = [
            f"{len(requests):,} requests"
            if self.route is None
            else f"{one_line(self.route)}   {len(requests):,} requests"
        ]
        parts += [_WINDOWS[self.window], _TITLES[self.order][self.route is not None]]
        if self.filter is not None:
            parts.append(f"{'without' if self.filter.inverted else 'with'} “{self.filter.text}”")
        if kept >= KEPT:
            parts.append(f"of the newest {KEPT:,}")
        if self._reading or any(source.filling for source in self._sources()):
            parts.append("reading …")
        self.query_one("#requests-title", Static).update("   ".join(parts))

    def _chosen(self) -> list[Request]:
        """The requests that are looked at: of the window, of the route, with the filter."""
        found = within(self._log.newest(), self.window, time.time())
        if self.route is not None:
            found = [one for one in found if self._naming(one) == self.route]
        if (query := self.filter) is not None:
            texts = (f"{self._naming(one)} {one.path}" for one in found)
            found = [one for one, text in zip(found, texts, strict=True) if _matches(query, text)]
        return list(found)

    def _sources(self) -> list[Spill]:
        return [one for one in self.host.session.store.sources if service_of(one.name) == APP]

    @property
    def _prompt(self) -> Input:
        return self.query_one("#requests-prompt", Input)

    def _close_prompt(self) -> None:
        self._prompt.display = False
        self.screen.set_focus(self.table)


def _matches(query: Query, text: str) -> bool:
    return (query.shown.search(text) is None) is query.inverted


def _step(steps: Iterator[None]) -> bool:
    """Read one block; whether there may be more. A segment that went meanwhile for the disk budget ends it."""
    try:
        return next(steps, False) is None
    except OSError:
        return False
