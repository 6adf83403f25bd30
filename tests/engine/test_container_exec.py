"""Commands in a real container, run beside an event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.container_exec import Completed, run_in, running_in
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"


@pytest.fixture(scope="module")
def container(docker: Docker) -> Iterator[str]:
    name = f"devkit-test-{secrets.token_hex(4)}"
    docker.run("run", "-d", "--init", "--network", "none", "--name", name, IMAGE, "sleep", "infinity")
    yield name
    docker.run("rm", "-f", name)


def run(docker: Docker, container: str, *argv: str, stdin: bytes = b"", timeout: float = 20) -> Completed:
    return asyncio.run(run_in(docker, container, argv, stdin=stdin, timeout=timeout))


def processes(docker: Docker, container: str) -> str:
    return docker.run("exec", container, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout.decode()


def test_both_outputs_and_the_status_come_back(docker: Docker, container: str) -> None:
    done = run(docker, container, "sh", "-c", "echo out; echo err >&2; exit 7")
    assert done == Completed(7, b"out\n", b"err\n")


def test_a_program_that_is_not_there_or_was_killed_says_so_by_its_status(docker: Docker, container: str) -> None:
    assert run(docker, container, "no-such-program").status == 127
    assert run(docker, container, "/etc/passwd").status == 126
    assert run(docker, container, "sh", "-c", "kill -9 $$").status == 137


def test_much_goes_in_and_comes_out_at_once(docker: Docker, container: str) -> None:
    data = secrets.token_bytes(3_000_000)
    assert run(docker, container, "cat", stdin=data) == Completed(0, data, b"")
    assert run(docker, container, "true", stdin=data).status == 0


def test_it_works_through_the_docker_command_too(docker: Docker, container: str) -> None:
    dialled = Docker(docker.binary, Endpoint("ssh://elsewhere", "default"))
    assert run(dialled, container, "cat", stdin=b"in") == Completed(0, b"in", b"")


def test_a_conversation_ends_with_its_input(docker: Docker, container: str) -> None:
    async def talk() -> tuple[list[bytes], int]:
        said = []
        async with asyncio.timeout(20), running_in(docker, container, ["cat"]) as command:
            for word in (b"one", b"two"):
                await command.write(word)
                said.append(b"".join(piece for _, piece in await command.read()))
            command.end_input()
            assert not await command.read()
            return said, await command.status()

    assert asyncio.run(talk()) == ([b"one", b"two"], 0)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.05, 0.5])
def test_cancelled_at_any_moment_nothing_of_it_stays_in_the_container(
    docker: Docker, container: str, seconds: float
) -> None:
    mark = f"cancelled-{secrets.token_hex(4)}"
    script = f"trap '' TERM HUP; sleep 300 & while :; do sleep 1; done # {mark}"

    async def cancel() -> None:
        task = asyncio.create_task(run_in(docker, container, ["sh", "-c", script], timeout=60))
        await asyncio.sleep(seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    left = processes(docker, container)
    assert mark not in left
    assert "sleep 300" not in left


def test_one_that_takes_too_long_is_ended(docker: Docker, container: str) -> None:
    with pytest.raises(FailedError, match=r"sleep took longer than 0\.3 s"):
        run(docker, container, "sleep", "301", timeout=0.3)
    assert "sleep 301" not in processes(docker, container)


def test_one_that_writes_without_end_is_ended(docker: Docker, container: str) -> None:
    with pytest.raises(FailedError, match="more than 16 MiB"):
        run(docker, container, "yes", "without end")
    assert "without end" not in processes(docker, container)


def test_a_container_that_is_gone_or_stopped_is_said_in_the_engines_words(docker: Docker) -> None:
    name = f"devkit-test-{secrets.token_hex(4)}"
    with pytest.raises(FailedError, match="No such container"):
        run(docker, name, "true")
    docker.run("run", "--name", name, IMAGE, "true")
    try:
        with pytest.raises(FailedError, match="not running"):
            run(docker, name, "true")
    finally:
        docker.run("rm", "-f", name)


def test_a_container_that_ends_takes_the_command_with_it(docker: Docker) -> None:
    name = f"devkit-test-{secrets.token_hex(4)}"
    docker.run("run", "-d", "--rm", "--init", "--network", "none", "--name", name, IMAGE, "sleep", "infinity")

    async def end_it() -> None:
        async with asyncio.timeout(30), running_in(docker, name, ["sh", "-c", "echo there; sleep 302"]) as command:
            assert await command.read()
            await asyncio.to_thread(docker.run, "rm", "-f", name)
            assert not await command.read()
            await command.status()

    with pytest.raises(FailedError, match="the container ended"):
        asyncio.run(end_it())
