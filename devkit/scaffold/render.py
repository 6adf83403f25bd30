"""Settings -> files: the texts of a project's container files, and the values that .env gets with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from devkit.project.errors import UsageError
from devkit.project.paths import scaffolds_directory
from devkit.project.services import PORT_VARIABLES, SERVICES, Kind
from devkit.project.settings import Settings
from devkit.project.watch_list import shell_watch
from devkit.scaffold.context import RenderContext, RenderedFile
from devkit.scaffold.doppler_cli import DOPPLER_CLI
from devkit.scaffold.package_managers import package_manager

if TYPE_CHECKING:
    from jinja2 import Environment

EXTENSIONS = ("bcmath", "exif", "gd", "intl", "opcache", "pcntl", "sockets", "zip")
"""PHP extensions of every image: what Laravel, its queue worker and its first-party packages ask for."""

DATABASE_CLIENTS: Mapping[str, str] = MappingProxyType(
    {"sqlite": "sqlite3", "mysql": "default-mysql-client", "mariadb": "mariadb-client", "pgsql": "postgresql-client"}
)
"""Debian packages of the database's own client, for `artisan db` and schema dumps in development."""

_TEMPLATES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "Dockerfile": ("container/Dockerfile.j2", False),
        ".dockerignore": ("container/dockerignore.j2", False),
        "docker/Caddyfile": ("container/Caddyfile.j2", False),
        "docker/development.caddyfile": ("container/development.caddyfile.j2", False),
        "docker/reloading.caddyfile": ("container/reloading.caddyfile.j2", False),
        "docker/entrypoint": ("container/entrypoint.j2", True),
        "docker/healthcheck": ("container/healthcheck.j2", True),
        "docker/php/10-app.ini": ("container/php/10-app.ini.j2", False),
        "docker/php/20-production.ini": ("container/php/20-production.ini.j2", False),
        "docker/php/20-development.ini": ("container/php/20-development.ini.j2", False),
        "docker/vite": ("container/vite.j2", True),
        "docker/watch": ("container/watch.j2", True),
        "public/frankenphp-worker.php": ("laravel/frankenphp-worker.php.j2", False),
        "compose.yaml": ("compose/compose.yaml.j2", False),
    }
)

VITE_ARGUMENTS = ("VITE_APP_NAME",)
REVERB_ARGUMENTS = ("VITE_REVERB_APP_KEY", "VITE_REVERB_HOST", "VITE_REVERB_PORT", "VITE_REVERB_SCHEME")


def render(settings: Settings, context: RenderContext) -> dict[str, RenderedFile]:
    """The scaffold's files by path. UsageError when the context lacks an image that the settings need."""
    values = _values(settings, context)
    files = {}
    for path, (name, executable) in _TEMPLATES.items():
        if path == "docker/vite" and "vite" not in settings.services:
            continue
        if settings.php.mode == "classic" and path == "docker/development.caddyfile":
            continue
        if path == "docker/watch" and not _watches_in_the_container(settings):
            continue
        files[path] = RenderedFile(path, template(name, values), executable)
    return files


def template(name: str, values: Mapping[str, Any]) -> str:
    """The text of one template, by its path below scaffolds/."""
    return _environment().get_template(name).render(values)


def php_extensions(settings: Settings) -> tuple[str, ...]:
    """Extensions of the image, sorted, each once: the usual ones, those of the services, those asked for."""
    of_services = {SERVICES[name].extension for name in settings.all_services}
    return tuple(sorted({*EXTENSIONS, *filter(None, of_services), *settings.php.extensions}))


def vite_arguments(settings: Settings) -> tuple[str, ...]:
    """Build arguments of the front end's stage: what Vite bakes into the assets."""
    return (*VITE_ARGUMENTS, *(REVERB_ARGUMENTS if "reverb" in settings.services else ()))


def _watches_in_the_container(settings: Settings) -> bool:
    return settings.php.mode == "worker" and settings.php.watch != "host"


def _values(settings: Settings, context: RenderContext) -> dict[str, Any]:
    services = [SERVICES[name] for name in settings.all_services]
    images = ["frankenphp", "node", *(service.image or "" for service in services)]
    missing = sorted({key for key in images if key and key not in context.bases})
    if missing:
        raise UsageError(f"no image is known for {missing[0]}", "leave the service out")
    manager = package_manager(settings.node.package_manager, context.manager_version)
    return {
        "name": settings.name,
        "database": settings.database,
        "https": settings.https,
        "mode": settings.php.mode,
        "workers": settings.php.workers,
        "jit": settings.php.jit,
        "adopted": context.adopted,
        "bases": dict(context.bases),
        "composer_paths": context.composer_paths,
        "frontend_php": context.frontend_php,
        "health_path": context.health_path,
        "xdebug": context.xdebug,
        "extensions": php_extensions(settings),
        "packages": settings.php.packages,
        "development_packages": (
            "git",
            DATABASE_CLIENTS[settings.database],
            "inotify-tools",
            "openssh-client",
            "unzip",
        ),
        "watch": shell_watch() if _watches_in_the_container(settings) else None,
        "host_port": {key: f"${{{PORT_VARIABLES[key][0]}:-{port}}}" for key, port in settings.default_ports().items()},
        "backing": [service.name for service in services if service.kind is not Kind.PROCESS],
        "processes": [service for service in services if service.process],
        "with_image": [service.name for service in services if service.image],
        "volumes": ["devkit-caddy-data", "devkit-caddy-config", *(s.volume for s in services if s.volume)],
        "manager": manager,
        "vite_arguments": vite_arguments(settings),
        # Whatever `secrets.source` says: that is where .env on this machine comes from, and production may differ.
        "doppler": DOPPLER_CLI if settings.secrets.runtime else None,
    }


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 40 ms: only where files are rendered

    environment = Environment(
        loader=FileSystemLoader(scaffolds_directory()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["tojson"] = lambda value: json.dumps(value)  # Jinja's own escapes ' for HTML
    return environment
