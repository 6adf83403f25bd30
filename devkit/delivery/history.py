"""The builds of all projects of this user: kept in SQLite under the state directory, for a year."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit.delivery.build_record import BuildRecord, StepRecord, reason_from_json
from devkit.delivery.context_files import Fingerprints
from devkit.delivery.history_schema import opened, transaction
from devkit.delivery.step_inputs import StepInputs, StepKey
from devkit.project.errors import FailedError
from devkit.project.paths import MachinePaths

if TYPE_CHECKING:
    import sqlite3

KEPT_DAYS = 400
_DAY = 86_400.0

_BUILD_COLUMNS = "id, project, stage, image, started, seconds, status, origin, pushed, locks"
_STEP_COLUMNS = "stage, number, name, digest, cached, seconds, saved, reason, error"


@dataclass(frozen=True)
class BuildHistory:
    """One file. Every method opens it for itself, and raises FailedError where it cannot be used."""

    path: Path

    def inputs(self, project: str) -> dict[StepKey, StepInputs]:
        """What each step of a project was made of when it was last built or found in the cache."""
        with opened(self.path) as connection:
            rows = connection.execute(
                "SELECT stage, instruction, occurrence, base, setting, files FROM inputs WHERE project = ?", (project,)
            ).fetchall()
        found = {}
        for stage, instruction, occurrence, base, setting, files in rows:
            key = StepKey(stage, instruction, occurrence)
            try:
                found[key] = StepInputs(key, 0, base, setting, _unpacked(files))
            except (zlib.error, ValueError) as error:
                raise _unreadable(self.path) from error
        return found

    def add(self, record: BuildRecord, inputs: Sequence[StepInputs] = ()) -> BuildRecord:
        """Keep a build that is over, and what its completed steps were made of; gives it with what the cache saved."""
        with opened(self.path) as connection, transaction(connection):
            priced = _priced(connection, record)
            _insert(connection, priced)
            _keep_inputs(connection, record, inputs)
            connection.execute("DELETE FROM builds WHERE started < ?", (record.started - KEPT_DAYS * _DAY,))
        return priced

    def note_push(self, id: str, digest: str) -> None:
        """Keep the digest that a registry has of a build's image."""
        with opened(self.path) as connection, transaction(connection):
            connection.execute("UPDATE builds SET pushed = ? WHERE id = ?", (digest, id))

    def add_imported(self, records: Iterable[BuildRecord]) -> int:
        """Keep builds that were made elsewhere, all or none; how many of them were not here yet.

        What their steps cost is compared with each other alone: another machine has another speed.
        """
        added = 0
        with opened(self.path) as connection, transaction(connection):
            for record in sorted(records, key=lambda record: record.started):
                if not connection.execute("SELECT 1 FROM builds WHERE id = ?", (record.id,)).fetchone():
                    _insert(connection, _priced(connection, record))
                    added += 1
        return added

    def builds(self, project: str, since: float = 0.0) -> list[BuildRecord]:
        """The builds of a project that began at or after `since` (seconds since the epoch), the oldest first."""
        if not self.path.exists():
            return []
        asked = f"SELECT {_BUILD_COLUMNS} FROM builds WHERE project = ? AND started >= ? ORDER BY started, id"
        with opened(self.path) as connection:
            rows = connection.execute(asked, (project, since)).fetchall()
            try:
                return [_record(row, _steps(connection, row[0])) for row in rows]
            except (ValueError, KeyError, TypeError) as error:
                raise _unreadable(self.path) from error


def build_history(paths: MachinePaths) -> BuildHistory:
    """This user's history."""
    return BuildHistory(paths.state / "builds.sqlite")


def _insert(connection: sqlite3.Connection, record: BuildRecord) -> None:
    connection.execute(
        f"INSERT INTO builds ({_BUILD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.id,
            record.project,
            record.stage,
            record.image,
            record.started,
            record.seconds,
            record.status,
            record.origin,
            record.pushed,
            json.dumps(dict(record.locks)),
        ),
    )
    connection.executemany(
        f"INSERT INTO steps (build, position, {_STEP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                record.id,
                position,
                step.stage,
                step.number,
                step.name,
                step.digest,
                step.cached,
                step.seconds,
                step.saved,
                json.dumps(step.to_json()["reason"]),
                step.error,
            )
            for position, step in enumerate(record.steps)
        ],
    )


def _priced(connection: sqlite3.Connection, record: BuildRecord) -> BuildRecord:
    return replace(record, steps=tuple(_priced_step(connection, record, step) for step in record.steps))


def _priced_step(connection: sqlite3.Connection, record: BuildRecord, step: StepRecord) -> StepRecord:
    """A step from the cache with what it cost when it was last built: the same work, else the same words."""
    if not step.cached or step.saved is not None:
        return step
    asked = (
        "SELECT steps.seconds FROM steps JOIN builds ON builds.id = steps.build"
        " WHERE steps.cached = 0 AND steps.error = '' AND builds.origin = ? AND builds.started <= ?"
    )
    newest, before = "ORDER BY builds.started DESC LIMIT 1", (record.origin, record.started)
    row = None
    if step.digest:
        row = connection.execute(f"{asked} AND steps.digest = ? {newest}", (*before, step.digest)).fetchone()
    if row is None:
        words = (step.name, step.stage, record.project)
        asked += " AND steps.name = ? AND steps.stage = ? AND builds.project = ?"
        row = connection.execute(f"{asked} {newest}", (*before, *words)).fetchone()
    return replace(step, saved=float(row[0])) if row else step


def _keep_inputs(connection: sqlite3.Connection, record: BuildRecord, inputs: Sequence[StepInputs]) -> None:
    """Those of a step that failed, or was not reached, stay what they were: it was last built of them."""
    completed = {(step.stage, step.number) for step in record.steps if not step.error}
    if record.status == "done":
        for stage in {one.key.stage for one in inputs}:
            connection.execute("DELETE FROM inputs WHERE project = ? AND stage = ?", (record.project, stage))
    connection.executemany(
        "INSERT OR REPLACE INTO inputs (project, stage, instruction, occurrence, base, setting, files)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (record.project, *one.key, one.base, one.setting, _packed(one.files))
            for one in inputs
            if record.status == "done" or one.place in completed
        ],
    )


def _steps(connection: sqlite3.Connection, build: str) -> tuple[StepRecord, ...]:
    rows = connection.execute(f"SELECT {_STEP_COLUMNS} FROM steps WHERE build = ? ORDER BY position", (build,))
    return tuple(
        StepRecord(
            name, stage, bool(cached), seconds, number, digest, saved, reason_from_json(json.loads(reason)), error
        )
        for stage, number, name, digest, cached, seconds, saved, reason, error in rows
    )


def _record(row: Sequence[Any], steps: tuple[StepRecord, ...]) -> BuildRecord:
    id, project, stage, image, started, seconds, status, origin, pushed, locks = row
    return BuildRecord(project, stage, image, started, seconds, status, steps, json.loads(locks), pushed, id, origin)


def _packed(files: Fingerprints | None) -> bytes | None:
    return None if files is None else zlib.compress(json.dumps(dict(files)).encode())


def _unpacked(blob: bytes | None) -> Fingerprints | None:
    if blob is None:
        return None
    files: Fingerprints = json.loads(zlib.decompress(blob))
    return files


def _unreadable(path: Path) -> FailedError:
    return FailedError(
        f"the history of builds in {path} holds a record that cannot be read",
        f"begin a new one: mv {path} {path}.broken",
    )
