"""What requests are called on the screen: by the application's own routes, else by what their paths have in common."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from devkit.laravel.routes import Route, RouteTable
from devkit.logs.request_figures import Naming
from devkit.logs.requests import Request
from devkit.logs.route_template import template

_REMEMBERED = 10_000
"""Paths whose names are known: as many as requests are kept."""


def naming(routes: Sequence[Route] = ()) -> Naming:
    """A naming by these routes: `GET /orders/{order}`."""
    table = RouteTable(routes)

    @lru_cache(maxsize=_REMEMBERED)
    def name(method: str, path: str) -> str:
        route = table.find(method, path)
        return f"{method} /{route.uri}" if route is not None else f"{method} {template(path)}"

    def of(request: Request) -> str:
        return name(request.method, request.path.partition("?")[0])

    return of
