"""A database of 100 MB: devkit's snapshot and restore against the dump commands that people type.

    python benchmarks/database_snapshot.py [ROUNDS]

For each engine a project of its own is made and removed. By hand means: the engine's dump program to a plain file
and back through `docker exec`, into a database that is dropped and made first; for SQLite a copy of the file. Rounds
alternate. By hand the application has no data, or half of it, for as long as loading takes; with devkit it has the
former data until the new is whole.
Target: a snapshot of 100 MB restored within seconds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from measure import REPOSITORY, devkit, table

from devkit.engine.docker import find_docker

sys.path.insert(0, str(REPOSITORY / "tests" / "engine" / "database"))
from database_project import DatabaseProject

USERS = 20_000
POSTS = 110_000
_WORDS = [f"{number:x}"[:9] for number in random.Random(1).sample(range(1 << 36), 5000)]
_LOAD = {
    "mysql": 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -uroot',
    "mariadb": 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb -uroot',
    "pgsql": 'exec psql -q -U "$POSTGRES_USER" -d postgres',
}


def statements() -> Iterator[str]:
    """Two tables as a Laravel application has them: about 100 MB with their indexes."""
    rng = random.Random(1)
    yield (
        "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),\n"
        "  title varchar(255) NOT NULL, slug varchar(255) NOT NULL UNIQUE, body text NOT NULL);\n"
        "CREATE INDEX posts_user ON posts (user_id);\n"
    )
    for start in range(0, USERS, 500):
        rows = (f"({n}, '{' '.join(rng.choices(_WORDS, k=2))}', 'u{n}@example.com')" for n in range(start, start + 500))
        yield f"INSERT INTO users VALUES {', '.join(rows)};\n"
    for start in range(0, POSTS, 250):
        rows = (
            f"({n}, {rng.randrange(USERS)}, '{' '.join(rng.choices(_WORDS, k=6))}', 'slug-{n}',"
            f" '{' '.join(rng.choices(_WORDS, k=85))}')"
            for n in range(start, start + 250)
        )
        yield f"INSERT INTO posts VALUES {', '.join(rows)};\n"


def by_hand(project: DatabaseProject) -> tuple[Callable[[], None], Callable[[], None]]:
    """How the same is done without devkit: keep, and bring back."""
    kept = project.root / "by-hand.sql"
    if project.engine == "sqlite":
        file = project.root / "database" / "database.sqlite"
        return lambda: _copied(file, kept), lambda: _copied(kept, file)

    def keep() -> None:
        kept.write_bytes(project.dump())

    def bring_back() -> None:
        name = project.database
        begin = f"DROP DATABASE {name};\nCREATE DATABASE {name};\n"
        begin += f"\\connect {name}\n" if project.engine == "pgsql" else f"USE {name};\n"
        command = [str(project.docker.binary), "exec", "-i", project.container, "sh", "-c", _LOAD[project.engine]]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
            assert child.stdin is not None
            child.stdin.write(begin.encode())
            with kept.open("rb") as dump:
                shutil.copyfileobj(dump, child.stdin, 1 << 18)
        if child.returncode != 0:
            sys.exit(f"{project.engine}: loading by hand ended with {child.returncode}")

    return keep, bring_back


def _copied(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb+") as stream:
        os.fsync(stream.fileno())


def timed(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def fill(project: DatabaseProject) -> None:
    if project.engine == "sqlite":
        with closing(sqlite3.connect(project.root / "database" / "database.sqlite")) as connection:
            connection.executescript("BEGIN;\n" + "".join(statements()) + "COMMIT;")
        return
    dump = project.root / "dump.sql"
    with dump.open("w") as stream:
        stream.writelines(statements())
    devkit("--yes", "db", "import", str(dump), directory=project.root)
    dump.unlink()


def measure(project: DatabaseProject, rounds: int) -> str:
    fill(project)
    keep, bring_back = by_hand(project)
    actions: dict[str, Callable[[], object]] = {
        "dump by hand": keep,
        "devkit db snapshot": lambda: devkit("--yes", "db", "snapshot", "bench", directory=project.root),
        "load by hand": bring_back,
        "devkit db restore": lambda: devkit("--yes", "db", "restore", "bench", directory=project.root),
    }
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            times[name].append(timed(action))
    listed = json.loads(devkit("--json", "db", "snapshots", directory=project.root).stdout)
    (taken,) = listed["snapshots"]
    rows = [(name, values, "s") for name, values in times.items()]
    title = f"{project.engine}: {taken['database_bytes'] / 1e6:.0f} MB on disk, kept in {taken['bytes'] / 1e6:.0f} MB"
    return f"{table(title, rows[:2])}\n{table('', rows[2:])}"


def main(rounds: int) -> None:
    docker = find_docker()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ.update(docker.environment() | {"XDG_DATA_HOME": str(Path(temporary) / "data")})
        for engine in ("sqlite", "mysql", "mariadb", "pgsql"):
            project = DatabaseProject(docker, Path(temporary), engine)
            try:
                print(measure(project, rounds), end="\n\n", flush=True)
            finally:
                project.remove()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
