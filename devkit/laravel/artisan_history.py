"""The artisan commands that were run for a project, and a person's favourites: kept in .devkit/, for this user alone.

No value that looks like a secret is kept: its name is, so that whoever runs the command again fills it in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from devkit.laravel.artisan_words import Value, Values
from devkit.project.file_lock import locked
from devkit.project.paths import ProjectPaths
from devkit.project.state import remember, state_directory

MOST_RUNS = 200
LONGEST_VALUE = 4096
"""Signs of a value that are worth keeping; a longer one is left out as a secret is."""

_SCHEMA = 1
_FILE = "artisan.json"
_PRIVATE = 0o600

IsSecret = Callable[[str, str], bool]
"""By a name and its value."""


@dataclass(frozen=True)
class Ran:
    """One run: `at` in seconds since the epoch, its status and how long it took, None for one that has not ended or
    was seen by nobody; `left_out` are names of values.
    """

    command: str
    values: Values
    at: float
    status: int | None = None
    seconds: float | None = None
    left_out: tuple[str, ...] = ()

    def same_as(self, other: Ran) -> bool:
        """Whether it was called in the same way."""
        return (self.command, self.values, self.left_out) == (other.command, other.values, other.left_out)


@dataclass(frozen=True)
class History:
    """Runs, the newest first and each way to call a command once; favourites in the order in which they became so."""

    runs: tuple[Ran, ...] = ()
    favourites: tuple[str, ...] = ()


def recall(paths: ProjectPaths) -> History:
    """What is kept; nothing where the file is missing, broken, or another devkit's."""
    try:
        body = json.loads((paths.state / _FILE).read_bytes())
        if body["schema"] != _SCHEMA:
            return History()
        return History(tuple(map(_run, body["runs"])), tuple(map(str, body["favourites"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return History()


def note(paths: ProjectPaths, ran: Ran, is_secret: IsSecret) -> History:
    """Keep a run; the history with it. OSError where it cannot be written."""
    kept = without_secrets(ran, is_secret)
    with _changing(paths) as (history, keep):
        runs = (kept, *(former for former in history.runs if not former.same_as(kept)))
        return keep(replace(history, runs=runs[:MOST_RUNS]))


def toggle_favourite(paths: ProjectPaths, command: str) -> History:
    """Make a command a favourite, or no more; the history with it. OSError where it cannot be written."""
    with _changing(paths) as (history, keep):
        others = tuple(one for one in history.favourites if one != command)
        return keep(
            replace(history, favourites=others if command in history.favourites else (*history.favourites, command))
        )


def without_secrets(ran: Ran, is_secret: IsSecret) -> Ran:
    """The run without values that are secrets, or longer than is worth keeping."""
    left_out = tuple(key for key, value in ran.values.items() if _is_left_out(key, value, is_secret))
    return replace(
        ran, values={key: value for key, value in ran.values.items() if key not in left_out}, left_out=left_out
    )


def _is_left_out(key: str, value: Value, is_secret: IsSecret) -> bool:
    texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    return sum(map(len, texts)) > LONGEST_VALUE or any(is_secret(key, text) for text in texts)


@contextmanager
def _changing(paths: ProjectPaths) -> Iterator[tuple[History, Callable[[History], History]]]:
    """What is kept now, and how something else is kept instead; two at once lose nothing of each other."""

    def keep(history: History) -> History:
        body = {"schema": _SCHEMA, "runs": [vars(run) for run in history.runs], "favourites": history.favourites}
        remember(paths, _FILE, json.dumps(body, ensure_ascii=False, separators=(",", ":")), mode=_PRIVATE)
        return history

    with locked(state_directory(paths) / "artisan.lock", mode=_PRIVATE):
        yield recall(paths), keep


def _run(body: Mapping[str, Any]) -> Ran:
    values = {str(key): _value(value) for key, value in body["values"].items()}
    return Ran(
        str(body["command"]),
        values,
        float(body["at"]),
        None if body["status"] is None else int(body["status"]),
        None if body["seconds"] is None else float(body["seconds"]),
        tuple(map(str, body["left_out"])),
    )


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, bool) else str(value)
