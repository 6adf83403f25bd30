"""What is lost with a volume, in words for the question before it is removed."""

from __future__ import annotations

from devkit.engine.resources import Volume
from devkit.project.services import DATABASES, SERVICES

_CADDY = {
    "devkit-caddy-data": "Caddy's certificates, which it makes anew",
    "devkit-caddy-config": "Caddy's last configuration, which it writes anew",
}


def loss_of(volume: Volume) -> str:
    """What it holds, and for a database how a copy is kept first."""
    if volume.declared in _CADDY:
        return _CADDY[volume.declared]
    service = next((one for one in SERVICES.values() if one.volume == volume.declared and one.volume), None)
    if service is None:
        return "all that is in it"
    if service.name in DATABASES:
        return f"the whole {service.title} database; `devkit db snapshot` keeps a copy first, while {service.name} runs"
    return f"the data of {service.title}"
