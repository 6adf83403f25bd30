"""An application without a health route and without a front page, beside a service that wants the same port."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Project, as_before_devkit, devkit, first_run, remove

from devkit.engine.images.catalogue import base_image

pytestmark = pytest.mark.e2e

COMPOSE = f"""\
services:
    # Any image that is there will do for a service that devkit knows nothing of.
    search:
        image: '{base_image("frankenphp").reference}'
        entrypoint: ['sleep', 'infinity']
        init: true
        ports: ['${{SEARCH_PORT:-9200}}:9200']
"""
ENV = """\
APP_KEY=base64:aGVyZSBhcmUgdGhpcnR5LXR3byBieXRlcyBvayE5OTk=
APP_PORT=21430
SEARCH_PORT=21430
DB_CONNECTION=sqlite
DB_DATABASE=laravel
CACHE_STORE=file
"""


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("adopt") / "an-api"
    try:
        made = devkit("init", str(directory), "--yes", "--json", "--no-start", directory=directory.parent)
        assert made.status == 0, made.stderr[-3000:]
        as_before_devkit(directory, {"compose.yaml": COMPOSE, ".env": ENV})
        without(directory / "bootstrap" / "app.php", r"\n\s*health:[^\n]*")
        (directory / "routes" / "web.php").write_text(
            "<?php\n\nuse Illuminate\\Support\\Facades\\Route;\n\n"
            "Route::get('/tables', fn () => DB::table('migrations')->count());\n"
        )
        yield first_run(directory)
    finally:
        remove(directory)


def without(path: Path, pattern: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(pattern, text)
    path.write_text(re.sub(pattern, "", text), encoding="utf-8")


def test_it_runs_though_it_has_neither_health_route_nor_front_page(adopted: Project) -> None:
    assert adopted.get("/healthz")[0] == 200
    assert adopted.get("/")[0] == 404
    warnings = adopted.result["warnings"]
    assert "/ answered 404: this application has no front page" in warnings
    assert any("no health route found" in warning for warning in warnings)
    (app,) = [each for each in adopted.devkit("status", "--json").json["services"] if each["name"] == "app"]
    assert app["health"] == "healthy"


def test_the_port_of_an_adopted_service_is_left_to_it(adopted: Project) -> None:
    assert adopted.port != 21430
    assert any(f"port 21430 for app is taken by search: using {adopted.port}" in w for w in adopted.result["warnings"])
    assert adopted.devkit("up").status == 0
    assert adopted.get("/healthz")[0] == 200


def test_a_servers_name_of_a_database_is_no_file_to_sqlite(adopted: Project) -> None:
    status, count = adopted.get("/tables")
    assert status == 200 and int(count) >= 3
    assert "CACHE_STORE=file\n" in (adopted.directory / ".env").read_text(encoding="utf-8")
