"""Logs of real containers as batches of lines."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator

import pytest

from devkit.engine.docker import Docker
from devkit.engine.log_frames import first_and_last
from devkit.engine.log_stream import Part, container_log
from devkit.project.errors import FailedError

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"
PATIENCE = 60.0

Run = Callable[..., str]


@pytest.fixture
def run(docker: Docker) -> Iterator[Run]:
    """Starts a container that runs a shell's words, and gives its id; all go with the test."""
    made: list[str] = []

    def start(script: str, *options: str) -> str:
        name = f"devkit-test-{secrets.token_hex(4)}"
        made.append(name)
        done = docker.run("run", "-d", "--network", "none", "--name", name, *options, IMAGE, "sh", "-c", script)
        return done.stdout.decode().strip()

    yield start
    if made:
        docker.run("rm", "-f", *made)


def read(docker: Docker, container: str, part: Part) -> list[bytes]:
    async def collect() -> bytes:
        batches = []
        async with asyncio.timeout(PATIENCE), container_log(docker, container, part) as log:
            async for lines in log:
                assert first_and_last(lines) == tuple(sorted(first_and_last(lines)))
                batches.append(lines)
        return b"".join(batches)

    return asyncio.run(collect()).split(b"\n")[:-1]


def texts(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    return [(line[:1], line.partition(b" ")[2]) for line in lines]


ODD = r"""echo out; echo err >&2; sleep 0.1
head -c 1000000 /dev/zero | tr '\0' x; echo
head -c 1100000 /dev/zero | tr '\0' y; echo
printf 'a\0b\033[31mred\r\n'; printf noend"""


def test_what_a_container_wrote_comes_as_it_wrote_it(docker: Docker, run: Run) -> None:
    container = run(ODD)
    found = texts(read(docker, container, Part()))
    assert sorted(found[:2]) == [(b"e", b"err"), (b"o", b"out")]
    assert found[2] == (b"o", b"x" * 1_000_000)
    assert found[3] == (b"o", b"y" * 1_048_576 + b" [51424 bytes left out]")
    assert found[4:] == [(b"o", b"a\0b\033[31mred\r"), (b"o", b"noend")]
    docker.run("start", container)
    docker.run("wait", container)
    again = texts(read(docker, container, Part(follow=False)))
    assert [text for _, text in again].count(b"noend") == 2
    assert len(again) == 2 * len(found)


def test_a_terminals_log_comes_without_frames(docker: Docker, run: Run) -> None:
    container = run(ODD, "--tty")
    found = texts(read(docker, container, Part()))
    assert found == [
        (b"o", b"out\r"),
        (b"o", b"err\r"),
        (b"o", b"x" * 1_000_000 + b"\r"),
        (b"o", b"y" * 1_048_576 + b" [51425 bytes left out]"),
        (b"o", b"a\0b\033[31mred\r\r"),
        (b"o", b"noend"),
    ]


def test_a_log_is_followed_until_its_container_stops(docker: Docker, run: Run) -> None:
    container = run("trap 'echo ended; exit' TERM; echo began; sleep infinity & wait", "--init")

    async def follow() -> list[bytes]:
        seen: list[bytes] = []
        async with asyncio.timeout(PATIENCE), container_log(docker, container) as log:
            async for lines in log:
                seen += lines.split(b"\n")[:-1]
                if len(seen) == 1:
                    stopping = asyncio.ensure_future(asyncio.to_thread(docker.run, "stop", container))
        await stopping
        return seen

    assert texts(asyncio.run(follow())) == [(b"o", b"began"), (b"o", b"ended")]


def test_a_log_goes_on_from_the_timestamp_that_was_last(docker: Docker, run: Run) -> None:
    container = run("for i in $(seq 2000); do echo line $i; done")
    docker.run("wait", container)
    every = read(docker, container, Part(follow=False))
    assert [line.partition(b" ")[2] for line in every] == [b"line %d" % number for number in range(1, 2001)]
    tail = read(docker, container, Part(follow=False, tail=7))
    assert tail == every[-7:]
    since = first_and_last(tail[0] + b"\n")[0]
    assert read(docker, container, Part(since=since)) == tail
    before = read(docker, container, Part(follow=False, until=since))
    assert before == every[:-6]


def test_a_log_that_is_broken_off_anywhere_is_gone_on_with(docker: Docker, run: Run) -> None:
    container = run("seq 3000 & seq 3000 >&2; wait")
    docker.run("wait", container)
    every = [line + b"\n" for line in read(docker, container, Part(follow=False))]
    assert len(every) == 6000
    for at in (0, 1234, 3000, 5998, 5999):
        rest = read(docker, container, Part(behind=every[at]))
        assert [line + b"\n" for line in rest] == every[at + 1 :]


def test_a_slow_reader_loses_nothing(docker: Docker, run: Run) -> None:
    container = run("seq 30000")

    async def slowly() -> bytes:
        batches = []
        async with asyncio.timeout(PATIENCE), container_log(docker, container) as log:
            async for lines in log:
                batches.append(lines)
                await asyncio.sleep(0.001)
        return b"".join(batches)

    lines = asyncio.run(slowly()).split(b"\n")[:-1]
    assert [int(line.partition(b" ")[2]) for line in lines] == list(range(1, 30001))


def test_a_container_that_is_gone_is_told(docker: Docker) -> None:
    with pytest.raises(FailedError, match="gone"):
        read(docker, f"devkit-test-{secrets.token_hex(4)}", Part())
