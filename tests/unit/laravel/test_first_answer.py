"""The first answer, waited for beside an event loop."""

from __future__ import annotations

import asyncio
import socket

import pytest

from devkit.laravel.first_answer import first_answer
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


async def answering(said: list[bytes]) -> int:
    """Each connection gets the next text; the status that comes of it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said.pop(0))
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await first_answer(f"http://127.0.0.1:{port}/up?a=b", 10)


def test_whatever_answers_first_counts_and_what_is_no_answer_does_not() -> None:
    assert asyncio.run(answering([b"", b"nonsense\r\n", b"HTTP/1.1 500 Oops\r\n\r\nbody"])) == 500


def test_nothing_that_answers_is_said_with_the_reason() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/up"
        with pytest.raises(FailedError, match=r"did not answer within 0\.2 s"):
            asyncio.run(first_answer(url, 0.2))
