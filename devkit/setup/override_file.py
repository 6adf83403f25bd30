"""compose.override.yaml brought in line with the machine as it is now: ports, owner, base images, trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devkit.engine.images.provide import ProvidedImage
from devkit.engine.machine_trust import MachineTrust
from devkit.engine.port_holders import project_ports
from devkit.laravel.mounts import on_slow_mount
from devkit.project.paths import owner_of
from devkit.scaffold.context import Machine
from devkit.scaffold.override import machine_override
from devkit.setup.machine import settle_ports, write_if_changed, xdebug_file
from devkit.setup.project import Project


@dataclass(frozen=True)
class Override:
    """The host ports that were settled, and whether the file became another."""

    ports: Mapping[str, int]
    changed: bool


def write_override(
    project: Project, bases: Sequence[ProvidedImage], trust: MachineTrust, warn: Callable[[str], None]
) -> Override:
    """Settle the ports and write the file; `warn` is told of a port that was taken, and by whom."""
    docker, settings, paths = project.docker, project.settings, project.paths
    ports = settle_ports(paths, settings, docker, ours=project_ports(docker, settings.name), warn=warn)
    uid, gid = owner_of(paths.root)
    machine = Machine(
        uid,
        gid,
        ports,
        {base.key: base.pinned for base in bases},
        trust=trust,
        polling=on_slow_mount(paths.root),
        xdebug=xdebug_file(paths).is_file(),
    )
    return Override(ports, write_if_changed(paths.override, machine_override(settings, machine)))
