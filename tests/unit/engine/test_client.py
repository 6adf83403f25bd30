"""The asynchronous client where no engine can be made to misbehave on command: servers of the test's own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devkit.engine import client as client_module
from devkit.engine.client import Client, connect
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import EngineError, FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def socket_path() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    yield root / "docker.sock"
    shutil.rmtree(root)


class Server:
    """Answers each request with what `answers` holds for its path; counts connections."""

    def __init__(self, answers: dict[str, bytes], *, once: bool = False) -> None:
        self.answers = answers
        self.once = once
        self.connections = 0
        self.asked: list[str] = []
        self.gone = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line = head.partition("\r\n")[0]
                self.asked.append(line)
                writer.write(self.answers[line.split()[1]])
                await writer.drain()
                if self.once:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        writer.close()


@asynccontextmanager
async def served(path: Path, server: Server) -> AsyncIterator[Docker]:
    async with await asyncio.start_unix_server(server.talk, path):
        yield Docker(Path("docker"), Endpoint(f"unix://{path}", "default"))


def answer(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def test_short_requests_follow_one_another_on_one_connection(socket_path: Path) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n6\r\na": 2}\r\n0\r\n\r\n'

    async def read() -> None:
        server = Server({"/one": answer(b"[1]"), "/two": chunked})
        async with served(socket_path, server) as docker, Client(docker) as client:
            assert await client.get_json("/one") == [1]
            assert await client.get_json("/two") == {"a": 2}
            assert await client.get("/one") == (200, b"[1]")
        assert server.connections == 1

    asyncio.run(read())


def test_an_engine_that_closes_after_each_answer_is_asked_anew(socket_path: Path) -> None:
    async def read() -> None:
        server = Server({"/one": answer(b"[1]", more="Connection: close\r\n")}, once=True)
        async with served(socket_path, server) as docker, Client(docker) as client:
            assert [await client.get_json("/one") for _ in range(3)] == [[1]] * 3
        assert server.connections == 3

    asyncio.run(read())


def test_what_is_not_there_is_none_and_a_refusal_gives_the_engines_own_words(socket_path: Path) -> None:
    async def read() -> None:
        answers = {
            "/none": answer(b'{"message":"No such container: x"}', "404 Not Found"),
            "/bad": answer(b'{"message":"bad parameter"}', "400 Bad Request"),
        }
        async with served(socket_path, Server(answers)) as docker, Client(docker) as client:
            assert await client.get_json("/none") is None
            with pytest.raises(FailedError, match="bad parameter"):
                await client.get_json("/bad")

    asyncio.run(read())


def test_an_unchunked_body_is_asked_for_in_http_1_0_and_ends_with_the_connection(socket_path: Path) -> None:
    async def read() -> None:
        server = Server({"/logs?follow=1": b"HTTP/1.0 200 OK\r\n\r\nall of it"}, once=True)
        async with served(socket_path, server) as docker, connect(docker) as connection:
            assert await connection.ask("/logs", {"follow": "1"}, unchunked=True) == 200
            assert await connection.whole() == b"all of it"
            assert await connection.read() == b""
        assert server.asked == ["GET /logs?follow=1 HTTP/1.0"]

    asyncio.run(read())


@pytest.mark.parametrize("body", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"no HTTP at all\r\n\r\n"])
def test_an_engine_that_goes_before_it_answers_is_an_engine_error(body: bytes, socket_path: Path) -> None:
    async def read() -> None:
        async with served(socket_path, Server({"/x": body}, once=True)) as docker, connect(docker) as connection:
            with pytest.raises(EngineError, match="stopped or restarted"):
                await connection.ask("/x")

    asyncio.run(read())


def test_an_engine_that_says_nothing_is_not_waited_for_without_end(
    socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.05)

    async def read() -> None:
        async with served(socket_path, Server({"/x": b""})) as docker, Client(docker) as client:
            with pytest.raises(EngineError, match=r"does not answer within 0\.05 s"):
                await client.get("/x")

    asyncio.run(read())


def test_no_engine_is_the_error_that_says_why(socket_path: Path) -> None:
    async def read() -> None:
        docker = Docker(Path("docker"), Endpoint(f"unix://{socket_path}", "default"))
        async with connect(docker):
            raise AssertionError

    with pytest.raises(EngineError, match="does not exist"):
        asyncio.run(read())


def test_cancelling_a_reader_closes_its_connection(socket_path: Path) -> None:
    async def read() -> None:
        server = Server({"/x": b"HTTP/1.1 200 OK\r\n\r\nbegun"})
        begun = asyncio.Event()

        async def reader(docker: Docker) -> None:
            async with connect(docker) as connection:
                await connection.ask("/x")
                while await connection.read():
                    begun.set()

        async with served(socket_path, server) as docker:
            reading = asyncio.create_task(reader(docker))
            await begun.wait()
            reading.cancel()
            async with asyncio.timeout(5):
                await server.gone.wait()
            assert reading.cancelled()

    asyncio.run(read())


DIALLED = """#!/bin/sh
echo "$$ $*" > {where}
head -n 1 >> {where}
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nOK'
exec sleep 300
"""


def test_a_remote_engine_is_reached_through_the_docker_command_which_ends_with_the_connection(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text(DIALLED.format(where=tmp_path / "said"))
    program.chmod(0o755)

    async def read() -> tuple[int, bytes]:
        async with Client(Docker(program, Endpoint("tcp://host:2376", "DOCKER_HOST"))) as client:
            return await client.get("/_ping")

    assert asyncio.run(read()) == (200, b"OK")
    called, asked = (tmp_path / "said").read_text().splitlines()
    pid, _, words = called.partition(" ")
    assert words == "system dial-stdio"
    assert asked == "GET /_ping HTTP/1.1"
    assert not Path(f"/proc/{pid}").exists()


def test_a_remote_engine_that_cannot_be_reached_is_told_in_the_docker_commands_words(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho 'ssh: Could not resolve hostname host' >&2\nexit 255\n")
    program.chmod(0o755)

    async def read() -> None:
        async with Client(Docker(program, Endpoint("ssh://me@host", "DOCKER_HOST"))) as client:
            await client.get("/_ping")

    with pytest.raises(EngineError, match=r"ssh://me@host.*Could not resolve hostname"):
        asyncio.run(read())
