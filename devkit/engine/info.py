"""What the engine says of itself and of the machine that it runs on: through its API, or else the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from devkit.engine import http_socket
from devkit.engine.docker import Docker


def engine_info(docker: Docker) -> Mapping[str, Any]:
    """GET /info, which `docker info` shows; FailedError or CommandError where the engine does not answer."""
    path = docker.endpoint.socket_path
    answer = docker.json("info", "--format", "{{json .}}") if path is None else http_socket.get_json(path, "/info")
    return cast("Mapping[str, Any]", answer)
