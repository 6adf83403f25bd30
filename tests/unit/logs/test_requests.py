"""The newest requests are read from the end, once, in pieces, through gaps and beside other lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from access_lines import access
from stored_lines import line

from devkit.logs.requests import Request, RequestLog, requests_in
from devkit.logs.spill import Spill

pytestmark = pytest.mark.unit


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Spill]:
    made = Spill(tmp_path / "app-1", segment_bytes=64 * 1024)
    yield made
    made.close()


def read(log: RequestLog, *sources: Spill) -> list[str]:
    for _ in log.steps(sources):
        pass
    return [request.path for request in log.newest()]


def test_a_request_is_what_its_line_says(source: Spill) -> None:
    source.append(line(0, "booting"))
    source.append(access(61, "/orders/7?page=2", method="POST", status=503, seconds=1.25, uuid="abc"))
    log = RequestLog()
    read(log, source)
    (request,) = log.newest()
    assert request[1:] == ("POST", "/orders/7?page=2", 503, 1.25, "abc", "app-1", request.place)
    assert next(source.after(request.place))[1] + b"\n" == access(
        61, "/orders/7?page=2", method="POST", status=503, seconds=1.25, uuid="abc"
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"resp_headers": {"X-Request-Id": ["of-the-answer"]}, "uuid": "caddys"}, "of-the-answer"),
        ({"uuid": "caddys"}, "caddys"),
        ({"resp_headers": {"X-Request-Id": []}}, ""),
        ({"resp_headers": None}, ""),
    ],
)
def test_a_request_has_the_id_that_its_answer_said(source: Spill, fields: dict[str, object], expected: str) -> None:
    source.append(access(0, "/", **fields))
    log = RequestLog()
    read(log, source)
    assert log.newest()[0].id == expected


def test_only_access_lines_count(source: Spill) -> None:
    source.append(line(0, '{"request":{"method":"GET"},"duration":'))
    source.append(line(1, '{"request":{},"duration":1,"status":200}'))
    source.append(line(2, '{"request":{"method":"GET","uri":"/"},"duration":"soon","status":200}'))
    source.append(line(3, 'it said: {"request":{"method":"GET","uri":"/"},"duration":1,"status":200}'))
    source.append(line(4, b'{"request":{\xff"duration":'))
    source.append(access(4, "/", seconds=float("nan")) + access(4, "/", seconds=float("inf")) + access(4, seconds=-1))
    source.append(access(5, "/real"))
    assert read(RequestLog(), source) == ["/real"]


def test_what_was_read_is_not_read_again(source: Spill) -> None:
    log = RequestLog()
    for second in range(1000):
        source.append(access(second, f"/{second}"))
    assert read(log, source) == [f"/{second}" for second in range(1000)]
    assert read(log, source)[-1] == "/999"
    source.append(access(1000, "/1000"))
    source.append(access(1001, "/1001"))
    assert read(log, source) == [f"/{second}" for second in range(1002)]


def test_no_more_are_kept_than_wanted_and_no_more_is_read(source: Spill) -> None:
    for second in range(2000):
        source.append(access(second, f"/{second}"))
    log = RequestLog(kept=10)
    assert len(list(log.steps([source]))) == 2  # the newest segment's lines, and the end of it
    assert read(log, source) == [f"/{second}" for second in range(1990, 2000)]
    for second in range(2000, 2500):
        source.append(access(second, f"/{second}"))
    assert read(log, source) == [f"/{second}" for second in range(2490, 2500)]


def test_the_newest_are_there_before_all_are_read(source: Spill) -> None:
    for second in range(2000):
        source.append(access(second, f"/{second}"))
    log = RequestLog()
    steps = log.steps([source])
    next(steps)
    some = log.newest()
    assert 0 < len(some) < 2000
    assert some[-1].path == "/1999"
    for _ in steps:
        pass
    assert len(log.newest()) == 2000


def test_a_history_that_was_read_meanwhile_comes_before_the_newest(source: Spill) -> None:
    log = RequestLog()
    source.append(access(0, "/old"))
    history = source.leave_room()
    source.append(access(100, "/newest"))
    assert read(log, source) == ["/old", "/newest"]
    history.append(access(50, "/between"))
    source.append(access(101, "/more"))
    assert read(log, source) == ["/old", "/newest", "/more"]
    history.complete()
    assert read(log, source) == ["/old", "/between", "/newest", "/more"]


def test_several_containers_are_one_by_time(source: Spill, tmp_path: Path) -> None:
    other = Spill(tmp_path / "app-2")
    for second in range(10):
        (source if second % 3 else other).append(access(second, f"/{second}"))
    assert read(RequestLog(kept=8), source, other) == [f"/{second}" for second in range(2, 10)]
    other.close()


def test_a_block_is_read_from_a_place_on(source: Spill) -> None:
    first, second = access(0, "/a"), access(1, "/b")
    source.append(first + second)
    ((place, block),) = source.blocks_before(source.end, 1024 * 1024)
    found: list[Request] = list(requests_in("app-1", place, block, len(first)))
    assert [(request.path, request.place.offset) for request in found] == [("/b", len(first))]
