"""Figures of requests are exact, and their names leave out what differs."""

from __future__ import annotations

import pytest
from access_lines import access
from hypothesis import given
from hypothesis import strategies as st

from devkit.logs.request_figures import Order, Window, by_route, over_time, percentile, within
from devkit.logs.requests import Request, parse_request
from devkit.logs.route_template import template
from devkit.logs.spill import START

pytestmark = pytest.mark.unit


def request(second: int, path: str = "/", *, status: int = 200, seconds: float = 0.01) -> Request:
    found = parse_request("app-1", START, access(second, path, status=status, seconds=seconds)[:-1])
    assert found is not None
    return found


def name(one: Request) -> str:
    return f"{one.method} {template(one.path)}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/orders/17/lines/3?page=2", "/orders/{id}/lines/{id}"),
        ("/users/0191a1f2-3b4c-7d5e-8f60-718293a4b5c6", "/users/{id}"),
        ("/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/users/{id}"),
        ("/commits/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commits/{id}"),
        ("/reset-password/4f2a9c07b1e84d3fa2bb5d6c7e8f9012ab34cd56ef78", "/reset-password/{id}"),
        ("/archive/2026-01-31", "/archive/{id}"),
        ("/facades/feedback/cafe", "/facades/feedback/cafe"),
        ("/build/assets/app-BvX1Zk3q.js", "/build/assets/app-{hash}.js"),
        ("/build/assets/app-BvX1Zk3q.css.map", "/build/assets/app-{hash}.css.map"),
        ("/livewire/update", "/livewire/update"),
        ("*", "*"),
    ],
)
def test_a_path_has_its_ids_left_out(path: str, expected: str) -> None:
    assert template(path) == expected


def test_routes_have_exact_figures() -> None:
    requests = [request(n, f"/orders/{n}", seconds=n / 1000) for n in range(1, 101)]
    requests += [request(200, "/", status=status) for status in (200, 302, 404, 404, 500)]
    orders, front = by_route(requests, name)
    assert (orders.name, orders.count, orders.statuses) == ("GET /orders/{id}", 100, (100, 0, 0, 0))
    assert (orders.p50, orders.p95, orders.slowest) == (0.05, 0.095, 0.1)
    assert (front.name, front.statuses, front.errors) == ("GET /", (1, 1, 2, 1), (1, 2))
    assert front.last - orders.last == 100


def test_what_there_is_most_of_comes_first() -> None:
    requests = [
        *[request(0, "/often", seconds=0.01)] * 40,
        *[request(0, "/slow", seconds=0.5)] * 3,
        request(0, "/rare", seconds=0.2),
        *[request(0, "/once-slow", seconds=0.02)] * 30,
        request(0, "/once-slow", seconds=9),
        *[request(0, "/broken", status=500)] * 2,
        *[request(0, "/missing", status=404)] * 9,
    ]
    first = {order: by_route(requests, name, order)[0].name for order in Order}
    assert first == {
        Order.COUNT: "GET /often",
        Order.P95: "GET /slow",
        Order.SLOWEST: "GET /once-slow",
        Order.ERRORS: "GET /broken",
    }
    assert [route.name for route in by_route(requests, name, Order.ERRORS)][1] == "GET /missing"


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered)


def test_a_window_ends_now() -> None:
    requests = [request(second) for second in (0, 1000, 3500, 3700)]
    now = requests[-1].time
    assert len(within(requests, Window.MINUTES, now)) == 2
    assert len(within(requests, Window.HOUR, now)) == 3
    assert len(within(requests, Window.ALL, now)) == 4
    assert Window.ALL.next is Window.MINUTES


def test_time_is_cut_into_equal_parts() -> None:
    requests = [request(second, seconds=second / 10) for second in (0, 1, 9, 10, 19, 20)]
    start = requests[0].time
    parts = over_time(requests, start, start + 20, 2)
    assert [part.count for part in parts] == [3, 3]
    assert [part.p95 for part in parts] == pytest.approx([0.9, 2.0])
    assert [part.count for part in over_time([], start, start, 3)] == [0, 0, 0]
    assert sum(part.count for part in over_time(requests[:1], start, start, 3)) == 1
