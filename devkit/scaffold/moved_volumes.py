"""Services that a new compose.yaml gives another volume: what is in the former one would seem to have gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.errors import UsageError
from devkit.scaffold.adopt_compose import parse_yaml
from devkit.scaffold.plan import PlannedFile

_COMPOSE = "compose.yaml"
_CADDY = "devkit-caddy-"
"""What Caddy keeps is made anew by itself."""


@dataclass(frozen=True)
class MovedVolume:
    """One service's data: the engine's names of its volumes, and how the new one is called in compose.yaml."""

    service: str
    before: str
    after: str
    declared: str


def moved_volumes(project: str, files: Sequence[PlannedFile]) -> list[MovedVolume]:
    """What the plan would do to the volumes of a project; nothing where compose.yaml cannot be read."""
    file = next((file for file in files if file.path == _COMPOSE), None)
    if file is None or file.old is None:
        return []
    try:
        before, after = (_mounts(project, parse_yaml(text, Path(_COMPOSE))) for text in (file.old, file.new))
    except UsageError:
        return []
    return [
        MovedVolume(service, before[service, target][1], volume, declared)
        for (service, target), (declared, volume) in after.items()
        if (service, target) in before and before[service, target][1] != volume and not declared.startswith(_CADDY)
    ]


def _mounts(project: str, document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """By service and directory in it: the volume's name in the file, and on the engine."""
    declared = document.get("volumes")
    names = declared if isinstance(declared, dict) else {}
    found = {}
    services = document.get("services")
    for service, content in (services if isinstance(services, dict) else {}).items():
        mounts = content.get("volumes") if isinstance(content, dict) else None
        for source, target in _pairs(mounts if isinstance(mounts, list) else []):
            if source in names:
                options = names[source]
                given = options.get("name") if isinstance(options, dict) else None
                found[str(service), target] = (source, str(given) if given else f"{project}_{source}")
    return found


def _pairs(mounts: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for mount in mounts:
        if isinstance(mount, dict):
            yield str(mount.get("source", "")), str(mount.get("target", ""))
        else:
            source, _, rest = str(mount).partition(":")
            yield source, rest.partition(":")[0]
