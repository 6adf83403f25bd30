"""Short requests to the engine's API over its Unix socket; what streams, and what has an event loop, is in `client`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from devkit.project.errors import EngineError, FailedError

SECONDS = 10.0
"""How long the engine may take to connect, and for each read."""

HTTP_OK = 200
HTTP_NOT_FOUND = 404


def request(
    path: Path, method: str, target: str, *, query: dict[str, str] | None = None, timeout: float = SECONDS
) -> tuple[int, bytes]:
    """One request on a connection of its own: status and body.

    OSError where nothing answers, or what answers is no HTTP.
    """
    from devkit.engine.unix_http import HTTPException, UnixHTTPConnection  # http.client: programs that stream need none

    connection = UnixHTTPConnection(path, timeout)
    try:
        connection.request(method, f"{target}?{urlencode(query)}" if query else target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except HTTPException as error:
        raise ConnectionError(f"no HTTP answer ({type(error).__name__})") from error
    finally:
        connection.close()


def get_json(path: Path, target: str, *, query: dict[str, str] | None = None) -> Any:
    """The JSON that the engine answers a GET with.

    EngineError where it does not answer, FailedError with its own message where it refuses.
    """
    try:
        status, body = request(path, "GET", target, query=query)
    except OSError as error:
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
