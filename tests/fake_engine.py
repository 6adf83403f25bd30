"""An engine on a Unix socket that answers as it is told: what the real one says only on its worst days."""

from __future__ import annotations

import json
import os
import posix
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from devkit.engine.exec.remembered import Place, Remembered, remember, settings_stamp

REPOSITORY = Path(__file__).resolve().parent.parent
CONTAINER = "c" * 64
EXEC = "e" * 64


class FakeEngine:
    """`stream` is what it does with the exec's connection; `answers` are statuses and bodies by path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.host = f"unix://{path}"
        self.requests: list[tuple[str, str, bytes]] = []
        self.answers: dict[str, tuple[int, bytes]] = {
            f"/containers/{CONTAINER}/exec": (201, json.dumps({"Id": EXEC}).encode()),
            f"/exec/{EXEC}/json": (200, b'{"ID":"e","Running":false,"ExitCode":0,"Pid":7}'),
        }
        self.stream: Callable[[socket.socket], None] = lambda _connection: None
        self.first = b""
        """What comes over the stream in the same packet as the answer."""
        self._told: dict[str, Callable[[], object]] = {}
        self._connections: list[socket.socket] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(8)
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def ended(self, **fields: object) -> None:
        """What inspecting the exec says from now on."""
        body = {"ID": EXEC, "Running": False, "ExitCode": 0, "Pid": 7, **fields}
        self.answers[f"/exec/{EXEC}/json"] = (200, json.dumps(body, separators=(",", ":")).encode())

    def when(self, target: str, told: Callable[[], object]) -> None:
        """Call `told` once it has answered a request for this path."""
        self._told[target] = told

    def close(self) -> None:
        """Listen no more, as an engine that has ended."""
        self.path.unlink(missing_ok=True)
        for one in (self._server, *self._connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                method, target, _ = line.decode().split()
                length = 0
                while (header := reader.readline().strip().lower()) != b"":
                    if header.startswith(b"content-length:"):
                        length = int(header.partition(b":")[2])
                self.requests.append((method, target, reader.read(length)))
                if target.endswith("/start"):
                    connection.sendall(
                        b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + self.first
                    )
                    self.stream(connection)
                    return
                status, body = self.answers.get(target, (404, b'{"message":"no such thing"}'))
                head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)
                self._told.get(target, bool)()


@contextmanager
def fake_engine(directory: Path) -> Iterator[FakeEngine]:
    """One for the while."""
    engine = FakeEngine(directory / "engine.sock")
    try:
        yield engine
    finally:
        engine.close()


def frame(stream: int, text: bytes) -> bytes:
    """A piece of stdout (1) or stderr (2) as it comes over the wire."""
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def remembered_project(root: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a project whose container of `app` in this engine is known already."""
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    monkeypatch.setitem(posix.environ, b"DOCKER_HOST", engine.host.encode())  # os.environ does not reach it
    (root / "devkit.toml").write_text('schema = 1\n[project]\nname = "faked"\n')
    found = Remembered(settings_stamp(os.fsencode(root)), engine.host)
    found.places["app"] = Place(CONTAINER, [(os.fsencode(root), b"/app")])
    remember(os.fsencode(root), found)
