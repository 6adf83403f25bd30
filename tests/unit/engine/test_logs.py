"""Log lines become records, whatever bytes they are."""

from __future__ import annotations

import pytest

from devkit.engine.logs import _Source, record_of

pytestmark = pytest.mark.unit


def test_a_plain_line_keeps_its_time_and_stream() -> None:
    record = record_of("mysql", "stderr", "2026-01-01T00:00:00.1Z ready for connections")
    assert record.to_json() == {
        "time": "2026-01-01T00:00:00.1Z",
        "service": "mysql",
        "stream": "stderr",
        "level": None,
        "message": "ready for connections",
        "context": {},
    }


def test_a_line_of_caddy_gives_level_message_and_context() -> None:
    record = record_of("app", "stderr", '2026-01-01T00:00:00Z {"level":"INFO","msg":"handled request","status":200}')
    assert (record.level, record.message, record.context) == ("info", "handled request", {"status": 200})


def test_lines_split_between_reads_are_joined_and_bad_bytes_are_replaced() -> None:
    source = _Source("app", "stdout")
    assert list(source.records(b"t1 ha")) == []
    (record,) = source.records(b"lf\xff\nt2 rest")
    assert record.message == "half\ufffd"
    (last,) = source.records(b"")
    assert (last.time, last.message) == ("t2", "rest")
