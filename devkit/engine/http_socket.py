"""Short requests to the engine's API over its Unix socket; what streams, and what has an event loop, is in `client`."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from devkit.project.errors import EngineError, FailedError

SECONDS = 10.0
"""How long the engine may take to connect, and for each read."""

HTTP_OK = 200
HTTP_NOT_FOUND = 404


class UnixHTTPConnection(http.client.HTTPConnection):
    """http.client over a Unix socket; `timeout` in seconds holds for the connection and for each read."""

    def __init__(self, path: Path, timeout: float = SECONDS) -> None:
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


def request(
    path: Path, method: str, target: str, *, query: dict[str, str] | None = None, timeout: float = SECONDS
) -> tuple[int, bytes]:
    """One request on a connection of its own: status and body.

    OSError and http.client.HTTPException pass through: what they mean depends on who asked.
    """
    connection = UnixHTTPConnection(path, timeout)
    try:
        connection.request(method, f"{target}?{urlencode(query)}" if query else target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get_json(path: Path, target: str, *, query: dict[str, str] | None = None) -> Any:
    """The JSON that the engine answers a GET with.

    EngineError where it does not answer, FailedError with its own message where it refuses.
    """
    try:
        status, body = request(path, "GET", target, query=query)
    except (OSError, http.client.HTTPException) as error:
        raise EngineError(f"the engine did not answer {target}: {error}", "devkit doctor") from error
    if status != HTTP_OK:
        raise FailedError(f"the engine refused {target}: {engine_message(body) or status}", "devkit doctor")
    return json.loads(body)


def engine_message(body: bytes) -> str:
    """The `message` of the engine's error object, or the body's first line."""
    text = body.decode(errors="replace").strip()
    try:
        content = json.loads(text)
    except ValueError:
        return text.partition("\n")[0][:200]
    return str(content.get("message", "")) if isinstance(content, dict) else text[:200]
