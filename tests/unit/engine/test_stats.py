"""What the engine says of a container's use, as figures that docker stats would show."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.stats import Sample, container_stats, sample_from_json
from devkit.project.errors import EngineError, FailedError

pytestmark = pytest.mark.unit

FOUND: dict[str, Any] = {
    "read": "2026-11-29T21:16:23.5Z",
    "preread": "2026-11-29T21:16:22.5Z",
    "pids_stats": {"current": 7},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "read", "value": 4096},
            {"major": 8, "minor": 0, "op": "write", "value": 100},
            {"major": 8, "minor": 16, "op": "Read", "value": 4},
            {"major": 8, "minor": 16, "op": "Total", "value": 4200},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 1_500}, "system_cpu_usage": 12_000, "online_cpus": 2},
    "precpu_stats": {"cpu_usage": {"total_usage": 1_000}, "system_cpu_usage": 10_000, "online_cpus": 2},
    "memory_stats": {"usage": 1000, "stats": {"inactive_file": 300}, "limit": 7000},
    "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 1}, "eth1": {"rx_bytes": 5, "tx_bytes": 2}},
}
NOT_RUNNING = {"read": "0001-01-01T00:00:00Z", "pids_stats": {}, "cpu_stats": {}, "memory_stats": {}}


def test_a_sample_has_the_figures_that_docker_stats_shows() -> None:
    assert sample_from_json(FOUND) == Sample(
        time=1795986983.5,
        cpu_percent=50.0,
        memory_used=700,
        memory_limit=7000,
        network_received=15,
        network_sent=3,
        block_read=4100,
        block_written=100,
        processes=7,
    )


def test_the_first_sample_has_no_share_of_the_processor_yet() -> None:
    sample = sample_from_json({**FOUND, "precpu_stats": {"cpu_usage": {"total_usage": 0}}})
    assert sample is not None
    assert sample.cpu_percent is None


@pytest.mark.parametrize(
    ("details", "used"),
    [({"total_inactive_file": 400, "inactive_file": 1}, 600), ({"inactive_file": 2000}, 1000), ({}, 1000)],
)
def test_the_cache_that_can_be_given_back_is_not_used_memory(details: dict[str, int], used: int) -> None:
    sample = sample_from_json({**FOUND, "memory_stats": {"usage": 1000, "stats": details, "limit": 2000}})
    assert sample is not None
    assert sample.memory_used == used
    assert sample.memory_percent == used / 20


def test_a_container_without_network_and_block_devices_has_none_of_their_bytes() -> None:
    bare = {name: value for name, value in FOUND.items() if name != "networks"}
    sample = sample_from_json({**bare, "blkio_stats": {"io_service_bytes_recursive": None}})
    assert sample is not None
    assert (sample.network_received, sample.block_read, sample.block_written) == (0, 0, 0)


def test_a_counter_that_began_anew_is_no_negative_share() -> None:
    sample = sample_from_json({**FOUND, "precpu_stats": {"cpu_usage": {"total_usage": 9**9}, "system_cpu_usage": 1}})
    assert sample is not None
    assert sample.cpu_percent == 0.0


@pytest.fixture
def socket_path() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    yield root / "docker.sock"
    shutil.rmtree(root)


def read(path: Path, sent: list[bytes], status: str = "200 OK", end: bytes = b"0\r\n\r\n") -> list[Sample]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for piece in sent:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(end)
        writer.close()

    async def run() -> list[Sample]:
        async with await asyncio.start_unix_server(answer, path):
            docker = Docker(Path("docker"), Endpoint(f"unix://{path}", "default"))
            async with container_stats(docker, "abc") as samples:
                return [sample async for sample in samples]

    return asyncio.run(run())


def test_samples_that_come_in_pieces_end_when_the_container_stops(socket_path: Path) -> None:
    line = json.dumps(FOUND).encode() + b"\n"
    sent = [line[:50], line[50:] + line, json.dumps(NOT_RUNNING).encode() + b"\n", line]
    assert read(socket_path, sent) == [sample_from_json(FOUND)] * 2


def test_samples_end_when_the_container_is_removed(socket_path: Path) -> None:
    assert len(read(socket_path, [json.dumps(FOUND).encode() + b"\n"])) == 1


def test_an_engine_that_goes_and_one_that_refuses_are_errors(socket_path: Path) -> None:
    with pytest.raises(EngineError, match="stopped or restarted"):
        read(socket_path, [json.dumps(FOUND).encode() + b"\n"], end=b"")
    socket_path.unlink(missing_ok=True)
    with pytest.raises(FailedError, match="No such container"):
        read(socket_path, [b'{"message": "No such container: abc"}'], status="404 Not Found")
