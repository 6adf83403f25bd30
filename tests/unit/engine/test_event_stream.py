"""The event stream where no engine can be made to misbehave on command: a server of the test's own."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.events import Event, engine_events
from devkit.project.errors import EngineError

pytestmark = pytest.mark.unit

EVENT = {
    "Type": "container",
    "Action": "health_status: healthy",
    "Actor": {"ID": "abc", "Attributes": {"name": "x"}},
    "timeNano": 1_500_000_000,
}


@pytest.fixture
def socket_path() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    yield root / "docker.sock"
    shutil.rmtree(root)


def listen(path: Path, chunks: list[bytes], status: str = "200 OK") -> tuple[list[Event], list[str]]:
    """The events read from a server that sends `chunks` and closes, the request line and the error."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")[0])
        writer.write(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for chunk in chunks:
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        writer.close()

    seen: list[Event] = []

    async def read() -> None:
        async with await asyncio.start_unix_server(answer, path):
            docker = Docker(Path("docker"), Endpoint(f"unix://{path}", "default"))
            async with engine_events(docker, {"label": ["a=b"]}) as events:
                async for event in events:  # each one kept before the error that ends the stream
                    seen.append(event)  # noqa: PERF401

    with pytest.raises(EngineError) as caught:
        asyncio.run(read())
    asked.append(caught.value.message)
    return seen, asked


def test_an_event_that_comes_in_two_pieces_is_one_event(socket_path: Path) -> None:
    line = json.dumps(EVENT).encode() + b"\n"
    seen, _ = listen(socket_path, [line[:20], line[20:] + line])
    assert seen == [Event("container", "health_status: healthy", "abc", {"name": "x"}, 1.5)] * 2


def test_the_filters_and_the_moment_of_the_call_are_asked_for(socket_path: Path) -> None:
    _, (request, _message) = listen(socket_path, [])
    query = parse_qs(urlsplit(request.split()[1]).query)
    assert json.loads(query["filters"][0]) == {"label": ["a=b"]}
    assert float(query["since"][0]) > 0


def test_an_engine_that_goes_away_is_an_engine_error(socket_path: Path) -> None:
    _, (_request, message) = listen(socket_path, [])
    assert "stopped or restarted" in message


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b"", b"5\r\nab"])
def test_an_answer_that_is_cut_off_is_the_iterators_own_error(end: bytes, socket_path: Path) -> None:
    """A task that only reads gets it: it does not pass through the `async with` on its way."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + end)
        writer.close()

    async def read() -> None:
        async with await asyncio.start_unix_server(answer, socket_path):
            docker = Docker(Path("docker"), Endpoint(f"unix://{socket_path}", "default"))
            async with engine_events(docker, {}) as events:
                with pytest.raises(EngineError, match="stopped or restarted"):
                    await anext(events)

    asyncio.run(read())


def test_an_error_of_whoever_reads_is_not_taken_for_the_engines(socket_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await reader.read()
        writer.close()

    async def read() -> None:
        async with await asyncio.start_unix_server(answer, socket_path):
            docker = Docker(Path("docker"), Endpoint(f"unix://{socket_path}", "default"))
            async with engine_events(docker, {}):
                raise BrokenPipeError(32, "Broken pipe")  # devkit up 2>&1 | head -1

    with pytest.raises(BrokenPipeError):
        asyncio.run(read())


def test_a_refusal_gives_the_engines_own_words(socket_path: Path) -> None:
    _, (_request, message) = listen(socket_path, [b'{"message": "bad filter"}'], status="400 Bad Request")
    assert "bad filter" in message


def test_a_remote_engines_events_come_through_the_client_which_ends_with_the_reader(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    answer = f"printf 'HTTP/1.1 200 OK\\r\\n\\r\\n'\necho '{json.dumps(EVENT)}'"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{answer}\nexec sleep 300\n")
    program.chmod(0o755)

    async def read() -> Event:
        docker = Docker(program, Endpoint("ssh://u@h", "DOCKER_HOST"))
        async with engine_events(docker, {}) as events:
            async for event in events:
                return event
        raise AssertionError

    assert asyncio.run(read()).actor == "abc"
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
