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
from devkit.project.settings import DEFAULT_PORT, PackageManager, Settings
from devkit.project.watch_list import server_patterns
from devkit.scaffold.context import RenderContext, RenderedFile

if TYPE_CHECKING:
    from jinja2 import Environment

EXTENSIONS = ("bcmath", "exif", "gd", "intl", "opcache", "pcntl", "sockets", "zip")
"""PHP extensions of every image: what Laravel, its queue worker and its first-party packages ask for."""

SERVICE_EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "mysql": "pdo_mysql",
        "mariadb": "pdo_mysql",
        "pgsql": "pdo_pgsql",
        "redis": "redis",
        "valkey": "redis",
        "memcached": "memcached",
        "mongodb": "mongodb",
    }
)

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
        "docker/entrypoint": ("container/entrypoint.j2", True),
        "docker/php/10-app.ini": ("container/php/10-app.ini.j2", False),
        "docker/php/20-production.ini": ("container/php/20-production.ini.j2", False),
        "docker/php/20-development.ini": ("container/php/20-development.ini.j2", False),
        "docker/vite": ("container/vite.j2", True),
        "public/frankenphp-worker.php": ("laravel/frankenphp-worker.php.j2", False),
        "compose.yaml": ("compose/compose.yaml.j2", False),
    }
)

_FRONTEND: Mapping[PackageManager, Mapping[str, str]] = MappingProxyType(
    {
        "npm": {
            "spec": "",
            "locks": "package-lock.json npm-shrinkwrap.json",
            "globs": "package-lock.jso[n] npm-shrinkwrap.jso[n]",
            "locked": "npm ci",
            "free": "npm install",
            "cache": "/root/.npm",
            "run": "npm run",
        },
        "pnpm": {
            "spec": "pnpm@10",
            "locks": "pnpm-lock.yaml",
            "globs": "pnpm-lock.yam[l] pnpm-workspace.yam[l]",
            "locked": "pnpm install --frozen-lockfile",
            "free": "pnpm install",
            "cache": "/root/.local/share/pnpm/store",
            "run": "pnpm run",
        },
        "yarn": {
            "spec": "yarn@1",
            "locks": "yarn.lock",
            "globs": "yarn.loc[k] .yarnrc.ym[l]",
            "locked": "yarn install --frozen-lockfile",
            "free": "yarn install",
            "cache": "/usr/local/share/.cache/yarn",
            "run": "yarn run",
        },
        "bun": {
            "spec": "bun@1",
            "locks": "bun.lock bun.lockb",
            "globs": "bun.loc[k] bun.lock[b]",
            "locked": "bun install --frozen-lockfile",
            "free": "bun install",
            "cache": "/root/.bun/install/cache",
            "run": "bun run",
        },
    }
)

VITE_ARGUMENTS = ("VITE_APP_NAME",)
REVERB_ARGUMENTS = ("VITE_REVERB_APP_KEY", "VITE_REVERB_HOST", "VITE_REVERB_PORT", "VITE_REVERB_SCHEME")


def render(settings: Settings, context: RenderContext) -> dict[str, RenderedFile]:
    """The scaffold's files by path. UsageError when the context lacks an image that the settings need."""
    values = _values(settings, context)
    files = {}
    for path, (template, executable) in _TEMPLATES.items():
        if path == "docker/vite" and "vite" not in settings.services:
            continue
        if settings.php.mode == "classic" and path == "docker/development.caddyfile":
            continue
        text = _environment().get_template(template).render(values)
        files[path] = RenderedFile(path, text, executable)
    return files


def default_ports(settings: Settings) -> dict[str, int]:
    """The host port of every port key: the settings' own, else 8000 for the app, 8443 for HTTPS, the service's."""
    defaults = {**settings.published_ports(), "app": DEFAULT_PORT}
    return {**defaults, **{key: port for key, port in settings.ports.items() if key in defaults}}


def php_extensions(settings: Settings) -> tuple[str, ...]:
    """Extensions of the image, sorted, each once: the usual ones, those of the services, those asked for."""
    of_services = {SERVICE_EXTENSIONS[name] for name in settings.all_services if name in SERVICE_EXTENSIONS}
    return tuple(sorted({*EXTENSIONS, *of_services, *settings.php.extensions}))


def _values(settings: Settings, context: RenderContext) -> dict[str, Any]:
    images = ["frankenphp", "node", *(SERVICES[name].image or "" for name in settings.all_services)]
    missing = sorted({key for key in images if key and key not in context.bases})
    if missing:
        raise UsageError(f"no image is known for {missing[0]}", "leave the service out")
    manager = _FRONTEND[settings.node.package_manager]
    reverb = REVERB_ARGUMENTS if "reverb" in settings.services else ()
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
        "development_packages": ("git", DATABASE_CLIENTS[settings.database], "openssh-client", "unzip"),
        "watch": () if settings.php.watch == "host" else server_patterns("/app"),
        "host_port": {key: f"${{{PORT_VARIABLES[key][0]}:-{port}}}" for key, port in default_ports(settings).items()},
        "all_services": settings.all_services,
        "backing": [name for name in settings.all_services if SERVICES[name].kind is not Kind.PROCESS],
        "processes": _processes(settings),
        "volumes": _volumes(settings),
        "package_manager": settings.node.package_manager,
        "package_manager_spec": manager["spec"],
        "package_cache": manager["cache"],
        "lock_files": manager["locks"],
        "lock_globs": manager["globs"],
        "install_locked": manager["locked"],
        "install_free": manager["free"],
        "run": manager["run"],
        "vite_arguments": (*VITE_ARGUMENTS, *reverb),
    }


def _processes(settings: Settings) -> list[dict[str, Any]]:
    """The services that run the application's own image, besides `app`."""
    php = ["php", "artisan"]
    known: dict[str, dict[str, Any]] = {
        "queue": {
            # queue:listen boots the application for each job: an edit is seen by the next one.
            "command": [*php, "queue:listen", "--tries=1", "--timeout=0"],
            "health": _runs("queue:listen"),
            "grace": "90s",
        },
        "scheduler": {
            "command": [*php, "schedule:work"],
            "health": _runs("schedule:work"),
            "grace": "60s",
        },
        "reverb": {
            "command": [*php, "reverb:start", "--host=0.0.0.0", "--port=8081"],
            "health": ["CMD", "php", "-r", "exit(@fsockopen('127.0.0.1', 8081) ? 0 : 1);"],
            "grace": "10s",
            "port": "reverb",
            "target": 8081,
        },
    }
    return [{"name": name, **known[name]} for name in settings.services if name in known]


def _runs(command: str) -> list[str]:
    """A health check: PHP itself runs the command, not docker-init (PID 1), whose arguments name it too, or a shell
    that has yet to start it. The words of a process end with NUL characters.
    """
    return ["CMD-SHELL", rf"grep -Paqs '^php\x00artisan\x00{command}\x00' /proc/[0-9]*/cmdline"]


def _volumes(settings: Settings) -> list[str]:
    found = (SERVICES[name].volume for name in settings.all_services)
    return ["devkit-caddy-data", "devkit-caddy-config", *(volume for volume in found if volume)]


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
