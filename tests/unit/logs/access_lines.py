"""Access lines as Caddy writes them, for tests."""

from __future__ import annotations

import json
from typing import Any

from stored_lines import line


def access(
    second: int,
    path: str = "/",
    *,
    method: str = "GET",
    status: int = 200,
    seconds: float = 0.01,
    **more: Any,
) -> bytes:
    """The stored line of a request that was answered in that second."""
    fields = {
        "level": "info",
        "logger": "http.log.access.log0",
        "msg": "handled request",
        "request": {"remote_ip": "172.18.0.1", "method": method, "host": "localhost:8000", "uri": path, "headers": {}},
        "duration": seconds,
        "size": 12,
        "status": status,
        **more,
    }
    return line(second, json.dumps(fields, separators=(",", ":")))
