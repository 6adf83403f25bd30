"""What belongs to this machine: free ports, the owner's UID, local base images; written to compose.override.yaml."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from devkit.engine.docker import Docker
from devkit.engine.port_holders import binds_low_ports, port_holder
from devkit.project.env_file import read_env
from devkit.project.errors import UsageError
from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths
from devkit.project.ports import PortState, choose_ports, port_state
from devkit.project.remembered_ports import remember_choices, remembered_choices
from devkit.project.services import APP
from devkit.project.settings import Settings
from devkit.scaffold.foreign_ports import foreign_ports

XDEBUG_FILE = "xdebug.json"
"""In .devkit/ while breakpoints are on, on this machine; it says which mode was before."""


def xdebug_file(paths: ProjectPaths) -> Path:
    """Its path."""
    return paths.state / XDEBUG_FILE


def settle_ports(
    paths: ProjectPaths,
    settings: Settings,
    docker: Docker,
    *,
    ours: Collection[int],
    warn: Callable[[str], None],
    write: bool = True,
) -> dict[str, int]:
    """Choose a free host port for everything published, say what was taken by whom, and remember the choice.

    `ours` are ports that this project's own containers hold: those count as free, but for the ones that services
    publish which are none of devkit's.
    """
    wanted = settings.default_ports()
    before = remembered_choices(paths)
    # A port that is wanted anew is tried; one that was taken once is not tried again with every run.
    remembered = {key: port for key, (asked, port) in before.items() if wanted.get(key) == asked}
    foreign = foreign_ports(paths.root, (APP, *settings.all_services), read_env(paths.env))
    first = {**wanted, **remembered}
    low = [port for port in first.values() if port not in ours and port_state(port) is PortState.NOT_PERMITTED]
    chosen = choose_ports(wanted, remembered, foreign, ours, privileged=bool(low) and binds_low_ports(docker))
    for key, port in chosen.items():
        if port != first[key] and first[key] in low:
            warn(f"port {first[key]} for {key} needs privileges that neither you nor the engine have: using {port}")
        elif port != first[key]:
            ours_too = next((other for other, taken in chosen.items() if taken == first[key]), None)
            by = foreign.get(first[key]) or ours_too or port_holder(docker, first[key]) or "another program"
            warn(f"port {first[key]} for {key} is taken by {by}: using {port}")
    now = {key: (wanted[key], port) for key, port in chosen.items()}
    if write and now != before:
        remember_choices(paths, now)
    return chosen


def check_ports_asked_for(docker: Docker, ports: Collection[int]) -> None:
    """UsageError for a port that a person named and that neither that person nor the engine may bind."""
    for port in ports:
        if port_state(port) is PortState.NOT_PERMITTED and not binds_low_ports(docker):
            raise UsageError(
                f"port {port} cannot be bound: it needs privileges that neither you nor the rootless engine have",
                "give one from 1024 up, or lower the limit: sudo sysctl net.ipv4.ip_unprivileged_port_start=80",
            )


def write_if_changed(path: Path, text: str) -> bool:
    """Write a generated file; False where it says that already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    write_atomically(path, text)
    return True
