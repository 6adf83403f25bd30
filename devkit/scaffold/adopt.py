"""What stands in a directory before the first run: nothing, a Laravel application, or something else.

Only reads. What is found becomes the defaults of the questions; what is there is never lost by it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from devkit.project.env_file import read_env
from devkit.project.errors import UsageError
from devkit.project.files import is_temporary
from devkit.project.paths import SETTINGS_FILE
from devkit.project.services import DATABASES, SERVICES
from devkit.project.settings import PackageManager
from devkit.scaffold.adopt_compose import COMPOSE_FILES, OVERRIDE_FILES, read_compose
from devkit.scaffold.adopt_composer import ComposerFacts, read_composer
from devkit.scaffold.adopt_makefile import MakeTarget, read_makefile
from devkit.scaffold.adopt_node import read_node
from devkit.scaffold.adopt_notes import adoption_notes
from devkit.scaffold.adopt_routes import DEFAULT_HEALTH, SERVER_HEALTH, health_path
from devkit.scaffold.adopt_tools import read_ddev, read_lando
from devkit.scaffold.dockerignore import DOCKERFILE_IGNORE, DOCKERIGNORE, former_dockerignore

_HARMLESS = frozenset(
    """.git .gitignore .gitattributes .editorconfig .idea .vscode .DS_Store .devkit README.md README LICENSE
    LICENSE.md compose.override.yaml .env.previous""".split()  # noqa: SIM905
)
_SCAFFOLD = (
    *COMPOSE_FILES,
    *OVERRIDE_FILES,
    "Dockerfile",
    DOCKERIGNORE,
    DOCKERFILE_IGNORE,
    "docker/Caddyfile",
    "docker/entrypoint",
    "docker/healthcheck",
    "docker/watch",
    "public/frankenphp-worker.php",
)
WRITTEN_BY = b"Written by devkit"
"""Stands in the header of every file that devkit writes whole."""


@dataclass(frozen=True)
class Existing:
    """What `detect` found. `env` holds values, secret ones among them: it is never shown."""

    root: Path
    kind: Literal["empty", "laravel", "other"]
    php_version: str | None = None
    php_extensions: tuple[str, ...] = ()
    node_version: str | None = None
    package_manager: PackageManager | None = None
    manager_version: str | None = None  # the package manager's own
    database: str | None = None
    services: tuple[str, ...] = ()
    packages: frozenset[str] = frozenset()  # Composer's, from composer.json and composer.lock
    in_the_way: tuple[str, ...] = ()  # files of the person under names that the scaffold uses
    adopted_compose: str | None = field(default=None, repr=False)  # text for docker/compose.adopted.yaml
    dockerignore: str | None = None  # the patterns that keep files out of images now
    makefile: tuple[MakeTarget, ...] = ()
    found: tuple[str, ...] = ()  # what stands in a directory of kind "other"
    composer_paths: tuple[str, ...] = ()
    health_path: str = DEFAULT_HEALTH
    frontend_php: bool = False  # the front end's build calls `php artisan` (Wayfinder)
    notes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


def detect(root: Path) -> Existing:
    """Look at a directory, which need not exist. UsageError names file and line of what is broken."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", "name a directory")
    outer = next((parent for parent in root.absolute().parents if (parent / ".git").exists()), None)
    notes = (f"inside the git repository {outer}: no repository of its own is made",) if outer else ()
    try:
        entries = sorted(os.listdir(root)) if root.is_dir() else []  # noqa: PTH208 - names only
    except PermissionError:
        raise UsageError(f"{root} cannot be read: permission denied", "choose another directory") from None
    composer = read_composer(root)
    laravel = composer is not None and "laravel/framework" in composer.packages and (root / "artisan").is_file()
    if composer is None or not laravel:
        foreign = [name for name in entries if not _is_harmless(root / name)]
        unfinished = SETTINGS_FILE in entries  # an earlier first run that was interrupted goes on
        kind: Literal["empty", "other"] = "empty" if unfinished or not foreign else "other"
        found = tuple(foreign) if kind == "other" else ()
        return Existing(root, kind, found=found, notes=notes)
    return _laravel(root, composer, notes)


def _laravel(root: Path, composer: ComposerFacts, notes: tuple[str, ...]) -> Existing:
    written = next((path for path in (root / ".env", root / ".env.example") if path.is_file()), None)
    env = {} if written is None else read_env(written)
    node = read_node(root)
    compose = read_compose(root, _compose_files(root))
    tools = [facts for facts in (read_ddev(root), read_lando(root)) if facts is not None]
    before = [compose.php_version if compose else None, *(facts.php_version for facts in tools)]
    ran = next((version for version in before if version), None)
    present = {*(compose.services if compose else ()), *(name for facts in tools for name in facts.services)}
    database, wanted = _from_env(env, present)
    if database is None:
        database = next((name for name in SERVICES if name in present and name in DATABASES), None)
    services = (present - set(DATABASES)) | wanted
    if {"redis", "valkey"} <= services:
        services.discard("redis" if "valkey" in present else "valkey")
    health = health_path(root)
    if health == SERVER_HEALTH:
        notes = (
            *notes,
            "no health route found: health checks ask the server alone; "
            f"health: '{DEFAULT_HEALTH}' in bootstrap/app.php makes them ask Laravel",
        )
    return Existing(
        root,
        "laravel",
        php_version=composer.php_version,
        php_extensions=composer.extensions,
        node_version=node.version or next((facts.node_version for facts in tools if facts.node_version), None),
        package_manager=node.package_manager,
        manager_version=node.manager_version,
        database=database,
        services=tuple(name for name in SERVICES if name in services),
        packages=composer.packages,
        in_the_way=tuple(name for name in _SCAFFOLD if _exists(root / name) and not _is_ours(root / name)),
        adopted_compose=compose.adopted_text if compose else None,
        dockerignore=former_dockerignore(root),
        makefile=read_makefile(root),
        composer_paths=composer.paths,
        health_path=health,
        frontend_php="@laravel/vite-plugin-wayfinder" in node.packages,
        notes=(*notes, *adoption_notes(composer, compose, tools, env, ran)),
        env=MappingProxyType(env),
    )


def _from_env(env: Mapping[str, str], present: set[str]) -> tuple[str | None, set[str]]:
    """The database and the services that Laravel's own settings ask for."""
    connection = env.get("DB_CONNECTION", "")
    drivers = {env.get(key) for key in ("CACHE_STORE", "CACHE_DRIVER", "QUEUE_CONNECTION", "SESSION_DRIVER")}
    wanted: set[str] = {name for name in ("memcached", "rabbitmq") if name in drivers}
    if "redis" in drivers and "valkey" not in present:
        wanted.add("redis")
    if env.get("QUEUE_CONNECTION") in ("redis", "rabbitmq"):
        wanted.add("queue")
    if env.get("MAIL_HOST") in ("mailpit", "mailhog"):
        wanted.add("mailpit")
    if env.get("SCOUT_DRIVER") in ("meilisearch", "typesense"):
        wanted.add(env["SCOUT_DRIVER"])
    if "reverb" in (env.get("BROADCAST_CONNECTION"), env.get("BROADCAST_DRIVER")):
        wanted.add("reverb")
    if connection == "mongodb":
        wanted.add("mongodb")
    return (connection if connection in DATABASES else None), wanted


def _compose_files(root: Path) -> tuple[str, ...]:
    """The person's Compose file and its override, as Compose itself would choose them."""
    base = next((name for name in COMPOSE_FILES if _is_theirs(root / name)), None)
    override = next((name for name in OVERRIDE_FILES if _is_theirs(root / name)), None)
    return () if base is None else (base, override) if override else (base,)


def _is_harmless(path: Path) -> bool:
    return path.name in _HARMLESS or is_temporary(path.name) or _is_ours(path)


def _is_theirs(path: Path) -> bool:
    return path.is_file() and not _is_ours(path)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _is_ours(path: Path) -> bool:
    """Whether devkit wrote it: its header says so. A directory is ours if all in it is."""
    if path.is_symlink():
        return False
    if path.is_dir():
        return path.name in ("docker", "public", "php") and all(_is_ours(entry) for entry in path.iterdir())
    try:
        with path.open("rb") as stream:
            return WRITTEN_BY in stream.read(600)
    except OSError:
        return False
