"""A project whose database runs for real: made of the scaffold's own compose.yaml, asked past devkit, and removed."""

from __future__ import annotations

import json
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.context import RenderContext
from devkit.scaffold.render import render

PASSWORD = "it's a $ecret, really"
IMAGES = {"mysql": "mysql", "mariadb": "mariadb", "pgsql": "postgres"}
_CHANGING = re.compile(rb"^(-- Dump completed on|\\(un)?restrict ).*\n", re.MULTILINE)
_ASK = {
    "mysql": 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -uroot --default-character-set=utf8mb4 -N "$1"',
    "mariadb": 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb -uroot --default-character-set=utf8mb4 -N "$1"',
    "pgsql": 'exec psql -X -q -A -t -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "${1:-postgres}"',
}
_DUMP = {
    "mysql": 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysqldump -uroot --single-transaction --routines --events'
    ' --set-gtid-purged=OFF --hex-blob "$@"',
    "mariadb": 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb-dump -uroot --single-transaction --routines --events'
    ' --hex-blob "$@"',
    "pgsql": 'exec pg_dump -U "$POSTGRES_USER" "$@"',
}


@dataclass(frozen=True)
class Finished:
    """How a devkit command ended; `error` is the line that says what went wrong."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error(self) -> str:
        return next((line for line in self.stderr.splitlines() if line.startswith("devkit: ")), "")


class DatabaseProject:
    """One project with one database service."""

    database = "shop_db"

    started: Finished
    """How the first devkit command of this project ended."""

    def __init__(self, docker: Docker, root: Path, engine: str, *, tmpfs: int = 0) -> None:
        self.docker = docker
        self.engine = engine
        self.name = f"devkit-test-{secrets.token_hex(4)}"
        self.root = root / self.name
        self.data = root / "data"
        self.root.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        settings = Settings(self.name, database=engine, ports={} if engine == "sqlite" else {engine: self.port})
        write_settings(self.root / "devkit.toml", settings)
        if engine == "sqlite":
            (self.root / "database").mkdir()
            (self.root / ".env").write_text("DB_CONNECTION=sqlite\n")
            return
        (self.root / ".env").write_text(
            f"DB_CONNECTION={engine}\nDB_HOST={engine}\nDB_DATABASE={self.database}\nDB_USERNAME=laravel\n"
            f'DB_PASSWORD="{PASSWORD.replace("$", chr(92) + "$")}"\n'
        )
        keys = ("frankenphp", "node", IMAGES[engine])
        context = RenderContext({key: base_image(key).reference for key in keys})
        (self.root / "compose.yaml").write_text(render(settings, context)["compose.yaml"].text)
        if tmpfs:
            where = "/var/lib/postgresql" if engine == "pgsql" else "/var/lib/mysql"
            mount = f"{{type: tmpfs, target: {where}, tmpfs: {{size: {tmpfs}, mode: 0o1777}}}}"
            override = f"services:\n  {engine}:\n    volumes: !override\n      - {mount}\n"
            (self.root / "compose.override.yaml").write_text(override)

    @property
    def snapshots(self) -> Path:
        return self.data / "devkit" / "snapshots" / self.name

    @property
    def container(self) -> str:
        return f"{self.name}-{self.engine}-1"

    def environment(self) -> dict[str, str]:
        return {**self.docker.environment(), "XDG_DATA_HOME": str(self.data), "LC_ALL": "C.UTF-8"}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "devkit.entry", *words]

    def db(self, *words: str, yes: bool = True, input: bytes = b"") -> Finished:
        """`devkit db …` as a script would run it."""
        return self.devkit("db", *words, yes=yes, input=input)

    def devkit(self, *words: str, yes: bool = True, input: bytes = b"") -> Finished:
        """Any command of devkit, as a script would run it."""
        command = self.command(*(["--yes"] if yes else []), *words)
        done = subprocess.run(
            command, cwd=self.root, env=self.environment(), input=input, capture_output=True, timeout=300, check=False
        )
        return Finished(done.returncode, done.stdout, done.stderr.decode())

    def good(self, *words: str, input: bytes = b"") -> Finished:
        done = self.db(*words, input=input)
        assert done.status == 0, done.stderr
        return done

    def ask(self, statements: str, database: str | None = None) -> list[str]:
        """Lines of an answer, past devkit, as the server's own superuser."""
        name = self.database if database is None else database
        done = self.docker.run(
            "exec", "-i", self.container, "sh", "-c", _ASK[self.engine], "-", name, input=statements.encode()
        )
        return done.stdout.decode().splitlines()

    def dump(self, *options: str) -> bytes:
        """What the server's own dump program says."""
        return self.docker.run(
            "exec", self.container, "sh", "-c", _DUMP[self.engine], "-", *options, self.database
        ).stdout

    def everything(self) -> bytes:
        """All of the database, without what is different in every dump of the same data."""
        return _CHANGING.sub(b"", self.dump())

    def reset(self, statements: str) -> None:
        """The database made anew past devkit, with what the statements put into it."""
        if self.engine == "pgsql":
            name = self.database
            begin = f"DROP DATABASE {name} WITH (FORCE);\nCREATE DATABASE {name};\n\\connect {name}\n"
        else:
            begin = f"DROP DATABASE {self.database};\nCREATE DATABASE {self.database};\nUSE {self.database};\n"
        self.ask(begin + statements, "")

    def leftovers(self) -> list[str]:
        """Databases and accounts that devkit made and did not take away."""
        if self.engine == "pgsql":
            question = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles;"
        else:
            question = "SHOW DATABASES; SELECT user FROM mysql.user;"
        return [name for name in self.ask(question, "") if "devkit" in name]

    def write(self, name: str, data: bytes | str) -> str:
        (self.root / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return name

    def volumes(self) -> list[str]:
        """The project's volumes that the engine has."""
        label = f"label=com.docker.compose.project={self.name}"
        return self.docker.run("volume", "ls", "--quiet", "--filter", label).stdout.decode().split()

    def remove_container(self) -> None:
        """The server is gone, its data stay; needs no compose.yaml that can be read."""
        self.docker.run("rm", "--force", self.container)

    def remove(self) -> None:
        if self.engine != "sqlite":
            self.compose("down", "--volumes", "--timeout", "1")

    def compose(self, *words: str) -> str:
        command: Sequence[str] = ("compose", "--project-directory", str(self.root), "-p", self.name, *words)
        return self.docker.run(*command, cwd=self.root, timeout=180).stdout.decode()
