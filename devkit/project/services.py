"""The services a project can have, by the names that `--with` and devkit.toml take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from devkit.project.errors import UsageError


class Kind(StrEnum):
    """What a service is to the application."""

    DATABASE = "database"
    CACHE = "cache"
    EXTRA = "extra"
    PROCESS = "process"  # runs the application's own image


@dataclass(frozen=True)
class Service:
    """One service: `image` is its key in the catalogue of base images (None: the application's own image).

    `ports` maps the key used under `[ports]` in devkit.toml to the port inside the container. `keeps_data` says
    that it has a volume.
    """

    name: str
    title: str
    kind: Kind
    image: str | None
    ports: Mapping[str, int]
    keeps_data: bool = False

    @property
    def volume(self) -> str | None:
        """The volume of its data, by a name that no former Compose file of the project has: data of another
        version of the same server must never be mounted by accident, for a server brings it up to date for good.
        """
        return f"devkit-{self.name}" if self.keeps_data else None


def _service(name: str, title: str, kind: Kind, image: str | None, *, data: bool = False, **ports: int) -> Service:
    return Service(name, title, kind, image, MappingProxyType(ports), data)


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        service.name: service
        for service in (
            _service("mysql", "MySQL", Kind.DATABASE, "mysql", data=True, mysql=3306),
            _service("mariadb", "MariaDB", Kind.DATABASE, "mariadb", data=True, mariadb=3306),
            _service("pgsql", "PostgreSQL", Kind.DATABASE, "postgres", data=True, pgsql=5432),
            _service("redis", "Redis", Kind.CACHE, "redis", data=True, redis=6379),
            _service("valkey", "Valkey", Kind.CACHE, "valkey", data=True, valkey=6379),
            _service("memcached", "Memcached", Kind.EXTRA, "memcached", memcached=11211),
            _service("rabbitmq", "RabbitMQ", Kind.EXTRA, "rabbitmq", data=True, rabbitmq=5672, rabbitmq_ui=15672),
            _service("mailpit", "Mailpit", Kind.EXTRA, "mailpit", mailpit=8025, smtp=1025),
            _service("meilisearch", "Meilisearch", Kind.EXTRA, "meilisearch", data=True, meilisearch=7700),
            _service("typesense", "Typesense", Kind.EXTRA, "typesense", data=True, typesense=8108),
            _service("s3", "S3 store (RustFS)", Kind.EXTRA, "s3", data=True, s3=9000, s3_ui=9001),
            _service("mongodb", "MongoDB", Kind.EXTRA, "mongodb", data=True, mongodb=27017),
            _service("selenium", "Selenium", Kind.EXTRA, "selenium", selenium=4444),
            _service("queue", "Queue worker", Kind.PROCESS, None),
            _service("scheduler", "Scheduler", Kind.PROCESS, None),
            _service("reverb", "Reverb", Kind.PROCESS, None, reverb=8081),
            _service("vite", "Vite dev server", Kind.PROCESS, "node", vite=5173),
        )
    }
)

DATABASES = ("sqlite", "mysql", "mariadb", "pgsql")
"""What `--database` takes; sqlite is a file and no service."""

CACHES = ("redis", "valkey")
"""Services that take cache, session and queue when they are chosen."""

APP = "app"
"""The application's own service."""

PORT_VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        APP: ("APP_PORT",),
        "https": ("APP_HTTPS_PORT",),
        **dict.fromkeys(("mysql", "mariadb", "pgsql"), ("FORWARD_DB_PORT",)),
        "redis": ("FORWARD_REDIS_PORT",),
        "valkey": ("FORWARD_VALKEY_PORT", "FORWARD_REDIS_PORT"),
        "memcached": ("FORWARD_MEMCACHED_PORT",),
        "rabbitmq": ("FORWARD_RABBITMQ_PORT",),
        "rabbitmq_ui": ("FORWARD_RABBITMQ_DASHBOARD_PORT",),
        "mailpit": ("FORWARD_MAILPIT_DASHBOARD_PORT",),
        "smtp": ("FORWARD_MAILPIT_PORT",),
        "meilisearch": ("FORWARD_MEILISEARCH_PORT",),
        "typesense": ("FORWARD_TYPESENSE_PORT",),
        "s3": ("FORWARD_RUSTFS_PORT", "FORWARD_MINIO_PORT"),
        "s3_ui": ("FORWARD_RUSTFS_CONSOLE_PORT", "FORWARD_MINIO_CONSOLE_PORT"),
        "mongodb": ("FORWARD_MONGODB_PORT",),
        "selenium": ("FORWARD_SELENIUM_PORT",),
        "reverb": ("FORWARD_REVERB_PORT",),
        "vite": ("VITE_PORT",),
    }
)
"""Variables of .env for a host port, by its key: Sail's own, so that they mean what they meant before. The first one
stands in compose.yaml, for a start without compose.override.yaml."""


def check_services(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names in catalogue order, each once; UsageError for one that is unknown."""
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in SERVICES]
    if unknown:
        raise UsageError(f"unknown service {unknown[0]!r}", f"the services are: {', '.join(SERVICES)}")
    return tuple(name for name in SERVICES if name in wanted)
