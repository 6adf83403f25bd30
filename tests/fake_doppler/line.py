"""One connection while it is answered: what faults do to it, and an end to all waiting when the server ends."""

from __future__ import annotations

import socket
import struct
import threading


class EndedError(Exception):
    """The server ends: whoever waits, stops."""


class Line:
    """The way back to a client."""

    def __init__(self, connection: socket.socket, ending: threading.Event) -> None:
        self.connection = connection
        self._ending = ending

    def send(self, data: bytes) -> None:
        """All of it; OSError if the client is gone."""
        self.connection.sendall(data)

    def drip(self, data: bytes, seconds: float) -> None:
        """A byte at a time, with so many seconds before each."""
        for byte in data:
            self.pause(seconds)
            self.send(bytes([byte]))

    def pause(self, seconds: float | None) -> None:
        """Wait, until the server ends if it is None. EndedError if it does."""
        if self._ending.wait(seconds):
            raise EndedError

    def reset(self) -> None:
        """End the connection with RST: the client is told that it was reset, whatever it was about to read."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.close(self.connection)
