"""What requests have in common: by route their number, statuses and times; over time their rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil

from devkit.logs.requests import Request

Naming = Callable[[Request], str]
"""The route of a request, as it is called on the screen."""

CLASSES = (2, 3, 4, 5)
"""The first digits of statuses that are counted apart."""


class Order(Enum):
    """What the routes are ordered by; the most of it comes first."""

    COUNT = "count"
    P95 = "p95"
    SLOWEST = "slowest"
    ERRORS = "errors"


class Window(Enum):
    """How far back requests are looked at, in seconds."""

    MINUTES = 300
    HOUR = 3600
    ALL = 0

    @property
    def next(self) -> Window:
        """The next larger one, after the last the first."""
        windows = list(Window)
        return windows[(windows.index(self) + 1) % len(windows)]


@dataclass(frozen=True)
class RouteFigures:
    """The requests of one route. Times in seconds; a percentile is the time of a request that there was."""

    name: str
    count: int
    statuses: tuple[int, ...]
    """How many there are of each of CLASSES."""
    p50: float
    p95: float
    slowest: float
    last: float
    """When the newest of them was answered, in seconds since the epoch."""

    @property
    def errors(self) -> tuple[int, int]:
        """How many failed, by the server's fault and by the visitor's."""
        return self.statuses[CLASSES.index(5)], self.statuses[CLASSES.index(4)]


@dataclass(frozen=True)
class Bucket:
    """The requests of one part of a time span."""

    count: int
    p95: float
    """In seconds; 0 where there was none."""


def within(requests: Sequence[Request], window: Window, now: float) -> Sequence[Request]:
    """Those of the window that ends now."""
    if window is Window.ALL:
        return requests
    return [request for request in requests if request.time >= now - window.value]


def by_route(requests: Iterable[Request], naming: Naming, order: Order = Order.COUNT) -> list[RouteFigures]:
    """The figures of each route, in the order of `order`, and by name where that is equal."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        groups.setdefault(naming(request), []).append(request)
    found = [_figures(name, group) for name, group in groups.items()]
    return sorted(found, key=lambda route: (_rank(route, order), route.name))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of the values does not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def over_time(requests: Iterable[Request], start: float, end: float, parts: int) -> list[Bucket]:
    """The requests from `start` to `end` in so many parts of equal length."""
    times: list[list[float]] = [[] for _ in range(parts)]
    length = max(end - start, 1e-6) / parts
    for request in requests:
        part = int((request.time - start) / length)
        if 0 <= part < parts or request.time == end:
            times[min(part, parts - 1)].append(request.seconds)
    return [Bucket(len(part), percentile(sorted(part), 0.95)) for part in times]


def _figures(name: str, requests: Sequence[Request]) -> RouteFigures:
    times = sorted(request.seconds for request in requests)
    classes = [request.status // 100 for request in requests]
    return RouteFigures(
        name=name,
        count=len(times),
        statuses=tuple(classes.count(one) for one in CLASSES),
        p50=percentile(times, 0.5),
        p95=percentile(times, 0.95),
        slowest=times[-1],
        last=max(request.time for request in requests),
    )


def _rank(route: RouteFigures, order: Order) -> tuple[float, ...]:
    match order:
        case Order.COUNT:
            return (-route.count,)
        case Order.P95:
            return (-route.p95,)
        case Order.SLOWEST:
            return (-route.slowest,)
        case Order.ERRORS:
            return (-route.errors[0], -route.errors[1], -route.count)
