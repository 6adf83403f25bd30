"""Stacks besides the default one: other databases and caches, and classic mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Project, nobody_else_provides, running

pytestmark = pytest.mark.e2e

NEW_ROUTE = "Route::get('/new', fn () => 'new');\n"
ROUTES = """
Route::get('/database', fn () => DB::connection()->getDriverName().' '.DB::table('migrations')->count());
Route::get('/cache', function () { Cache::put('k', 'kept', 60); return Cache::get('k').' '.config('cache.default'); });
"""


def uses(project: Project, driver: str) -> None:
    """The application answers, and its tables are in that database."""
    project.write("routes/web.php", (project.directory / "routes/web.php").read_text(encoding="utf-8") + ROUTES)
    assert project.get("/up")[0] == 200
    assert project.until(lambda: project.get("/database")[0] == 200)
    used, migrations = project.get("/database")[1].split()
    assert used == driver
    assert int(migrations) >= 3


def test_postgresql_is_migrated_and_used(tmp_path: Path) -> None:
    with running(tmp_path / "with-pgsql", "--database", "pgsql", "--port", "21310") as project:
        uses(project, "pgsql")
        states = {service["name"]: service["health"] for service in project.devkit("status", "--json").json["services"]}
        assert states == {"app": "healthy", "pgsql": "healthy"}


def test_mariadb_and_valkey_are_used(tmp_path: Path) -> None:
    flags = ("--with", "mariadb,valkey", "--port", "21320")
    with nobody_else_provides("valkey"), running(tmp_path / "with-mariadb", *flags) as project:
        uses(project, "mariadb")
        assert project.get("/cache") == (200, "kept redis")


def test_classic_mode_answers_an_edit_and_says_that_it_is_classic(tmp_path: Path) -> None:
    with running(tmp_path / "classic", "--mode", "classic", "--port", "21330") as project:
        assert project.get("/up")[0] == 200
        assert project.get("/")[0] == 200
        assert project.devkit("status", "--json").json["mode"] == "classic"
        routes = project.directory / "routes" / "web.php"
        routes.write_text(routes.read_text(encoding="utf-8") + NEW_ROUTE, encoding="utf-8")
        assert project.until(lambda: project.get("/new") == (200, "new"), seconds=10.0)
        assert "laravel/octane" not in (project.directory / "composer.json").read_text(encoding="utf-8")


def test_the_vite_server_answers_beside_the_application(tmp_path: Path) -> None:
    with running(tmp_path / "with-vite", "--with", "vite", "--port", "21340") as project:
        (vite,) = [s for s in project.devkit("status", "--json").json["services"] if s["name"] == "vite"]
        assert vite["health"] == "healthy"
        (port,) = [port["published"] for port in vite["ports"] if port["target"] == 5173]
        client = Project(project.directory, port, project.result)
        assert client.get("/@vite/client")[0] == 200
        assert client.get("/@vite/client", {"Host": f"with-vite.localhost:{port}"})[0] == 200
