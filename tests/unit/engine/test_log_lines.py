"""Lines of logs as programs print them, whatever bytes they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.logs import LogLine, _Pipe, file_source, read_lines

pytestmark = pytest.mark.unit


def test_lines_split_between_reads_are_joined_and_bad_bytes_are_replaced() -> None:
    pipe = _Pipe("app", "stdout", "c0ffee")
    assert list(pipe.lines(b"t1 ha")) == []
    (line,) = pipe.lines(b"lf\xff\r\nt2 rest")
    assert line == LogLine("t1", "app", "stdout", "half\ufffd")
    (last,) = pipe.lines(b"")
    assert (last.time, last.text) == ("t2", "rest")


def test_a_files_lines_have_no_time_of_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "laravel.log"
    file.write_text("one two\nthree\nfour\n")
    found: list[LogLine] = []
    nowhere = Docker(Path("/nonexistent/docker"), Endpoint("unix:///nonexistent", "default"))
    read_lines(nowhere, [file_source("laravel.log", file, tail=2)], found.append)
    assert [(line.time, line.stream, line.text) for line in found] == [("", "file", "three"), ("", "file", "four")]
