from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from devkit.logs.record import LogRecord
from devkit.logs.select import Selection, moment, moments, selection
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def record(
    level: str | None, message: str = "", time: str = "2026-01-31T10:00:00.123456789Z", **context: object
) -> LogRecord:
    return LogRecord(time, "app", "stdout", level, message, context)


def test_a_level_means_this_severe_or_more() -> None:
    wanted = selection(level="WARN")
    taken = [level for level in ("info", "warning", "critical", None) if wanted.takes(record(level))]
    assert taken == ["warning", "critical"]


def test_a_pattern_looks_at_the_message_and_the_trace() -> None:
    wanted = selection(grep=r"Order\w+:4")
    assert wanted.takes(record(None, "OrderController:41"))
    assert wanted.takes(record("error", "Oops", trace=["#0 /app/OrderA:4"]))
    assert not wanted.takes(record("error", "Oops"))


def test_what_is_older_is_left_out_and_what_has_no_time_is_not() -> None:
    wanted = Selection(since=NOW)
    assert wanted.takes(record(None)) and wanted.takes(record(None, time=""))
    assert not wanted.takes(record(None, time="2026-01-31T09:59:59Z"))


@pytest.mark.parametrize(
    ("text", "before"),
    [("10m", 600), ("1h30m", 5400), ("2d", 172800), ("1.5s", 1.5), ("2026-01-31T09:00:00Z", 3600)],
)
def test_since_takes_ages_and_times(text: str, before: float) -> None:
    assert moment(text, NOW) == NOW - timedelta(seconds=before)


@pytest.mark.parametrize(
    "wish",
    [
        {"since": "yesterday"},
        {"since": ""},
        {"since": "900000d"},
        {"since": "9" * 40 + "d"},
        {"level": "loud"},
        {"grep": "("},
    ],
)
def test_what_is_none_is_refused_with_the_flag_named(wish: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="|".join(f"--{name}|{name}" for name in wish)):
        selection(**wish)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:15", "2026-01-31T09:15:00+00:00"),
        ("11:59:30", "2026-01-31T11:59:30+00:00"),
        ("23:00", "2026-01-30T23:00:00+00:00"),
    ],
)
def test_a_time_without_a_day_is_the_last_one_that_has_passed(
    text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert moment(text, datetime(2026, 1, 31, 12, tzinfo=UTC)) == datetime.fromisoformat(expected)


def test_a_span_has_two_sides_and_either_may_be_left_out() -> None:
    hour = timedelta(hours=1)
    assert moments("2h..1h", NOW) == (NOW - 2 * hour, NOW - hour)
    assert moments("1h", NOW) == (NOW - hour, None)
    assert moments(" .. 1h ", NOW) == (None, NOW - hour)
    assert moments("", NOW) == (None, None)
    with pytest.raises(UsageError, match="'soon' is no time"):
        moments("1h..soon", NOW)
