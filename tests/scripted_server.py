"""A web server that says on the wire exactly what a test tells it to, right or wrong, and counts its connections.

For what Doppler's fake, which speaks HTTP properly, cannot say.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

Deed = Callable[[socket.socket, threading.Event], None]
"""Answers by hand, once; the event says that the test is over."""


@dataclass
class Server:
    """Where it listens, and what it was sent, request by request."""

    url: str
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    answered: threading.Event = field(default_factory=threading.Event)
    """Something was sent, and the system has taken all of it."""

    @property
    def targets(self) -> list[str]:
        """Method and path of each request."""
        return [request.partition("\r\n")[0].rsplit(" HTTP/", 1)[0] for request in self.requests]


def answer(status: int, content: object = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer; what is not bytes is sent as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} Told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode() + b"\r\n" + body


@contextmanager
def scripted_server(*script: bytes | Deed) -> Iterator[Server]:
    """Answers request after request as the script says, and the rest of them like its last line."""
    over = threading.Event()
    lock = threading.Lock()
    accepted: list[tuple[socket.socket, threading.Thread]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve(connection: socket.socket) -> None:
            with suppress(OSError), connection, connection.makefile("rb") as incoming:
                while request := _request(incoming):
                    with lock:
                        line = script[min(len(server.requests), len(script) - 1)]
                        server.requests.append(request)
                    if callable(line):
                        line(connection, over)
                        return
                    connection.sendall(line)
                    server.answered.set()

        def accept() -> None:
            with suppress(OSError):  # shut down below
                while True:
                    connection, _ = listening.accept()
                    server.connections += 1
                    accepted.append((connection, threading.Thread(target=serve, args=(connection,))))
                    accepted[-1][1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection, thread in accepted:
                with suppress(OSError):  # closed by its thread
                    connection.shutdown(socket.SHUT_RDWR)
                thread.join()


def _request(incoming: BinaryIO) -> str:
    """One request, head and body; empty where there is none any more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = incoming.readline()
        if not line:
            return ""
        head += line
    text = head.decode("latin-1")
    length = next((int(line.split(":")[1]) for line in text.lower().split("\r\n") if line.startswith("content-len")), 0)
    return text + incoming.read(length).decode()
