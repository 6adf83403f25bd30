"""Which builder a build goes to, and what it can: the engine's own builds for one platform, and attests nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devkit.engine.docker import Docker

_FIELD = re.compile(r"^(Name|Driver):\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Builder:
    """A builder of buildx. `keeps_lists` where its images may be of several platforms, and have attestations."""

    name: str
    driver: str
    keeps_lists: bool


def find_builder(docker: Docker, name: str | None = None) -> Builder:
    """The one of this name, else the one that is in use now; CommandError where there is none.

    The driver `docker` is the engine itself; it keeps lists of images with the containerd image store only
    (https://docs.docker.com/build/builders/drivers/).
    """
    said = docker.run("buildx", "inspect", *([name] if name else [])).stdout.decode(errors="replace")
    fields: dict[str, str] = {}
    for key, value in _FIELD.findall(said):
        fields.setdefault(key, value)
    driver = fields.get("Driver", "")
    return Builder(fields.get("Name", name or ""), driver, driver != "docker" or _has_containerd_store(docker))


def _has_containerd_store(docker: Docker) -> bool:
    said = docker.run("info", "--format", "{{json .DriverStatus}}", check=False).stdout
    return b"io.containerd.snapshotter" in said
