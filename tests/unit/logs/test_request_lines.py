"""The lines of one request: by its id where they have it, else by the time in which it was answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from access_lines import access
from stored_lines import line

from devkit.logs.request_lines import RequestLines, lines_of
from devkit.logs.requests import Request, RequestLog
from devkit.logs.store import LogStore

pytestmark = pytest.mark.unit

ID = "0191a1f2-3b4c-7d5e-8f60-718293a4b5c6"
APPLICATION = ("app-1", "laravel.log")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    made = LogStore(tmp_path)
    yield made
    made.close()


def the_request(store: LogStore) -> Request:
    log = RequestLog()
    for _ in log.steps([store.source("app-1")]):
        pass
    return next(request for request in log.newest() if request.path == "/it")


def found(store: LogStore) -> tuple[RequestLines, list[str]]:
    lines = lines_of(the_request(store), store.sources, APPLICATION)
    return lines, [f"{entry.source} {entry.line.text.decode()}" for entry in lines.entries]


def test_lines_that_carry_its_id_are_its_own_whoever_wrote_them(store: LogStore) -> None:
    store.write(store.source("app-1"), line(10, "another one's", "e"))
    store.write(store.source("app-1"), line(10, f'[x] its own {{"request_id":"{ID}"}}', "e"))
    store.write(store.source("app-1"), access(10, "/it", seconds=0.5, uuid=ID))
    store.write(store.source("app-1"), access(10, "/beside", seconds=0.5, uuid="other"))
    store.write(store.source("queue-1"), line(40, f"a job that it queued {ID}", "e"))
    lines, texts = found(store)
    assert lines.by_id
    assert texts == [f'app-1 [x] its own {{"request_id":"{ID}"}}', f"queue-1 a job that it queued {ID}"]


def test_an_exception_is_its_own_with_all_of_its_trace(store: LogStore) -> None:
    log = store.source("laravel.log")
    head = '[2026-01-31 00:00:10] local.ERROR: {} {{"exception":"[object] (E(code: 0): {} at /app/a.php:1)'
    for text in (head.format("Other", "x"), "[stacktrace]", "#0 {main}", '"} '):
        store.write(log, line(10, text, "f"))
    own = (head.format("Oops", "y"), "[stacktrace]", "#0 /app/a.php(3): b()", f'"}} {{"request_id":"{ID}"}}')
    for text in own:
        store.write(log, line(10, text, "f"))
    store.write(log, line(11, "[2026-01-31 00:00:11] local.INFO: later", "f"))
    store.write(store.source("app-1"), access(10, "/it", uuid=ID))
    lines, texts = found(store)
    assert lines.by_id
    assert texts == [f"laravel.log {text}" for text in own]


def test_without_an_id_the_lines_of_its_time_are_given(store: LogStore) -> None:
    log, app = store.source("laravel.log"), store.source("app-1")
    store.write(log, line(7, "[2026-01-31 00:00:07] local.INFO: before", "f"))
    store.write(log, line(8, "[2026-01-31 00:00:08] local.INFO: its second", "f"))
    store.write(app, line(8, "before it began", "e"))
    store.write(app, line(9, "meanwhile", "e"))
    store.write(app, access(9, "/beside"))
    store.write(store.source("redis-1"), line(9, "not the application's"))
    store.write(app, access(10, "/it", seconds=1.5))
    store.write(app, line(11, "after it", "e"))
    lines, texts = found(store)
    assert not lines.by_id
    assert texts == ["laravel.log [2026-01-31 00:00:08] local.INFO: its second", "app-1 meanwhile"]


def test_lines_of_its_time_that_carry_the_id_of_another_are_not_its_own(store: LogStore) -> None:
    store.write(store.source("app-1"), line(10, "perhaps its own", "e"))
    store.write(store.source("app-1"), line(10, "another one's: the-other-id", "e"))
    store.write(store.source("app-1"), access(10, "/it", uuid=ID))
    lines = lines_of(the_request(store), store.sources, APPLICATION, ["the-other-id"])
    assert [entry.line.text for entry in lines.entries] == [b"perhaps its own"]


def test_an_id_that_no_line_carries_leads_to_its_time(store: LogStore) -> None:
    store.write(store.source("app-1"), line(10, "meanwhile", "e"))
    store.write(store.source("app-1"), access(10, "/it", uuid=ID))
    lines, texts = found(store)
    assert not lines.by_id
    assert texts == ["app-1 meanwhile"]


def test_more_lines_than_anybody_reads_are_cut(store: LogStore) -> None:
    store.write(store.source("app-1"), b"".join(line(10, f"line {number}", "e") for number in range(3000)))
    store.write(store.source("app-1"), access(10, "/it"))
    lines, texts = found(store)
    assert lines.cut
    assert len(texts) == 2000
