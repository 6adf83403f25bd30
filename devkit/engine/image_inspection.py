"""An image as the engine describes it, by its reference: through the engine's API, or else the client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from devkit.engine.docker import Docker
from devkit.project.errors import EngineError


def inspect_image(docker: Docker, reference: str) -> Mapping[str, Any] | None:
    """What `docker image inspect` shows, or None where the engine has none of this name.

    EngineError where the engine does not answer, FailedError where it refuses.
    """
    if docker.endpoint.socket_path is None:
        return _by_client(docker, reference)
    return cast("Mapping[str, Any] | None", docker.find(f"/images/{reference}/json"))


def image_id(docker: Docker, reference: str) -> str | None:
    """The id (`sha256:…`) of the image that a reference stands for now, or None."""
    found = inspect_image(docker, reference)
    return None if found is None else str(found["Id"])


def _by_client(docker: Docker, reference: str) -> Mapping[str, Any] | None:
    done = docker.run("image", "inspect", reference, check=False)
    try:
        found = json.loads(done.stdout or b"[]")
    except ValueError:
        found = []
    if not found and b"No such image" not in done.stderr:
        docker.ping()
        raise EngineError(f"{reference} cannot be inspected: {done.stderr.decode(errors='replace').strip()[:200]}")
    return found[0] if found else None
