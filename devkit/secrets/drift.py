"""By how much .env differs from where its secrets are kept: names only, whose values are never shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Drift:
    """Names, sorted, by what became of them; a name that is the same on both sides stands nowhere.

    `added` are there and not in .env, `changed` have another value there, `removed` came from there once and are gone,
    `local_only` were never there. `kept` have another value there that this machine's stack does not take (such as
    DB_HOST). `restricted` are there, and may not be read.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    local_only: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether a pull would change nothing."""
        return not (self.added or self.changed or self.removed)

    def to_json(self) -> dict[str, Any]:
        """Each list by its name."""
        return {field.name: list(getattr(self, field.name)) for field in fields(self)}


def drift_between(
    local: Mapping[str, str],
    remote: Mapping[str, str],
    *,
    restricted: Collection[str] = (),
    pulled: Collection[str] = (),
    own: Collection[str] = (),
) -> Drift:
    """Compare .env (`local`) with where its secrets are kept (`remote`).

    `restricted` are names there whose values may not be read, `pulled` those that the last pull found there, and `own`
    those that the stack of this machine gives its own values.
    """
    there = {*remote, *restricted}
    differing = {name for name, value in remote.items() if local.get(name) != value}
    only_here = set(local) - there
    removed = only_here & set(pulled) - set(own)
    return Drift(
        added=_sorted(differing - set(local) - set(own)),
        changed=_sorted(differing & set(local) - set(own)),
        removed=_sorted(removed),
        local_only=_sorted(only_here - removed),
        kept=_sorted(differing & set(own)),
        restricted=_sorted(restricted),
    )


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
