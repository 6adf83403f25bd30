"""What devkit asks of a database, whichever engine it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from devkit.database.account import TITLES
from devkit.database.dump_kinds import Dump, Form
from devkit.project.errors import FailedError

SCRATCH = "__devkit_new"
"""The database on the server that a dump is loaded into, before it takes the place of the application's."""

ASIDE = "__devkit_old"
"""The former database on its way out."""

LOADER = "devkit_import"
"""The account that loads a dump: made for one import, and it reaches the scratch database only."""


@dataclass(frozen=True)
class Load:
    """A dump to be put in the database's place: what it is, its decompressed bytes, and its name for messages."""

    dump: Dump
    chunks: Iterator[bytes]
    name: str


class Database(Protocol):
    """One engine's way of doing things. Whoever calls holds the project's lock (devkit.database.lock)."""

    @property
    def engine(self) -> str:
        """The name that the settings use."""

    @property
    def snapshot_form(self) -> Form:
        """What a snapshot holds."""

    def version(self) -> str:
        """The server's version."""

    def size(self) -> int:
        """Bytes that the data takes on disk, indexes included."""

    def free(self) -> int:
        """Bytes that are free where the data is."""

    def check_writable(self) -> None:
        """FailedError, with the reason, where nothing can be written, or the server has no such database."""

    def close(self) -> None:
        """End whatever client runs."""

    def recover(self) -> None:
        """Bring to its end what a killed devkit left: finished where it was decided, else taken away."""

    def dump(self, form: Form, /) -> AbstractContextManager[Iterator[bytes]]:
        """All of the database at one moment, while the application goes on."""

    def replace(self, load: Load) -> tuple[str, ...]:
        """Put the dump's data in the place of all that is there now; gives warnings.

        Whatever goes wrong, and wherever devkit is killed: the data is the former or the new.
        UsageError for a dump that is broken, FailedError where the server refuses it.
        """


def read_only(engine: str, why: str, hint: str) -> FailedError:
    """The error for a database that cannot be written."""
    return FailedError(f"{TITLES[engine]} is read-only here: {why}", hint)


def no_database(engine: str, name: str) -> FailedError:
    """The error for a database that the server does not have."""
    return FailedError(
        f"{TITLES[engine]} has no database {name!r} (DB_DATABASE in .env)",
        "correct DB_DATABASE, or make the database: devkit db shell",
    )


def not_loaded(name: str, why: str) -> FailedError:
    """The error for a dump that the server refused."""
    return FailedError(f"{name} was not imported: {why}", "the database is as it was; correct the dump, then try again")
