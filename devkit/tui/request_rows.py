"""Requests and their figures as rows for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from devkit.logs.escapes import one_line
from devkit.logs.request_figures import CLASSES, Order, RouteFigures
from devkit.logs.requests import Request
from devkit.tui.widgets.table import Column, Row

ROUTES = (
    Column("route", 0),
    Column("count", 7, right=True),
    *(Column(f"{digit}xx", 6, right=True) for digit in CLASSES),
    Column("p50", 8, right=True),
    Column("p95", 8, right=True),
    Column("slowest", 8, right=True),
)
NARROW_ROUTES = (
    Column("route", 0),
    Column("count", 6, right=True),
    Column("5xx", 5, right=True),
    Column("p95", 7, right=True),
)
REQUESTS = (
    Column("time", 12),
    Column("status", 6, right=True),
    Column("took", 8, right=True),
    Column("path", 0),
    Column("id", 8),
)
NARROW_REQUESTS = (Column("time", 8), Column("status", 6, right=True), Column("took", 7, right=True), Column("path", 0))

_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_PATH = 500


def milliseconds(seconds: float) -> str:
    """A time as short as it is exact enough: `8.1 ms`, `120 ms`, `2.35 s`."""
    value = seconds * 1000
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 1000 else f"{seconds:.2f} s"


def route_rows(routes: Sequence[RouteFigures], *, narrow: bool) -> list[Row]:
    """A row for each route, told apart by its name."""
    return [Row(route.name, _narrow_route(route) if narrow else _route(route)) for route in routes]


def request_rows(requests: Sequence[Request], *, narrow: bool) -> list[Row]:
    """A row for each request, told apart by where its line is."""
    return [Row((one.source, one.place), _request(one, narrow=narrow)) for one in requests]


def ordered(requests: Sequence[Request], order: Order, most: int) -> list[Request]:
    """The first requests of one route: the newest, the slowest, or those that failed."""
    match order:
        case Order.COUNT:
            return list(reversed(requests[-most:]))
        case Order.ERRORS:
            return sorted(requests, key=lambda one: (-(one.status // 100), -one.time))[:most]
        case _:
            return sorted(requests, key=lambda one: (-one.seconds, -one.time))[:most]


def clock(seconds: float) -> str:
    """A moment on this machine's clock: `10:00:00.123`."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def status_text(status: int) -> Text:
    """A status in the colour of its class."""
    return Text(str(status), _COLOURS.get(status // 100, ""))


def name_text(name: str) -> Text:
    """A route's name, its method set off."""
    method, _, path = one_line(name)[:_PATH].partition(" ")
    return Text(f"{method} ", "bold", end="").append(path, "none")


def _route(route: RouteFigures) -> tuple[Text, ...]:
    counts = (_count(number, _COLOURS[digit]) for digit, number in zip(CLASSES, route.statuses, strict=True))
    times = (Text(milliseconds(one)) for one in (route.p50, route.p95, route.slowest))
    return name_text(route.name), Text(f"{route.count:,}", "bold"), *counts, *times


def _narrow_route(route: RouteFigures) -> tuple[Text, ...]:
    errors = _count(route.errors[0], _COLOURS[5])
    return name_text(route.name), Text(f"{route.count:,}", "bold"), errors, Text(milliseconds(route.p95))


def _count(number: int, colour: str) -> Text:
    return Text(f"{number:,}", colour) if number else Text("·", "dim")


def _request(one: Request, *, narrow: bool) -> tuple[Text, ...]:
    cells = (status_text(one.status), Text(milliseconds(one.seconds)), Text(one_line(one.path)[:_PATH]))
    time = clock(one.time)
    return (Text(time[:8], "dim"), *cells) if narrow else (Text(time, "dim"), *cells, Text(one_line(one.id), "dim"))
