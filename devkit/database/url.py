"""The address of the database for clients on this machine, password and all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from devkit.database.account import read_account, sqlite_file
from devkit.project.remembered_ports import remembered_ports
from devkit.setup.project import Project

# MariaDB's clients and most others take mysql:// for it; few take mariadb://.
_SCHEMES = {"mysql": "mysql", "mariadb": "mysql", "pgsql": "postgresql"}


@dataclass(frozen=True)
class Address:
    """Where a client finds the database; of SQLite only the engine, the file and the URL."""

    url: str = field(repr=False)
    engine: str
    database: str
    host: str | None = None
    port: int | None = None
    username: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As `devkit db url --json` says it; the password stands in the URL."""
        return {
            "url": self.url,
            "engine": self.engine,
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "username": self.username,
        }


def address(project: Project) -> Address:
    """The address, from .env and the ports of this machine; the engine is not asked."""
    engine = project.settings.database
    if engine == "sqlite":
        file = sqlite_file(project.paths, project.settings)
        return Address(f"sqlite:///{quote(str(file))}", engine, str(file))
    account = read_account(project.paths, project.settings)
    port = {**project.settings.default_ports(), **remembered_ports(project.paths)}[engine]
    host = "127.0.0.1"
    user, password, name = (quote(part, safe="") for part in (account.user, account.password, account.database))
    return Address(
        f"{_SCHEMES[engine]}://{user}:{password}@{host}:{port}/{name}",
        engine,
        account.database,
        host,
        port,
        account.user,
    )
