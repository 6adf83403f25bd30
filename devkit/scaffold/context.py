"""What rendering needs besides the settings: base images, what the project's own files say, this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class RenderContext:
    """What the scaffold takes from outside the settings.

    `bases` maps the catalogue's keys (frankenphp, node, mysql, ...) to image references. `composer_paths` are
    directories of path repositories in composer.json, relative to the project; they are needed before
    `composer install`. `frontend_php` says that the front end's build calls `php artisan` (Wayfinder).
    """

    bases: Mapping[str, str]
    adopted: bool = False
    composer_paths: tuple[str, ...] = ()
    frontend_php: bool = False
    health_path: str = "/up"
    xdebug: bool = True


@dataclass(frozen=True)
class RenderedFile:
    """One file of the scaffold: `path` is relative to the project, with forward slashes."""

    path: str
    text: str
    executable: bool = False


@dataclass(frozen=True)
class Machine:
    """What belongs to one machine: compose.override.yaml is made of it, and git never sees it.

    `ports` are the host ports by port key; `bases` the build arguments where an image is local or pinned to a
    digest, by catalogue key; `secrets` files by build secret id (ca, apt_sources, apt_config, npmrc,
    composer_auth). `ca` is the bundle that development containers trust, `composer_auth` Composer's auth.json
    for them, `ssh_agent` says that SSH_AUTH_SOCK is to be forwarded, `proxies` that HTTP_PROXY and its like are
    set, `polling` that bind mounts deliver no file events.
    """

    uid: int
    gid: int
    ports: Mapping[str, int]
    bases: Mapping[str, str] = field(default_factory=_none)
    secrets: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    ca: Path | None = None
    composer_auth: Path | None = None
    npmrc: Path | None = None
    ssh_agent: bool = False
    proxies: bool = False
    polling: bool = False
