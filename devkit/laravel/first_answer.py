"""The first answer of an application that takes up new code, waited for beside an event loop."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from devkit.project.errors import FailedError

_PAUSE = 0.02
_CHUNK = 64 * 1024


async def first_answer(url: str, seconds: float) -> int:
    """The status of the first answer to a GET of an http URL; FailedError after so many seconds without one."""
    failure = "nothing answered"
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await _status(url)
                except (OSError, ValueError) as error:
                    failure = str(error)
                await asyncio.sleep(_PAUSE)  # no event says that a port, forwarded by the engine, answers from now on
    except TimeoutError as error:
        raise FailedError(
            f"{url} did not answer within {seconds:g} s: {failure}", "see why with: devkit logs app"
        ) from error


async def _status(url: str) -> int:
    """One request on a connection of its own; OSError where that gives no HTTP answer."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: devkit\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("ascii"))
        words = (await reader.readline()).split()
        if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
            raise ConnectionError("the answer is no HTTP")
        while await reader.read(_CHUNK):
            pass
        return int(words[1])
    finally:
        writer.close()
