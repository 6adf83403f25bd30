"""The route of a path is the one with most of it in words; the list is kept until its files change."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.laravel.route_list import fingerprint, keep, kept, read_routes
from devkit.laravel.routes import Route, RouteTable, parse
from devkit.project.errors import EngineError, FailedError

pytestmark = pytest.mark.unit

URIS = (
    "/",
    "orders",
    "orders/create",
    "orders/{order}",
    "orders/{order:slug}/lines/{line?}",
    "files/{name}.{extension}",
    "reports/{year?}/{month?}",
    "users/{user}/edit",
    "users/me/{what}",
)


@pytest.fixture(scope="module")
def table() -> RouteTable:
    routes = [Route(("GET", "HEAD"), uri.strip("/")) for uri in URIS]
    return RouteTable([*routes, Route(("POST",), "orders"), Route(("PUT", "PATCH"), "orders/{order}")])


@pytest.mark.parametrize(
    ("method", "path", "uri"),
    [
        ("GET", "/", ""),
        ("GET", "/orders?page=2", "orders"),
        ("HEAD", "/orders/", "orders"),
        ("GET", "/orders/create", "orders/create"),
        ("GET", "/orders/17", "orders/{order}"),
        ("PATCH", "/orders/create", "orders/{order}"),
        ("GET", "/orders/a-slug/lines", "orders/{order:slug}/lines/{line?}"),
        ("GET", "/orders/a-slug/lines/3", "orders/{order:slug}/lines/{line?}"),
        ("GET", "/files/a.b.txt", "files/{name}.{extension}"),
        ("GET", "/reports", "reports/{year?}/{month?}"),
        ("GET", "/reports/2026/1", "reports/{year?}/{month?}"),
        ("GET", "/users/me/edit", "users/me/{what}"),
        ("GET", "/users/7/edit", "users/{user}/edit"),
        ("DELETE", "/orders/17", None),
        ("GET", "/orders/17/lines/3/4", None),
        ("GET", "/nowhere", None),
    ],
)
def test_the_route_of_a_path(table: RouteTable, method: str, path: str, uri: str | None) -> None:
    route = table.find(method, path)
    assert (route and route.uri) == uri


def test_words_that_lead_nowhere_do_not_hide_a_parameter(table: RouteTable) -> None:
    assert table.find("GET", "/users/me/edit/more") is None
    found = RouteTable([Route(("GET",), "a/b/c"), Route(("GET",), "{x}/b/d")]).find("GET", "/a/b/d")
    assert found is not None and found.uri == "{x}/b/d"


def test_artisans_list_is_read_behind_notices() -> None:
    listed = [{"domain": None, "method": "GET|HEAD", "uri": "orders/{order}", "name": "orders.show", "action": "A@b"}]
    assert parse("Deprecated: [x]\n" + json.dumps(listed)) == (
        Route(("GET", "HEAD"), "orders/{order}", "orders.show", "A@b"),
    )
    assert parse("[]") == ()
    with pytest.raises(FailedError, match="did not answer with the routes as JSON"):
        parse("Your application doesn't have any routes.")


def test_routes_that_were_kept_are_taken_until_a_file_changes(tmp_path: Path) -> None:
    routes = (Route(("GET", "HEAD"), "orders", "orders.index", "App"), Route(("POST",), "orders"))
    (tmp_path / "routes").mkdir()
    (tmp_path / "routes" / "web.php").write_text("<?php")
    assert kept(tmp_path) is None
    keep(tmp_path, routes, fingerprint(tmp_path))
    assert kept(tmp_path) == (routes, fingerprint(tmp_path))
    nowhere = Docker(Path("/nowhere/docker"), Endpoint(f"unix://{tmp_path}/no.sock", "default"))

    async def read() -> tuple[Route, ...]:
        return await read_routes(nowhere, "c", tmp_path)

    assert anyio.run(read) == routes
    (tmp_path / "routes" / "web.php").write_text("<?php // more")
    with pytest.raises(EngineError):
        anyio.run(read)
