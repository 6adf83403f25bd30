"""The database's own shell, in the place of devkit: terminal, signals and exit status are the client's."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from devkit.database.account import read_account, sqlite_file
from devkit.database.work import started
from devkit.engine.state import ServiceState
from devkit.laravel.mounts import PROJECT_IN_CONTAINER
from devkit.project.errors import FailedError
from devkit.project.services import APP
from devkit.setup.stack import Project


@dataclass(frozen=True)
class Console:
    """A client in a container; `variables` holds the password, which no argument names."""

    container: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict, repr=False)


def console(project: Project, on_line: Callable[[str], None], on_change: Callable[[ServiceState], None]) -> Console:
    """The client that fits the project's database, as the application's user; its service is started if it is down.

    FailedError where the application's container has no sqlite3.
    """
    engine = project.settings.database
    if engine == "sqlite":
        return _sqlite(project, on_line, on_change)
    account = read_account(project.paths, project.settings)
    state = started(project, engine, on_line, on_change)
    if engine == "pgsql":
        command = ("psql", f"--username={account.user}", f"--dbname={account.database}")
        return Console(state.container, command, {"PGPASSWORD": account.password})
    client = (engine, f"--user={account.user}", "--default-character-set=utf8mb4", "--", account.database)
    return Console(state.container, client, {"MYSQL_PWD": account.password})


def replace_devkit(project: Project, chosen: Console, *, terminal: bool) -> NoReturn:
    """Become the client: nothing of devkit runs after this."""
    binary = str(project.docker.binary)
    named = [word for name in chosen.variables for word in ("--env", name)]
    options = ["--interactive", *(["--tty"] if terminal else []), *named]
    environment = {**project.docker.environment(), **chosen.variables}
    os.execve(binary, [binary, "exec", *options, chosen.container, *chosen.command], environment)


def _sqlite(project: Project, on_line: Callable[[str], None], on_change: Callable[[ServiceState], None]) -> Console:
    file = sqlite_file(project.paths, project.settings)
    state = started(project, APP, on_line, on_change)
    found = project.docker.run("exec", state.container, "sh", "-c", "command -v sqlite3", check=False)
    if found.returncode != 0:
        raise FailedError(
            "the application's container has no sqlite3",
            f"add it with: devkit config set php.packages sqlite3, devkit build, devkit up; or open {file} yourself",
        )
    return Console(state.container, ("sqlite3", str(PROJECT_IN_CONTAINER / file.relative_to(project.paths.root))))
