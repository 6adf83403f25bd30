"""A container's log where the engine breaks off, refuses, or is asked for a part: a server of the test's own."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_engine import frame

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.log_stream import Part, container_log
from devkit.project.errors import EngineError, FailedError

pytestmark = pytest.mark.unit

LINE = frame(1, b"2026-11-29T21:16:20.151557363Z out\n")
RUNNING = {"Config": {"Tty": False}, "State": {"Running": True, "StartedAt": "2026-11-29T21:16:20.1Z"}}
STOPPED = {"Config": {"Tty": False}, "State": {"Running": False, "StartedAt": "2026-11-29T21:16:20.1Z"}}
WHOLE = Part()
AGAIN = {"Config": {"Tty": False}, "State": {"Running": True, "StartedAt": "2026-11-29T21:17:00.1Z"}}


@pytest.fixture
def socket_path() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    yield root / "docker.sock"
    shutil.rmtree(root)


def read(
    path: Path, log: bytes, inspections: list[object], part: Part = WHOLE, status: str = "200 OK"
) -> tuple[list[bytes], Exception | None, list[str]]:
    """The batches, the error at the end and the requests. An inspection that is None is an engine that went."""
    asked: list[str] = []
    left = list(inspections)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")[0]
        asked.append(line)
        if "/logs?" in line:
            writer.write(f"HTTP/1.0 {status}\r\n\r\n".encode() + log)
        elif (found := left.pop(0)) is not None:
            body = json.dumps(found).encode()
            code = "200 OK" if "State" in found else "404 Not Found"  # type: ignore[operator]
            writer.write(f"HTTP/1.1 {code}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    batches: list[bytes] = []

    async def run() -> None:
        async with await asyncio.start_unix_server(talk, path):
            docker = Docker(Path("docker"), Endpoint(f"unix://{path}", "default"))
            async with container_log(docker, "abc", part) as log_batches:
                async for lines in log_batches:
                    batches.append(lines)  # noqa: PERF401 - each one kept before the error that ends the stream

    try:
        asyncio.run(run())
    except (EngineError, FailedError) as error:
        return batches, error, asked
    return batches, None, asked


@pytest.mark.parametrize("after", [STOPPED, AGAIN, {"message": "No such container: abc"}])
def test_a_followed_log_ends_when_its_container_stopped_started_again_or_is_gone(
    after: object, socket_path: Path
) -> None:
    batches, error, _ = read(socket_path, LINE, [RUNNING, after])
    assert b"".join(batches) == b"o2026-11-29T21:16:20.151557363Z out\n"
    assert error is None


@pytest.mark.parametrize(("log", "after"), [(LINE, RUNNING), (LINE, None), (LINE + LINE[:20], STOPPED)])
def test_a_log_that_ends_otherwise_is_the_engines_end(log: bytes, after: object, socket_path: Path) -> None:
    batches, error, _ = read(socket_path, log, [RUNNING, after])
    assert batches == [b"o2026-11-29T21:16:20.151557363Z out\n"]
    assert isinstance(error, EngineError)


def test_a_line_that_the_engine_began_before_it_went_is_not_given(socket_path: Path) -> None:
    """It comes whole when the log is read again."""
    batches, error, _ = read(socket_path, frame(1, b"2026-11-29T21:16:20.1Z " + b"b" * 16384), [RUNNING, None])
    assert batches == []
    assert isinstance(error, EngineError)


def test_a_log_that_is_not_followed_ends_while_its_container_runs(socket_path: Path) -> None:
    _, error, _ = read(socket_path, LINE, [RUNNING, RUNNING], Part(follow=False))
    assert error is None


def test_a_part_is_asked_for_in_the_engines_words(socket_path: Path) -> None:
    part = Part(False, since="2026-11-29T21:16:20.151557363Z", until="2026-11-29T21:16:21Z", tail=50)
    _, _, asked = read(socket_path, LINE, [STOPPED, STOPPED], part)
    query = parse_qs(urlsplit(asked[1].split()[1]).query)
    assert query == {
        "stdout": ["1"],
        "stderr": ["1"],
        "timestamps": ["1"],
        "follow": ["0"],
        "since": ["1795986980.151557363"],
        "until": ["1795986981.000000000"],
        "tail": ["50"],
    }
    assert asked[1].endswith("HTTP/1.0")


def test_a_log_that_is_gone_on_with_gives_nothing_twice(socket_path: Path) -> None:
    log = LINE + frame(2, b"2026-11-29T21:16:20.151557362Z older, behind it\n")
    behind = b"o2026-11-29T21:16:20.151557363Z out\n"
    batches, error, asked = read(socket_path, log, [STOPPED, STOPPED], Part(behind=behind))
    assert b"".join(batches) == b"e2026-11-29T21:16:20.151557362Z older, behind it\n"
    assert error is None
    assert parse_qs(urlsplit(asked[1].split()[1]).query)["since"] == ["1795986979.151557363"]


def test_a_container_that_is_gone_and_a_log_that_cannot_be_read_are_told(socket_path: Path) -> None:
    _, error, _ = read(socket_path, b"", [{"message": "No such container: abc"}])
    assert isinstance(error, FailedError)
    assert "gone" in error.message
    socket_path.unlink(missing_ok=True)
    said = b'{"message":"configured logging driver does not support reading"}'
    _, error, _ = read(socket_path, said, [RUNNING], status="500 Internal Server Error")
    assert isinstance(error, FailedError)
    assert "does not support reading" in error.message
