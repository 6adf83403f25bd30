"""What the last pull brought: where from, when and which names, never a value. Safe to lose."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

_FILE = "secrets.json"


@dataclass(frozen=True)
class Pulled:
    """A pull: Doppler's project and config, the moment in seconds since the epoch, and the names that came."""

    project: str
    config: str
    moment: float
    names: frozenset[str]


def last_pull(paths: ProjectPaths) -> Pulled | None:
    """The last pull into this project's .env; None where there was none, or its record cannot be read."""
    try:
        entry = json.loads((paths.state / _FILE).read_text(encoding="utf-8"))
        return Pulled(
            str(entry["project"]), str(entry["config"]), float(entry["time"]), frozenset(map(str, entry["names"]))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember_pull(paths: ProjectPaths, pulled: Pulled) -> None:
    """Keep it as the last one."""
    entry = {
        "project": pulled.project,
        "config": pulled.config,
        "time": round(pulled.moment, 3),
        "names": sorted(pulled.names),
    }
    remember(paths, _FILE, json.dumps(entry) + "\n")


def age_of(paths: ProjectPaths) -> int | None:
    """Seconds since .env was pulled, else since it was written; None where there is none."""
    pulled = last_pull(paths)
    try:
        since = pulled.moment if pulled else paths.env.stat().st_mtime
    except OSError:
        return None
    return max(0, round(time.time() - since)) if paths.env.exists() else None


def age_in_words(paths: ProjectPaths) -> str:
    """What is said of .env where nothing could be fetched: whether there is one, and how old its secrets are."""
    age = age_of(paths)
    if age is None:
        return "there is no .env yet"
    done = "pulled" if last_pull(paths) else "written"
    return f".env stays as it is, {done} {_ago(age)}"


def _ago(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "less than a minute ago"
