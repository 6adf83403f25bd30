"""What DDEV's and Lando's own files say of a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.services import SERVICES
from devkit.scaffold.adopt_compose import read_yaml

_SERVICES = {
    "mysql": "mysql",
    "mariadb": "mariadb",
    "postgres": "pgsql",
    "redis": "redis",
    "valkey": "valkey",
    "memcached": "memcached",
    "rabbitmq": "rabbitmq",
    "mailhog": "mailpit",
    "mailpit": "mailpit",
    "meilisearch": "meilisearch",
    "typesense": "typesense",
    "minio": "s3",
    "mongo": "mongodb",
    "mongodb": "mongodb",
    "selenium-standalone-chrome": "selenium",
}


@dataclass(frozen=True)
class ToolFacts:
    """`other` names what devkit has no service for."""

    tool: str
    php_version: str | None = None
    node_version: str | None = None
    services: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


def read_ddev(root: Path) -> ToolFacts | None:
    """From .ddev/config.yaml and the add-ons beside it; DDEV's own default database is MariaDB."""
    path = root / ".ddev" / "config.yaml"
    if not path.is_file():
        return None
    config = read_yaml(path)
    names = [] if "db" in _names(config.get("omit_containers")) else [_database(config)]
    names += [addon.name.split(".")[1] for addon in sorted(path.parent.glob("docker-compose.*.y*ml"))]
    daemons = config.get("web_extra_daemons")
    names += [_process(str(daemon)) or "" for daemon in (daemons if isinstance(daemons, list) else ())]
    return _facts("ddev", config.get("php_version"), config.get("nodejs_version"), names)


def read_lando(root: Path) -> ToolFacts | None:
    """From .lando.yml; the Laravel recipe's own default database is MySQL."""
    path = root / ".lando.yml"
    if not path.is_file():
        return None
    document = read_yaml(path)
    config = document.get("config")
    config = config if isinstance(config, dict) else {}
    names: list[str] = []
    if document.get("recipe") in ("laravel", "lamp", "lemp"):
        names.append(str(config.get("database", "mysql")).split(":")[0])
    if config.get("cache"):
        names.append(str(config["cache"]).split(":")[0])
    services = document.get("services")
    node = None
    for service in (services if isinstance(services, dict) else {}).values():
        kind, _, version = str(service.get("type", "") if isinstance(service, dict) else "").partition(":")
        if kind == "node":
            node = version
        elif kind not in ("php", "compose", "lando", ""):
            names.append(kind)
    return _facts("lando", config.get("php"), node, names)


def _database(config: dict[str, Any]) -> str:
    database = config.get("database")
    return str(database.get("type", "mariadb")) if isinstance(database, dict) else "mariadb"


def _process(text: str) -> str | None:
    for part, name in (("queue:", "queue"), ("horizon", "queue"), ("schedule:", "scheduler"), ("reverb:", "reverb")):
        if part in text:
            return name
    return None


def _names(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _facts(tool: str, php: Any, node: Any, names: list[str]) -> ToolFacts:
    mapped = {_SERVICES.get(name, name) for name in names if name}
    version = str(node).lstrip("v").split(".")[0] if node else ""
    return ToolFacts(
        tool,
        php_version=str(php) if php else None,
        node_version=version if version.isdigit() and len(version) <= 2 else None,
        services=tuple(name for name in SERVICES if name in mapped),
        other=tuple(sorted(name for name in mapped if name not in SERVICES)),
    )
