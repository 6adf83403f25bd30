from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from recorded_build import DAY, MONDAY, rebuilt, record, step

from devkit.delivery.figures import days, layers, weekdays, weeks, whole

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days are those of this machine's clock."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def built(day: float, lock: str = "1", seconds: float = 2.0, **more: Any) -> Any:
    steps = (
        step("RUN composer install", stage="dependencies", cached=True, saved=18.0),
        rebuilt("COPY . .", 2.0, "a.php"),
    )
    return record(*steps, started=MONDAY + day * DAY, seconds=seconds, locks={"composer.lock": lock}, **more)


def test_a_layer_says_how_often_it_was_cached_what_it_costs_and_what_changed_it() -> None:
    builds = [
        record(step("COPY . .", number=2, cached=True, saved=4.0), rebuilt("RUN x", 1.0, number=1, stage="other")),
        record(rebuilt("COPY . .", 3.0, "a", "b", number=2)),
        record(rebuilt("COPY . .", 5.0, "b", number=2), step("RUN new", number=1, cached=True)),
    ]
    new, copy, other = layers(builds)
    assert (copy.step, copy.stage, copy.builds, copy.hits) == ("COPY . .", "app", 3, 1)
    assert (copy.seconds, copy.spent, copy.saved, copy.files) == (4.0, 8.0, 4.0, ("b", "a"))
    assert (new.step, new.is_known, copy.is_known, other.stage) == ("RUN new", False, True, "other")


def test_hit_rates_count_steps_and_seconds_of_builds_that_were_done() -> None:
    all_builds = whole([built(0), built(0, status="failed"), built(0, status="cancelled")])
    assert (all_builds.builds, all_builds.rate, all_builds.saved_rate) == (1, 50.0, 90.0)
    nothing = whole([])
    assert (nothing.builds, nothing.rate, nothing.saved_rate) == (0, None, None)


def test_days_without_a_build_are_there_and_empty() -> None:
    found = days([built(0, seconds=1), built(0, seconds=9), built(0, seconds=2), built(2)])
    assert [(day.title, day.builds, day.seconds) for day in found] == [
        ("2026-01-05", 3, 2.0),
        ("2026-01-06", 0, 0.0),
        ("2026-01-07", 1, 2.0),
    ]
    assert found[1].rate is None
    assert days([]) == []


def test_weeks_begin_with_monday() -> None:
    found = weeks([built(-1), built(0), built(6), built(7)])
    assert [(week.title, week.start, week.builds) for week in found] == [
        ("2026-W01", date(2025, 12, 29), 1),
        ("2026-W02", date(2026, 1, 5), 2),
        ("2026-W03", date(2026, 1, 12), 1),
    ]


def test_weekdays_add_up_over_weeks() -> None:
    found = weekdays([built(0), built(7), built(6)])
    assert [(day.title, day.hits, day.total) for day in found if day.total] == [("Mon", 2, 4), ("Sun", 1, 2)]
    assert len(found) == 7


def test_a_day_with_a_new_dependency_is_marked_by_the_lock_files() -> None:
    builds = [built(0), built(1), built(2, "2"), built(3, "2"), built(4, "3", status="failed"), built(5, "2")]
    assert [day.new_dependency for day in days(builds)] == [False, False, True, False, False, False]
    theirs = [built(0), built(0.1, "9", origin="imported"), built(1), built(1.1, "9", origin="imported")]
    assert [day.new_dependency for day in days(theirs)] == [False, False]
