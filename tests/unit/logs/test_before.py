"""What was written before something happened."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from devkit.logs.before import lines_before
from devkit.logs.store import LogStore
from devkit.logs.stored import stored, stored_time

pytestmark = pytest.mark.unit

ERROR = (
    '[2026-01-31 10:00:20] local.ERROR: Oops {"exception":"[object] (RuntimeException(code: 0): Oops at /app/a.php:3)',
    "[stacktrace]",
    "#0 /app/vendor/laravel/framework/src/a.php(4): a()",
    '"}',
)


def moment(second: int) -> datetime:
    return datetime(2026, 1, 31, 10, 0, second, tzinfo=UTC)


def written(tmp_path: Path, *lines: tuple[int, str]) -> LogStore:
    store = LogStore(tmp_path / "logs")
    for second, text in lines:
        store.write(store.source("app-1"), stored("o", stored_time(moment(second)), text.encode()))
    return store


def test_lines_after_the_moment_and_frames_of_traces_are_left_out(tmp_path: Path) -> None:
    store = written(tmp_path, (10, "listening"), *((20, line) for line in ERROR), (40, "later"))
    assert lines_before(store.sources, 0.0, moment(30).timestamp(), 5) == (
        "listening",
        "ERROR Oops (RuntimeException at /app/a.php:3)",
    )


def test_without_a_moment_the_newest_come(tmp_path: Path) -> None:
    store = written(tmp_path, (10, "a"), (20, "b"), (30, "c"))
    assert lines_before(store.sources, 0.0, None, 2) == ("b", "c")


def test_what_is_repeated_comes_once(tmp_path: Path) -> None:
    store = written(tmp_path, *((second, "again") for second in range(3)), (5, "last"))
    assert lines_before(store.sources, 0.0, None, 10) == ("again  (3 times)", "last")


def test_no_sources_have_no_lines() -> None:
    assert lines_before([], 0.0, None, 5) == ()


def test_lines_of_a_former_run_are_left_out(tmp_path: Path) -> None:
    store = written(tmp_path, (10, "of a former one"), (20, "of this one"))
    assert lines_before(store.sources, moment(15).timestamp(), None, 5) == ("of this one",)
