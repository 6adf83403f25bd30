"""The snapshots of a project: one compressed file each, in devkit's data directory of this user.

Not in the project: `git clean` takes ignored files away, and a snapshot has to outlive that, the volumes and devkit.
Each file is zstd: what it is stands at its head, in a frame that every zstd reader skips, so that
`zstd -dc NAME.sql.zst` and `devkit db import NAME.sql.zst` read it like any dump.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devkit.database.dump_kinds import Form
from devkit.database.streams import PRIVATE, ZSTD_LEVEL, Sink
from devkit.project.errors import UsageError
from devkit.project.files import clear_left_overs, open_atomically
from devkit.project.paths import MachinePaths

KEPT_AUTOMATIC = 5
"""Snapshots that devkit takes by itself (before `fresh`): older ones go."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_SUFFIXES = {Form.TEXT: ".sql.zst", Form.SQLITE: ".sqlite.zst"}
_FRAME = struct.Struct("<II")
_FRAME_MAGIC = 0x184D2A5D  # one of the sixteen that zstd skips (RFC 8878, 3.1.2)
_LONGEST_FRAME = 64 * 1024


@dataclass(frozen=True)
class Snapshot:
    """One snapshot. `bytes` are the file's, `database_bytes` what the database took on disk."""

    name: str
    created: datetime
    engine: str
    version: str
    database_bytes: int
    automatic: bool
    path: Path
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """As `devkit db snapshots --json` lists it."""
        return {
            "name": self.name,
            "created": self.created.isoformat(timespec="seconds"),
            "engine": self.engine,
            "version": self.version,
            "bytes": self.bytes,
            "database_bytes": self.database_bytes,
            "automatic": self.automatic,
            "path": str(self.path),
        }


def snapshot_directory(machine: MachinePaths, project: str) -> Path:
    """Where a project's snapshots are; like its volumes they belong to its Compose name."""
    return machine.data / "snapshots" / project


def check_name(name: str) -> str:
    """Give a snapshot's name back; UsageError for one that cannot be used."""
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 40 else f"{name[:39]}…"
        raise UsageError(
            f"a snapshot cannot be named {shown!r}",
            "use letters, digits, - _ and . of ASCII, at most 80, the first a letter or a digit",
        )
    return name


class Snapshots:
    """The snapshots in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def all(self) -> list[Snapshot]:
        """Every snapshot that is whole, the newest last. Other files are passed over."""
        if not self.directory.is_dir():
            return []
        found = (_read(path) for path in self.directory.iterdir() if not path.name.startswith("."))
        return sorted((one for one in found if one is not None), key=lambda one: (one.created, one.name))

    def find(self, name: str | None) -> Snapshot:
        """The snapshot of that name, or the newest; UsageError where there is none."""
        known = self.all()
        if name is None:
            if not known:
                raise UsageError("this project has no snapshot", "take one: devkit db snapshot")
            return known[-1]
        check_name(name)
        for one in known:
            if one.name == name:
                return one
        raise UsageError(f"this project has no snapshot {name!r}", "devkit db snapshots lists them")

    def named(self, name: str) -> Snapshot | None:
        """The snapshot that a new one of that name would replace: where case makes no difference, also another's."""
        return next((one for one in self.all() if one.name.lower() == name.lower()), None)

    def free_name(self, prefix: str = "") -> str:
        """A name made of the time, that no snapshot has."""
        base = f"{prefix}{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
        taken = {one.name for one in self.all()}
        return next(name for name in _numbered(base) if name not in taken)

    @contextmanager
    def writing(
        self, name: str, form: Form, *, engine: str, version: str, database_bytes: int, automatic: bool
    ) -> Iterator[Sink]:
        """Where a new snapshot's bytes go; it is there once all is written, and not at all after an exception."""
        import zstandard  # imported here: listing does without it

        former = self.named(name)
        path = self.directory / (name + _SUFFIXES[form])
        head = {
            "name": name,
            "created": datetime.now(UTC).isoformat(timespec="microseconds"),
            "engine": engine,
            "version": version,
            "database_bytes": database_bytes,
            "automatic": automatic,
        }
        frame = json.dumps(head).encode()
        compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)  # this user's: it holds what the database holds
        with open_atomically(path, mode=PRIVATE) as out:
            out.write(_FRAME.pack(_FRAME_MAGIC, len(frame)) + frame)
            with compressor.stream_writer(out, closefd=False) as sink:
                yield sink
        if former is not None and former.path != path:
            former.path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Take away what a killed devkit left half-written."""
        clear_left_overs(self.directory)

    def forget_old_automatic(self) -> None:
        """Keep the newest automatic ones only."""
        for one in [one for one in self.all() if one.automatic][:-KEPT_AUTOMATIC]:
            one.path.unlink(missing_ok=True)


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _read(path: Path) -> Snapshot | None:
    """A snapshot's description from its file's head; None for any other file."""
    suffix = next((suffix for suffix in _SUFFIXES.values() if path.name.endswith(suffix)), None)
    if suffix is None:
        return None
    try:
        with path.open("rb") as stream:
            magic, length = _FRAME.unpack(stream.read(_FRAME.size))
            if magic != _FRAME_MAGIC or length > _LONGEST_FRAME:
                return None
            head = json.loads(stream.read(length))
        return Snapshot(
            # the file's name counts: a person may have renamed it
            name=path.name.removesuffix(suffix),
            created=datetime.fromisoformat(head["created"]),
            engine=str(head["engine"]),
            version=str(head["version"]),
            database_bytes=int(head["database_bytes"]),
            automatic=bool(head["automatic"]),
            path=path,
            bytes=path.stat().st_size,
        )
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return None
