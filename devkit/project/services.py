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
class Process:
    """What a service does in the application's own image: its command, Compose's health check for it, and the seconds
    that it gets to end what it is doing.
    """

    command: tuple[str, ...]
    health: tuple[str, ...]
    stop_seconds: int

    @classmethod
    def artisan(cls, command: str, *options: str, stop_seconds: int) -> Process:
        """`php artisan COMMAND`, healthy while PHP itself runs it.

        Not docker-init (PID 1), whose arguments name it too, nor a shell that has yet to start it: a process's words
        begin its command line and end with NUL characters.
        """
        check = rf"grep -Paqs '^php\x00artisan\x00{command}\x00' /proc/[0-9]*/cmdline"
        return cls(("php", "artisan", command, *options), ("CMD-SHELL", check), stop_seconds)


@dataclass(frozen=True)
class Service:
    """One service: `image` is its key in the catalogue of base images (None: the application's own image).

    `ports` maps the key used under `[ports]` in devkit.toml to the port inside the container. `keeps_data` says
    that it has a volume, `extension` which PHP extension talks to it, `package` which Composer package the application
    cannot use it without, `process` what it runs in the application's own image.
    """

    name: str
    title: str
    kind: Kind
    image: str | None
    ports: Mapping[str, int]
    keeps_data: bool = False
    extension: str | None = None
    package: str | None = None
    process: Process | None = None

    @property
    def volume(self) -> str | None:
        """The volume of its data, by a name that no former Compose file of the project has: data of another
        version of the same server must never be mounted by accident, for a server brings it up to date for good.
        """
        return f"devkit-{self.name}" if self.keeps_data else None


def _ports(**ports: int) -> Mapping[str, int]:
    return MappingProxyType(ports)


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        service.name: service
        for service in (
            Service(
                "mysql", "MySQL", Kind.DATABASE, "mysql", _ports(mysql=3306), keeps_data=True, extension="pdo_mysql"
            ),
            Service(
                "mariadb",
                "MariaDB",
                Kind.DATABASE,
                "mariadb",
                _ports(mariadb=3306),
                keeps_data=True,
                extension="pdo_mysql",
            ),
            Service(
                "pgsql",
                "PostgreSQL",
                Kind.DATABASE,
                "postgres",
                _ports(pgsql=5432),
                keeps_data=True,
                extension="pdo_pgsql",
            ),
            Service("redis", "Redis", Kind.CACHE, "redis", _ports(redis=6379), keeps_data=True, extension="redis"),
            Service("valkey", "Valkey", Kind.CACHE, "valkey", _ports(valkey=6379), keeps_data=True, extension="redis"),
            Service("memcached", "Memcached", Kind.EXTRA, "memcached", _ports(memcached=11211), extension="memcached"),
            Service(
                "rabbitmq",
                "RabbitMQ",
                Kind.EXTRA,
                "rabbitmq",
                _ports(rabbitmq=5672, rabbitmq_ui=15672),
                keeps_data=True,
            ),
            Service("mailpit", "Mailpit", Kind.EXTRA, "mailpit", _ports(mailpit=8025, smtp=1025)),
            Service("meilisearch", "Meilisearch", Kind.EXTRA, "meilisearch", _ports(meilisearch=7700), keeps_data=True),
            Service("typesense", "Typesense", Kind.EXTRA, "typesense", _ports(typesense=8108), keeps_data=True),
            Service(
                "s3",
                "S3 store (RustFS)",
                Kind.EXTRA,
                "s3",
                _ports(s3=9000, s3_ui=9001),
                keeps_data=True,
                package="league/flysystem-aws-s3-v3",
            ),
            Service(
                "mongodb", "MongoDB", Kind.EXTRA, "mongodb", _ports(mongodb=27017), keeps_data=True, extension="mongodb"
            ),
            Service("selenium", "Selenium", Kind.EXTRA, "selenium", _ports(selenium=4444)),
            Service(
                "queue",
                "Queue worker",
                Kind.PROCESS,
                None,
                _ports(),
                # queue:listen boots the application for each job: an edit is seen by the next one.
                process=Process.artisan("queue:listen", "--tries=1", "--timeout=0", stop_seconds=90),
            ),
            Service(
                "scheduler",
                "Scheduler",
                Kind.PROCESS,
                None,
                _ports(),
                process=Process.artisan("schedule:work", stop_seconds=60),
            ),
            Service(
                "reverb",
                "Reverb",
                Kind.PROCESS,
                None,
                _ports(reverb=8081),
                package="laravel/reverb",
                process=Process(
                    ("php", "artisan", "reverb:start", "--host=0.0.0.0", "--port=8081"),
                    ("CMD", "php", "-r", "exit(@fsockopen('127.0.0.1', 8081) ? 0 : 1);"),
                    stop_seconds=10,
                ),
            ),
            Service("vite", "Vite dev server", Kind.PROCESS, "node", _ports(vite=5173)),
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
