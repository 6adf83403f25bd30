"""The load of a rehearsal, run by PHP: what a server does wrong is counted, each time and nothing twice."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from devkit.delivery.cluster import load as load_module
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.project.settings import DEFAULT_NODE, DEFAULT_PHP

pytestmark = pytest.mark.engine

SCRIPT = Path(load_module.__file__).with_name("load.php")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
GOOD = {
    "kept": OK + b"\r\nok",
    "closing": OK + b"Connection: close\r\n\r\nok",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
}
BAD = {
    "status 500": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    "half an answer": OK + b"\r\no",
    "the connection was closed without an answer": b"",
}


@dataclass
class Server:
    """Answers in turn what it was told to, and counts what it answered."""

    answers: dict[str, bytes]
    port: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def listening(self) -> Iterator[Server]:
        turns = cycle(self.answers.items())
        with socket.create_server(("0.0.0.0", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._accept, args=(listener, turns), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                with suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _accept(self, listener: socket.socket, turns: Iterator[tuple[str, bytes]]) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._serve, args=(connection, turns), daemon=True).start()

    def _serve(self, connection: socket.socket, turns: Iterator[tuple[str, bytes]]) -> None:
        with connection, suppress(OSError):
            stays = True
            while stays:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    piece = connection.recv(4096)
                    if not piece:
                        return
                    request += piece
                with self._lock:
                    name, text = next(turns)
                    self.answered[name] += 1
                connection.sendall(text)
                stays = name in ("kept", "chunked", "status 500")


def counted(docker: Docker, port: int, **environment: str) -> dict[str, Any]:
    """The last line of a load that runs for two seconds."""
    image = base_image("frankenphp", DEFAULT_PHP, DEFAULT_NODE).reference
    given = {
        "TARGET": f"host.docker.internal:{port}",
        "SECONDS": "2",
        "CONNECTIONS": "3",
        "PAUSE": "0.002",
        **environment,
    }
    variables = [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
    words = ["run", "--rm", "--interactive", "--add-host", "host.docker.internal:host-gateway", *variables]
    out = docker.run(*words, "--entrypoint", "php", image, input=SCRIPT.read_bytes()).stdout.decode()
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert found["done"]
    return found


def test_a_server_without_fault_fails_nothing_however_it_ends_an_answer(docker: Docker) -> None:
    with Server(GOOD).listening() as server:
        found = counted(docker, server.port)
    assert (found["failed"], found["failures"]) == (0, [])
    assert found["requests"] == server.answered.total() > 20
    assert 0 < found["p50"] <= found["p99"]


def test_each_fault_is_counted_once_and_named(docker: Docker) -> None:
    with Server({**GOOD, **BAD}).listening() as server:
        found = counted(docker, server.port)
    assert found["requests"] == server.answered.total()
    assert found["failed"] == sum(server.answered[name] for name in BAD)
    assert {one["why"] for one in found["failures"]} == set(BAD)


def test_where_nobody_listens_every_request_has_failed(docker: Docker) -> None:
    with Server(GOOD).listening() as server:
        port = server.port
    found = counted(docker, port)
    assert found["requests"] == found["failed"] > 0
    assert found["p50"] is None
    assert "no connection" in found["failures"][0]["why"]


def test_an_answer_that_does_not_come_in_time_has_failed(docker: Docker) -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        found = counted(docker, listener.getsockname()[1], PATIENCE="0.5")
    assert found["failed"] == found["requests"] > 0
    assert found["failures"][0]["why"] == "no answer within 0.5 s"
