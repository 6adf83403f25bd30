"""What a container uses, once a second, as the engine sends it by itself: one stream a container, nothing polled.

Figures are computed as `docker stats` does
(https://github.com/docker/cli/blob/master/cli/command/container/stats_helpers.go).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.engine.client import Connection, broken, connect
from devkit.engine.docker import Docker
from devkit.engine.http_socket import HTTP_OK, engine_message
from devkit.project.errors import FailedError

_NEVER = "0001-01-01"
"""The day that the engine names for a container that does not run."""


@dataclass(frozen=True)
class Sample:
    """One look at a container. Bytes of network and block devices count since its start."""

    time: float
    """Seconds since the epoch, by the engine's clock."""
    cpu_percent: float | None
    """Of one core: 200 is two cores busy. None in a stream's first sample, which has nothing to compare with."""
    memory_used: int
    """Bytes, without the page cache that the kernel would give back at once."""
    memory_limit: int
    """Bytes: the container's own limit, or the machine's memory."""
    network_received: int
    network_sent: int
    block_read: int
    block_written: int
    processes: int

    @property
    def memory_percent(self) -> float:
        """Used memory of the limit, in percent."""
        return 100.0 * self.memory_used / self.memory_limit if self.memory_limit else 0.0


@asynccontextmanager
async def container_stats(docker: Docker, container: str) -> AsyncIterator[AsyncIterator[Sample]]:
    """A container's samples: `async with container_stats(docker, id) as samples: async for sample in samples`.

    They end when the container stops or is removed; a stream is opened anew when it has started. FailedError where
    there is no such container, EngineError where the engine goes.
    """
    async with connect(docker) as connection:
        status = await connection.ask(f"/containers/{container}/stats", {"stream": "1"})
        if status != HTTP_OK:
            said = engine_message(await connection.whole())
            raise FailedError(f"no statistics of {container}: {said or status}", "devkit status")
        yield _samples(connection)


def sample_from_json(found: Mapping[str, Any]) -> Sample | None:
    """One object of the stream; None where the container does not run."""
    read = str(found.get("read", _NEVER))
    if read.startswith(_NEVER):
        return None
    memory = found.get("memory_stats") or {}
    networks: Sequence[Mapping[str, int]] = list((found.get("networks") or {}).values())
    blocks: Sequence[Mapping[str, Any]] = (found.get("blkio_stats") or {}).get("io_service_bytes_recursive") or ()
    return Sample(
        time=datetime.fromisoformat(read).timestamp(),
        cpu_percent=_cpu_percent(found.get("cpu_stats") or {}, found.get("precpu_stats") or {}),
        memory_used=_memory_used(memory),
        memory_limit=int(memory.get("limit") or 0),
        network_received=sum(network.get("rx_bytes", 0) for network in networks),
        network_sent=sum(network.get("tx_bytes", 0) for network in networks),
        block_read=_bytes_of(blocks, "r"),
        block_written=_bytes_of(blocks, "w"),
        processes=int((found.get("pids_stats") or {}).get("current") or 0),
    )


async def _samples(connection: Connection) -> AsyncIterator[Sample]:
    rest = b""
    while received := await connection.read():
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            if not line.strip():
                continue
            sample = sample_from_json(json.loads(line))
            if sample is None:
                return
            yield sample
    if rest.strip():
        raise broken()


def _cpu_percent(now: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """The container's share of what all cores did since the sample before, times the cores."""
    if not before.get("system_cpu_usage"):
        return None
    used, used_before = now.get("cpu_usage") or {}, before.get("cpu_usage") or {}
    own = used.get("total_usage", 0) - used_before.get("total_usage", 0)
    machine = now.get("system_cpu_usage", 0) - before["system_cpu_usage"]
    cores = now.get("online_cpus") or len(used.get("percpu_usage") or ())
    return float(own / machine * cores * 100.0) if own > 0 and machine > 0 else 0.0


def _memory_used(memory: Mapping[str, Any]) -> int:
    """Usage without the inactive file cache: `total_inactive_file` in cgroup v1, `inactive_file` in v2."""
    usage, details = int(memory.get("usage") or 0), memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return usage - cache if cache < usage else usage


def _bytes_of(blocks: Sequence[Mapping[str, Any]], letter: str) -> int:
    """Read and written bytes: the engine says `read` with cgroup v2 and `Read` with v1."""
    return sum(int(entry.get("value") or 0) for entry in blocks if str(entry.get("op", "")).lower()[:1] == letter)
