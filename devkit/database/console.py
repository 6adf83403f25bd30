"""The database's own shell: which program, where, and with which password. A door gives it a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from devkit.database.account import read_account, sqlite_file
from devkit.database.work import started
from devkit.engine.state import ServiceState
from devkit.laravel.mounts import PROJECT_IN_CONTAINER
from devkit.project.errors import FailedError
from devkit.project.services import APP
from devkit.setup.project import Project


@dataclass(frozen=True)
class Console:
    """A client in a service's container; `variables` holds the password, which no argument names."""

    service: str
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
        return Console(engine, state.container, command, {"PGPASSWORD": account.password})
    client = (engine, f"--user={account.user}", "--default-character-set=utf8mb4", "--", account.database)
    return Console(engine, state.container, client, {"MYSQL_PWD": account.password})


def _sqlite(project: Project, on_line: Callable[[str], None], on_change: Callable[[ServiceState], None]) -> Console:
    file = sqlite_file(project.paths, project.settings)
    state = started(project, APP, on_line, on_change)
    found = project.docker.run("exec", state.container, "sh", "-c", "command -v sqlite3", check=False)
    if found.returncode != 0:
        raise FailedError(
            "the application's container has no sqlite3",
            f"add it with: devkit config set php.packages sqlite3, devkit build, devkit up; or open {file} yourself",
        )
    return Console(APP, state.container, ("sqlite3", str(PROJECT_IN_CONTAINER / file.relative_to(project.paths.root))))
