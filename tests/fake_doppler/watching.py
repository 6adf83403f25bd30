"""Who watches a config, and what they are told: events, as pkg/controllers/watch.go of Doppler's CLI reads them."""

from __future__ import annotations

import json
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import closing

from fake_doppler.line import Line

PING_SECONDS = 30.0
"""The real server is reported to ping so often."""


def event(kind: str) -> bytes:
    """One event, which has to come in one piece: the CLI takes each read from the network for one."""
    return f"event: message\ndata: {json.dumps({'type': kind})}\n\n".encode()


class Watcher:
    """One open stream. Other threads `tell` it something or `cut` it; its own thread follows the connection."""

    def __init__(self, line: Line, place: tuple[str, str]) -> None:
        self.place = place
        self._line = line
        self._told: list[bytes] = []
        self._cut = False
        self._lock = threading.Lock()
        self._wakes, self._woken = socket.socketpair()

    def tell(self, data: bytes) -> None:
        """Send these bytes."""
        with self._lock:
            self._told.append(data)
        self._wake()

    def cut(self) -> None:
        """End the stream in the middle, as a network does: without its last chunk."""
        with self._lock:
            self._cut = True
        self._wake()

    def follow(self, ping_seconds: float) -> None:
        """Send what is told, until it is cut or the client is gone."""
        with selectors.DefaultSelector() as selector, closing(self._wakes), closing(self._woken):
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._line.connection, selectors.EVENT_READ)
            while not self._cut:
                ready = [key.fileobj for key, _ in selector.select(ping_seconds)]
                if self._line.connection in ready and not self._line.connection.recv(1024):
                    return
                if self._woken in ready:
                    self._woken.recv(1024)
                for data in self._taken() if ready else [event("ping")]:
                    self._line.send(b"%x\r\n%b\r\n" % (len(data), data))

    def _taken(self) -> list[bytes]:
        with self._lock:
            taken, self._told = self._told, []
            return taken

    def _wake(self) -> None:
        try:
            self._wakes.send(b".")
        except OSError:  # it has ended
            return


class Watchers:
    """All open streams; `changed` wakes who waits for one to come or go."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._all: list[Watcher] = []
        self._lock = threading.Lock()
        self._changed = changed

    def serve(self, line: Line, place: tuple[str, str], ping_seconds: float) -> None:
        """Tell a client of changes until the stream ends; the head of the answer has been sent."""
        watcher = Watcher(line, place)
        watcher.tell(event("connected"))
        with self._lock:
            self._all.append(watcher)
        self._changed()
        try:
            watcher.follow(ping_seconds)
        except OSError:
            pass  # the client is gone
        finally:
            with self._lock:
                self._all.remove(watcher)
            self._changed()

    def tell(self, data: bytes, place: tuple[str, str] | None = None) -> None:
        """Send bytes to those who watch this project and config, or to all."""
        for watcher in self.of(place):
            watcher.tell(data)

    def cut(self) -> None:
        """End all streams."""
        for watcher in self.of(None):
            watcher.cut()

    def of(self, place: tuple[str, str] | None) -> list[Watcher]:
        """Who watches this project and config, or all."""
        with self._lock:
            return [watcher for watcher in self._all if place in (None, watcher.place)]
