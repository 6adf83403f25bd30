"""http.client over a Unix socket."""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPException
from pathlib import Path

__all__ = ["HTTPException", "UnixHTTPConnection"]


class UnixHTTPConnection(HTTPConnection):
    """`timeout` in seconds holds for the connection and for each read."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file; OSError where nothing listens or the user may not."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(self.timeout)
        try:
            client.connect(str(self._path))
        except BaseException:
            client.close()
            raise
        self.sock = client
