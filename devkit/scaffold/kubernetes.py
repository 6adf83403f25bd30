"""Kubernetes manifests for kustomize: a base, components that an overlay may add, overlays for three environments."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from devkit.engine.belongings import image_repository
from devkit.engine.images.catalogue import base_image
from devkit.project.services import SERVICES, Kind
from devkit.project.settings import Settings
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.environment import environment_values, password_names
from devkit.scaffold.render import template

KUBERNETES = "kubernetes"
ANCHOR = f"{KUBERNETES}/base/kustomization.yaml"
"""Where this one is devkit's, the others come with it as the settings ask for them."""

ENVIRONMENTS = ("rehearsal", "staging", "production")
"""The overlays: a small cluster of one's own, and the two that a pipeline releases to."""

SECRET = "laravel-secrets"
"""The Secret that every environment is expected to have: made by a person, by `devkit deploy local` or by Doppler."""

SQLITE_IN_A_CLUSTER = (
    "Kubernetes with SQLite runs one pod, and each release interrupts it: several pods cannot share one file; "
    "for more, choose a database server (services.database)"
)
"""What a person is told who asks for manifests without a database server."""

_BASE = MappingProxyType(
    {
        "service-account": None,
        "deployment": None,
        "service": None,
        "migration": None,
        "queue": "queue",
        "scheduler": "scheduler",
        "reverb": "reverb",
        "volume-claim": "sqlite",
        "pod-disruption-budget": None,
        "network-policy": None,
    }
)
"""Files of the base, and the service without which there is no such file."""

_INGRESSES = MappingProxyType({"ingress-traefik": "ingress", "ingress-nginx": "ingress", "gateway": "gateway"})

_EGRESS = MappingProxyType(
    {
        "mysql": 3306,
        "mariadb": 3306,
        "pgsql": 5432,
        "redis": 6379,
        "valkey": 6379,
        "memcached": 11211,
        "rabbitmq": 5672,
        "meilisearch": 7700,
        "typesense": 8108,
        "mongodb": 27017,
        "reverb": 8081,
    }
)
"""Ports that the application asks, by service. An S3 store and most APIs are HTTPS."""

_DATABASES = MappingProxyType(
    {
        "mysql": ("/var/lib/mysql", "/var/run/mysqld", 'MYSQL_PWD="$MYSQL_PASSWORD" mysql'),
        "mariadb": ("/var/lib/mysql", "/run/mysqld", 'MYSQL_PWD="$MARIADB_PASSWORD" mariadb'),
        "pgsql": ("/var/lib/postgresql", "/var/run/postgresql", ""),
    }
)
"""Where the images keep their data and their socket, and the client that says whether one can log in."""

_CONFIG = ("DB_", "REDIS_", "SESSION_", "CACHE_", "QUEUE_", "BROADCAST_", "REVERB_")

ALL_PATHS = tuple(
    f"{KUBERNETES}/{path}"
    for path in (
        "README.md",
        "base/kustomization.yaml",
        *(f"base/{name}.yaml" for name in _BASE),
        *(f"components/{name}/{file}.yaml" for name, of in _INGRESSES.items() for file in ("kustomization", of)),
        *(
            f"components/{name}/{file}.yaml"
            for name in (*_DATABASES, "redis", "valkey")
            for file in ("kustomization", name)
        ),
        *(f"components/hpa/{file}.yaml" for file in ("kustomization", "hpa")),
        *(f"components/doppler/{file}.yaml" for file in ("kustomization", "doppler-secret")),
        *(f"overlays/{name}/{file}.yaml" for name in ENVIRONMENTS for file in ("kustomization", "namespace")),
    )
)
"""Every file that some settings have."""


def render_kubernetes(settings: Settings, health_path: str = "/up") -> dict[str, RenderedFile]:
    """The files by path. `health_path` is what answers 200 once Laravel has booted."""
    values = _values(settings, health_path)
    files = {"README.md": template("kubernetes/README.md.j2", values)}
    names = ("kustomization", *values["base_names"])
    files |= {f"base/{name}.yaml": template(f"kubernetes/base/{name}.yaml.j2", values) for name in names}
    files |= _components(settings, values)
    for environment in ENVIRONMENTS:
        here = values | {"namespace": namespace(settings.name, environment)}
        directory = f"overlays/{environment}"
        files[f"{directory}/kustomization.yaml"] = template(f"kubernetes/overlays/{environment}.yaml.j2", here)
        files[f"{directory}/namespace.yaml"] = template("kubernetes/overlays/namespace.yaml.j2", here)
    return {f"{KUBERNETES}/{path}": RenderedFile(f"{KUBERNETES}/{path}", text) for path, text in files.items()}


def needed_secrets(settings: Settings) -> tuple[str, ...]:
    """Names that SECRET must hold before a pod of these manifests can start and work."""
    of_services = {
        "DB_PASSWORD": settings.database != "sqlite",
        "REDIS_PASSWORD": settings.cache is not None,
        **dict.fromkeys(("REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET"), "reverb" in settings.services),
    }
    return ("APP_KEY", *(name for name, is_needed in of_services.items() if is_needed))


def namespace(project: str, environment: str) -> str:
    """The namespace of an environment: a DNS label, whatever the project's name has
    (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names).
    """
    return f"{_label(project)[: 62 - len(environment)].rstrip('-')}-{environment}"


def _label(project: str) -> str:
    return re.sub(r"[_-]+", "-", project)


def _components(settings: Settings, values: dict[str, Any]) -> dict[str, str]:
    plain = "kubernetes/components/kustomization.yaml.j2"
    files = {}
    for name, of in _INGRESSES.items():
        files[f"components/{name}/kustomization.yaml"] = template(plain, values | {"files": [f"{of}.yaml"]})
        files[f"components/{name}/{of}.yaml"] = template(f"kubernetes/components/{name}/{of}.yaml.j2", values)
    for kind, server in (("database", settings.database), ("cache", settings.cache)):
        if server is not None and server != "sqlite":
            directory = f"components/{server}"
            files[f"{directory}/kustomization.yaml"] = template(plain, values | {"files": [f"{server}.yaml"]})
            files[f"{directory}/{server}.yaml"] = template(f"kubernetes/components/{kind}/{kind}.yaml.j2", values)
    others = {"hpa": "hpa", "doppler": "doppler-secret"}
    if settings.database == "sqlite":
        del others["hpa"]
    for name, of in others.items():
        for file in ("kustomization", of):
            path = f"components/{name}/{file}.yaml"
            files[path] = template(f"kubernetes/{path}.j2", values)
    return files


def _values(settings: Settings, health_path: str) -> dict[str, Any]:
    services = settings.all_services
    present = {*services, settings.database}
    base = [name for name, needs in _BASE.items() if needs is None or needs in present]
    processes = [name for name in ("queue", "scheduler", "reverb") if name in services]
    needed = needed_secrets(settings)
    backing = {name for name in services if SERVICES[name].kind is Kind.EXTRA} - {"mailpit", "selenium"}
    return {
        "name": settings.name,
        "dns": _label(settings.name)[:52].rstrip("-"),
        "rehearsal": namespace(settings.name, "rehearsal"),
        "image": image_repository(settings.name),
        "mode": settings.php.mode,
        "workers": settings.php.workers,
        "health_path": health_path,
        "sqlite": settings.database == "sqlite",
        "doppler": settings.secrets.source == "doppler",
        "config": _config(settings),
        "base": [f"{name}.yaml" for name in base],
        "base_names": base,
        **{name: name in services for name in ("queue", "scheduler", "reverb")},
        "extra_deployments": [name for name in ("queue", "reverb") if name in services],
        "components": ["web", "migration", *processes],
        "egress": _egress(settings),
        "secrets": [*needed, *(name for name in password_names(settings) if name not in needed)],
        "elsewhere": [SERVICES[name].title for name in SERVICES if name in backing],
        **_database(settings),
        "cache": settings.cache,
        "cache_title": SERVICES[settings.cache].title if settings.cache else "",
        "cache_image": base_image(settings.cache).reference if settings.cache else "",
    }


def _database(settings: Settings) -> dict[str, Any]:
    name = settings.database
    if name == "sqlite":
        return {"database": name}
    data, run, client = _DATABASES[name]
    probe = f"{client} -h 127.0.0.1 -u laravel -e 'select 1' laravel"
    if name == "pgsql":
        probe = "pg_isready -q -h 127.0.0.1 -d laravel -U laravel"
    quoted = probe.replace('"', '\\"')
    return {
        "database": name,
        "database_image": base_image(SERVICES[name].image or name).reference,
        "database_port": _EGRESS[name],
        "database_data": data,
        "database_run": run,
        "database_probe": f'["sh", "-c", "{quoted}"]',
    }


def _config(settings: Settings) -> dict[str, str]:
    """What is no secret and the same in all environments, as .env would have it between the pods of a namespace."""
    values = environment_values(settings, dict.fromkeys(password_names(settings), ""), "")
    secret = {*needed_secrets(settings), *password_names(settings)}
    of_stack = {name: text for name, text in values.items() if name.startswith(_CONFIG) and name not in secret}
    config = {
        "APP_NAME": settings.name,
        "LOG_CHANNEL": "stderr",
        "LOG_STDERR_FORMATTER": r"Monolog\Formatter\JsonFormatter",
        **of_stack,
    }
    if settings.database == "sqlite":
        config["DB_DATABASE"] = "/database/database.sqlite"
    if settings.cache is None:
        config |= {"CACHE_STORE": "database", "SESSION_DRIVER": "database"}
        config["QUEUE_CONNECTION"] = "database"
    if "queue" not in settings.services:
        # Without a worker a job in the queue would wait for ever: it is done in the request.
        config["QUEUE_CONNECTION"] = "sync"
    if "reverb" in settings.services:
        config["REVERB_HOST"] = "laravel-reverb"
    return config


def _egress(settings: Settings) -> list[tuple[int, str]]:
    asked = {_EGRESS[name]: SERVICES[name].title for name in settings.all_services if name in _EGRESS}
    return [*asked.items(), (443, "HTTPS"), (587, "mail")]
