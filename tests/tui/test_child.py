"""Commands beside the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from devkit.tui import child

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


async def lines(*parts: bytes) -> list[bytes]:
    stream = asyncio.StreamReader()
    for part in parts:
        stream.feed_data(part)
    stream.feed_eof()
    return [line async for line in child.lines_of(stream)]


async def test_lines_come_without_their_ends_wherever_they_are_cut() -> None:
    assert await lines(b"one\r\ntw", b"o\n\nthree") == [b"one", b"two", b"", b"three"]


async def test_a_line_longer_than_asyncio_takes_comes_whole() -> None:
    assert await lines(b"x" * 300_000, b"y\n", b"end\n") == [b"x" * 300_000 + b"y", b"end"]


async def test_a_line_without_end_is_cut() -> None:
    got = await lines(*[b"x" * 65_536] * 20)
    assert len(got) == 2
    assert sum(map(len, got)) == 20 * 65_536


async def test_a_devkit_command_gives_its_output_and_its_status(tmp_path: Path) -> None:
    said: list[bytes] = []
    status = await child.run(tmp_path, ["status"], said.append)
    assert status == 4
    assert b"not in a devkit project" in b" ".join(said)
