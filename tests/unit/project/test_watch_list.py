"""The list of what is new code: matched on the host, and handed to FrankenPHP."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from devkit.project.watch_list import WATCH_LIST, is_watched, shell_watch, watch_roots

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("path", "watched"),
    [
        ("app/Models/User.php", True),
        ("routes/web.php", True),
        ("config/app.php", True),
        (".env", True),
        ("composer.lock", True),
        ("resources/views/a/b.blade.php", True),
        ("resources/css/app.css", False),
        ("database/migrations/1.php", True),
        ("database/database.sqlite", False),
        ("bootstrap/app.php", True),
        ("bootstrap/cache/config.php", False),
        ("storage/framework/views/1.php", False),
        ("vendor/a/b.php", False),
        ("app/Models/.User.php.swp", False),
        (".env.previous", False),
        ("application/x.php", False),
    ],
)
def test_new_code_is_watched_and_what_the_application_writes_is_not(path: str, watched: bool) -> None:
    assert is_watched(PurePosixPath(path)) is watched


def test_the_shell_watches_each_directory_of_the_list_once() -> None:
    watch = shell_watch()
    assert watch.trees == ("app", "config", "database", "routes", "lang", "resources")
    assert watch.flat == ("bootstrap",)
    assert len(watch.patterns) == len(WATCH_LIST)


def test_only_directories_that_are_there_are_watched_and_the_root_without_its_tree(tmp_path: Path) -> None:
    for name in ("app", "bootstrap", "vendor", "storage"):
        (tmp_path / name).mkdir()
    assert list(watch_roots(tmp_path)) == [
        (tmp_path, False),
        (tmp_path / "app", True),
        (tmp_path / "bootstrap", False),
    ]
