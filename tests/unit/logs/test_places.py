"""Places in the code that a log names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from devkit.engine.containers import Bind
from devkit.logs.places import Place, file_of, place_to_open, places

pytestmark = pytest.mark.unit


def place(path: str, line: int) -> Place:
    return Place(PurePosixPath(path), line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#2 /app/app/Http/C.php(12): c()", place("/app/app/Http/C.php", 12)),
        ("(RuntimeException(code: 0): Oops at /app/app/A.php:3)", place("/app/app/A.php", 3)),
        ("PHP Fatal error:  Uncaught in /app/public/index.php on line 17", place("/app/public/index.php", 17)),
        ("at app/Foo.php:12", place("app/Foo.php", 12)),
        ("  resources/js/app.ts:3:5: error", place("resources/js/app.ts", 3)),
        ("file:///app/vite.config.js:9:1", place("/app/vite.config.js", 9)),
        ("/app/app/Ünï.php:4", place("/app/app/Ünï.php", 4)),
        ("./tests/A-b.c.php:44", place("tests/A-b.c.php", 44)),
    ],
)
def test_places_are_found_in_what_php_laravel_and_vite_write(text: str, found: Place) -> None:
    assert list(places([text])) == [found]


@pytest.mark.parametrize("text", ["10:00:12", "http://localhost:8000", "GET /orders/1 200", "version 1.2.3:4", ""])
def test_times_and_addresses_are_no_places(text: str) -> None:
    assert list(places([text])) == []


def test_the_projects_own_comes_first_and_a_packages_where_there_is_no_other() -> None:
    lines = ["#0 /app/vendor/laravel/a.php(4): a()", "#1 /usr/share/b.php(4): b()", "#2 /app/app/C.php(12): c()"]
    assert str(place_to_open(lines)) == "app/C.php:12"
    assert str(place_to_open(lines[:2])) == "vendor/laravel/a.php:4"
    assert place_to_open(["nothing"]) is None


def test_a_place_is_a_file_of_the_project_or_of_a_mount(tmp_path: Path) -> None:
    root, other = tmp_path / "shop", tmp_path / "package"
    for directory in (root / "app", other / "src"):
        directory.mkdir(parents=True)
        (directory / "A.php").touch()
    binds = [Bind(other, PurePosixPath("/packages/one")), Bind(tmp_path, PurePosixPath("/packages"))]
    assert file_of(place("/app/app/A.php", 1), root) == root / "app" / "A.php"
    assert file_of(place("app/A.php", 1), root) == root / "app" / "A.php"
    assert file_of(place("/packages/one/src/A.php", 1), root, binds) == other / "src" / "A.php"
    assert file_of(place(f"{root}/app/A.php", 1), root) == root / "app" / "A.php"
    assert file_of(place("/usr/lib/b.php", 1), root, binds) is None
    assert file_of(place("/app/../package/src/A.php", 1), root) is None
