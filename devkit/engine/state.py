"""What is known of a service at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["running", "exited", "restarting", "paused", "created", "missing"]
Health = Literal["healthy", "unhealthy", "starting"]


@dataclass(frozen=True)
class PublishedPort:
    """A port of a container (`target`) and where the host offers it (`host`:`published`)."""

    host: str
    published: int
    target: int
    protocol: str = "tcp"


@dataclass(frozen=True)
class ServiceState:
    """A compose service: its container's state, or `missing` where it has none."""

    name: str
    state: State
    health: Health | None = None
    image: str = ""
    exit_code: int | None = None
    ports: tuple[PublishedPort, ...] = ()
    container: str = ""
    """The container's id; empty where the service is missing."""
    image_id: str = ""
    """What the container was made of: the reference in `image` may stand for another image by now."""

    @property
    def ready(self) -> bool:
        """Running, and healthy where there is a health check."""
        return self.state == "running" and self.health in (None, "healthy")
