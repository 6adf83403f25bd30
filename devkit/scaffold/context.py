"""What rendering needs besides the settings: base images, what the project's own files say, this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from devkit.engine.machine_trust import MachineTrust


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class RenderContext:
    """What the scaffold takes from outside the settings.

    `bases` maps the catalogue's keys (frankenphp, node, mysql, ...) to image references. `composer_paths` are
    directories of path repositories in composer.json, relative to the project; they are needed before
    `composer install`. `frontend_php` says that the front end's build calls `php artisan` (Wayfinder), and
    `manager_version` which version of its package manager the project names.
    """

    bases: Mapping[str, str]
    adopted: bool = False
    composer_paths: tuple[str, ...] = ()
    frontend_php: bool = False
    manager_version: str | None = None
    health_path: str = "/up"
    xdebug: bool = True


@dataclass(frozen=True)
class RenderedFile:
    """One file of the scaffold: `path` is relative to the project, with forward slashes.

    `adopted` is the text with what a person's former file under that name said, where that is carried over.
    """

    path: str
    text: str
    executable: bool = False
    adopted: str | None = None


@dataclass(frozen=True)
class Machine:
    """What belongs to one machine: compose.override.yaml is made of it, and git never sees it.

    `ports` are the host ports by port key; `bases` the build arguments where an image is local or pinned to a
    digest, by catalogue key; `trust` what builds and containers are given of the machine; `polling` says that bind
    mounts deliver no file events, `xdebug` that breakpoints are on.
    """

    uid: int
    gid: int
    ports: Mapping[str, int]
    bases: Mapping[str, str] = field(default_factory=_none)
    trust: MachineTrust = field(default_factory=MachineTrust)
    polling: bool = False
    xdebug: bool = False
