"""Samples of real containers."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from devkit.engine.docker import Docker
from devkit.engine.stats import Sample, container_stats
from devkit.project.errors import FailedError

pytestmark = pytest.mark.engine

IMAGE = "devkit.local/debian:forky"
BUSY = "dd if=/dev/zero of=/tmp/file bs=1M count=4 oflag=direct 2>/dev/null; sleep infinity & while :; do :; done"


def test_a_busy_containers_samples_come_by_themselves_until_it_stops(docker: Docker) -> None:
    name = f"devkit-test-{secrets.token_hex(4)}"

    async def collect() -> list[Sample]:
        seen: list[Sample] = []
        async with asyncio.timeout(60), container_stats(docker, name) as samples:
            async for sample in samples:
                seen.append(sample)
                if len(seen) == 3:
                    await asyncio.to_thread(docker.run, "kill", name)
        return seen

    docker.run("run", "-d", "--network", "none", "--memory", "64m", "--name", name, IMAGE, "sh", "-c", BUSY)
    try:
        seen = asyncio.run(collect())
    finally:
        docker.run("rm", "-f", name)
    assert len(seen) >= 3
    assert seen[0].cpu_percent is None
    assert max(sample.cpu_percent or 0 for sample in seen[1:]) > 1
    assert all(0 < sample.memory_used < sample.memory_limit == 64 * 1024 * 1024 for sample in seen)
    assert seen[2].processes == 2
    assert [sample.time for sample in seen] == sorted(sample.time for sample in seen)


def test_a_container_that_is_not_there_has_no_samples(docker: Docker) -> None:
    async def collect() -> None:
        async with container_stats(docker, f"devkit-test-{secrets.token_hex(4)}"):
            raise AssertionError

    with pytest.raises(FailedError, match="No such container"):
        asyncio.run(collect())
