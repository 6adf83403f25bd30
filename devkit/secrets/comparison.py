"""What `devkit env diff` and `devkit env check` say, for whoever shows it beside other work: names, never values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any


class Standing(Enum):
    """How a name of .env stands to where its secrets are kept; what a person has to look at comes first."""

    CHANGED = "changed"
    ADDED = "new in Doppler"
    REMOVED = "removed in Doppler"
    EDITED = "edited since"
    """In .env, after it was compared."""
    MISSING = "missing"
    """In .env.example, and not here."""
    RESTRICTED = "restricted"
    """In Doppler, and not for this token to read."""
    KEPT = "kept for this stack"
    """Doppler has another value, which this machine's stack does not take."""
    LOCAL = "local only"
    UNSET = "not set"
    """Read without a default, and set nowhere."""
    SAME = "same"
    NONE = ""
    """Nothing to compare with, or not compared yet."""


_LISTS = MappingProxyType(
    {
        "local_only": Standing.LOCAL,
        "kept": Standing.KEPT,
        "restricted": Standing.RESTRICTED,
        "removed": Standing.REMOVED,
        "added": Standing.ADDED,
        "changed": Standing.CHANGED,
    }
)
"""The lists of `devkit env diff`; a name that stands in two of them is what the later one says."""


@dataclass(frozen=True)
class Comparison:
    """`standings` has the names that are not the same on both sides; without Doppler, those that .env lacks.

    `moment` is when .env was pulled, or written where it never was, in seconds since the epoch; None without one.
    """

    is_doppler: bool
    where: str = ""
    """Doppler's project and config, `shop/dev`."""
    moment: float | None = None
    standings: Mapping[str, Standing] = field(default_factory=lambda: MappingProxyType({}))

    def names(self, standing: Standing) -> list[str]:
        """Those that stand so, sorted."""
        return sorted(name for name, found in self.standings.items() if found is standing)

    @property
    def is_none(self) -> bool:
        """Whether a pull would change nothing."""
        return not {Standing.ADDED, Standing.CHANGED, Standing.REMOVED} & set(self.standings.values())


@dataclass(frozen=True)
class Missing:
    """A name that .env lacks, and the places that read it, as `config/services.php:12`."""

    name: str
    read_by: tuple[str, ...] = ()
    has_default: bool = False
    in_example: bool = False


def comparison_in(answer: Mapping[str, Any], now: float) -> Comparison:
    """What `devkit --json env diff` answered at `now`, in seconds since the epoch."""
    age = answer.get("age_seconds")
    moment = now - age if isinstance(age, int | float) else None
    if answer.get("source") != "doppler":  # then it was .env.example that .env was compared with
        return Comparison(False, "", moment, dict.fromkeys(_texts(answer.get("added")), Standing.MISSING))
    standings = {name: standing for key, standing in _LISTS.items() for name in _texts(answer.get(key))}
    return Comparison(True, f"{answer.get('project', '')}/{answer.get('config', '')}", moment, standings)


def missing_in(answer: Mapping[str, Any]) -> tuple[Missing, ...]:
    """What `devkit --json env check` answered."""
    entries = answer.get("missing")
    return tuple(
        Missing(
            str(entry["name"]),
            _texts(entry.get("read_by")),
            entry.get("has_default") is True,
            entry.get("in_example") is True,
        )
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("name")
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
