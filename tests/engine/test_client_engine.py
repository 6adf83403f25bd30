"""The asynchronous client through the docker command, as it reaches an engine on another machine."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from devkit.engine.client import Client
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.events import engine_events
from devkit.engine.log_stream import container_log

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"


@pytest.fixture
def dialled(docker: Docker) -> Docker:
    """The same engine under an address that is no Unix socket: the docker command finds it by itself."""
    assert docker.endpoint.found_by_docker, "the docker command does not find this engine by itself"
    return Docker(docker.binary, Endpoint("ssh://elsewhere", "default"))


def test_requests_events_and_logs_come_through_the_docker_command(docker: Docker, dialled: Docker) -> None:
    name = f"devkit-test-{secrets.token_hex(4)}"

    async def read() -> tuple[list[str], bytes]:
        async with asyncio.timeout(60), Client(dialled) as client:
            assert [await client.get("/_ping") for _ in range(2)] == [(200, b"OK")] * 2
            seen = []
            async with engine_events(dialled, {"container": [name]}) as events:
                command = ("run", "-d", "--network", "none", "--name", name, IMAGE, "seq", "5000")
                running = asyncio.create_task(asyncio.to_thread(docker.run, *command))
                async for event in events:
                    seen.append(event.action)
                    if event.action == "die":
                        break
                await running
            async with container_log(dialled, name) as batches:
                lines = [batch async for batch in batches]
        return seen, b"".join(lines)

    try:
        seen, lines = asyncio.run(read())
    finally:
        docker.run("rm", "-f", name)
    assert seen[0] == "create"
    assert [int(line.partition(b" ")[2]) for line in lines.splitlines()] == list(range(1, 5001))
