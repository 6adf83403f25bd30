"""Which of the distribution's packages make a whole engine, and whether they are new enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from devkit.engine.install.programs import (
    Version,
    at_least,
    parse_version,
)
from devkit.engine.versions import OLDEST

# Debian and Ubuntu name compose v2 differently; the first one that is new enough is taken.
COMPOSE_NAMES = ("docker-compose-v2", "docker-compose")
WANTED = ("docker.io", "docker-cli", "docker-buildx", *COMPOSE_NAMES)

# The release whose packages run on an older one: its C library is new enough for them.
NEXT_RELEASE: Mapping[str, str] = {"bookworm": "trixie"}


@dataclass(frozen=True)
class Choice:
    """Packages to install; `too_old` says what a release lacks, empty where it has everything."""

    names: tuple[str, ...]
    too_old: tuple[str, ...]


def choose(candidates: Mapping[str, str]) -> Choice:
    """The packages of a release, by the candidates that `apt-cache policy` gives."""
    lacking: list[str] = []
    names: list[str] = []

    def take(title: str, oldest: Version, *options: str) -> None:
        for name in options:
            if at_least(parse_version(candidates.get(name, "")), oldest):
                names.append(name)
                return
        seen = next((candidates[name] for name in options if name in candidates), None)
        lacking.append(f"{title} {seen or 'is missing'}" + (" is too old" if seen else ""))

    take("Engine", OLDEST["engine"], "docker.io")
    take("Compose", OLDEST["compose"], *COMPOSE_NAMES)
    take("buildx", OLDEST["buildx"], "docker-buildx")
    if "docker-cli" in candidates:  # since trixie the client is a package of its own
        names.append("docker-cli")
    return Choice((*names, "iptables", "ca-certificates"), tuple(lacking))
