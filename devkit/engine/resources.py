"""What a project has on the engine besides containers: images, volumes and networks, and what they take.

Names come at once. Sizes of volumes the engine has to measure, which takes it seconds on a machine with much data:
they are asked for on their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from devkit.engine.belongings import is_image_of, project_label
from devkit.engine.client import Client
from devkit.engine.containers import PROJECT_LABEL

MEASURING_SECONDS = 600.0
"""How long the engine may take to measure: hundreds of gigabytes on a slow disk."""

_VOLUME_LABEL = "com.docker.compose.volume"
_NO_TAG = "<none>:<none>"


@dataclass(frozen=True)
class Image:
    """An image of the project, or one that its containers use."""

    id: str
    names: tuple[str, ...]
    """With their tags; none for what a newer build has left behind."""
    size: int
    """Bytes, layers that other images have too among them."""
    created: float
    users: tuple[str, ...]
    """The names of the containers that were made of it, whoever's they are."""
    own: bool
    """Whether it was made for this project."""
    unshared: int | None = None
    """Bytes that no other image has; None while nobody has measured."""

    @property
    def dangling(self) -> bool:
        """Whether it is left over: it has no name, and no container."""
        return not self.names and not self.users


@dataclass(frozen=True)
class Volume:
    """A volume of the project, or one that its containers use."""

    name: str
    declared: str
    """Its name in compose.yaml; empty where it has none."""
    users: tuple[str, ...]
    size: int | None = None
    """Bytes; None while nobody has measured, or where the volume's driver cannot say."""


@dataclass(frozen=True)
class Network:
    """A network of the project."""

    name: str
    driver: str
    subnet: str
    users: tuple[str, ...]


@dataclass(frozen=True)
class Resources:
    """All of them. `cache` and `cache_free` are bytes of the engine's whole build cache, and of what nothing uses."""

    images: tuple[Image, ...] = ()
    volumes: tuple[Volume, ...] = ()
    networks: tuple[Network, ...] = ()
    cache: int | None = None
    cache_free: int | None = None


async def project_resources(client: Client, project: str) -> Resources:
    """What there is, not measured. EngineError where the engine goes, FailedError where it refuses."""
    filters = {"filters": json.dumps({"label": [project_label(project)]})}
    containers = await client.get_json("/containers/json", {"all": "1"}) or []
    images = await client.get_json("/images/json") or []
    volumes = (await client.get_json("/volumes", filters) or {}).get("Volumes") or []
    networks = await client.get_json("/networks", filters) or []
    return Resources(
        _images(project, images, containers), _volumes(project, volumes, containers), _networks(networks, containers)
    )


async def measured(client: Client, found: Resources) -> Resources:
    """The same with sizes, as `docker system df --verbose` has them. It may take as long as the engine needs."""
    answer = await client.get_json("/system/df?type=image&type=volume&type=build-cache", seconds=MEASURING_SECONDS)
    shared = {image["Id"]: image.get("SharedSize", -1) for image in answer.get("Images") or ()}
    sizes = {volume["Name"]: (volume.get("UsageData") or {}).get("Size", -1) for volume in answer.get("Volumes") or ()}
    cache = answer.get("BuildCache") or ()
    free = [record for record in cache if not record.get("InUse") and not record.get("Shared")]
    return replace(
        found,
        images=tuple(
            replace(image, unshared=image.size - shared[image.id]) if shared.get(image.id, -1) >= 0 else image
            for image in found.images
        ),
        volumes=tuple(
            replace(volume, size=sizes[volume.name]) if sizes.get(volume.name, -1) >= 0 else volume
            for volume in found.volumes
        ),
        cache=sum(record.get("Size", 0) for record in cache if not record.get("Shared")),
        cache_free=sum(record.get("Size", 0) for record in free),
    )


def _images(project: str, found: Sequence[Any], containers: Sequence[Any]) -> tuple[Image, ...]:
    images = []
    for one in found:
        users = [container for container in containers if container.get("ImageID") == one["Id"]]
        names = tuple(sorted(name for name in one.get("RepoTags") or () if name != _NO_TAG))
        own = is_image_of(project, names, one.get("Labels") or {})
        if own or any(_is_of(container, project) for container in users):
            images.append(
                Image(one["Id"], names, int(one.get("Size") or 0), float(one.get("Created") or 0), _named(users), own)
            )
    return tuple(sorted(images, key=lambda image: (not image.own, not image.names, image.names)))


def _volumes(project: str, labelled: Sequence[Any], containers: Sequence[Any]) -> tuple[Volume, ...]:
    declared = {one["Name"]: (one.get("Labels") or {}).get(_VOLUME_LABEL, "") for one in labelled}
    mounted = {name for one in containers if _is_of(one, project) for name in _mounted(one)}
    users = {name: [one for one in containers if name in _mounted(one)] for name in {*declared, *mounted}}
    return tuple(Volume(name, declared.get(name, ""), _named(users[name])) for name in sorted(users))


def _networks(found: Sequence[Any], containers: Sequence[Any]) -> tuple[Network, ...]:
    networks = []
    for one in found:
        users = [
            container
            for container in containers
            if one["Name"] in ((container.get("NetworkSettings") or {}).get("Networks") or {})
        ]
        subnet = next((str(entry.get("Subnet", "")) for entry in (one.get("IPAM") or {}).get("Config") or ()), "")
        networks.append(Network(one["Name"], str(one.get("Driver", "")), subnet, _named(users)))
    return tuple(sorted(networks, key=lambda network: network.name))


def _mounted(container: Mapping[str, Any]) -> set[str]:
    mounts = container.get("Mounts") or ()
    return {mount["Name"] for mount in mounts if mount.get("Type") == "volume" and mount.get("Name")}


def _is_of(container: Mapping[str, Any], project: str) -> bool:
    return (container.get("Labels") or {}).get(PROJECT_LABEL) == project


def _named(containers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted(str(next(iter(one.get("Names") or ()), one["Id"][:12])).lstrip("/") for one in containers))
