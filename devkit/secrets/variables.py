"""The names of .env with where each comes from and how it differs from there: what a screen shows of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from devkit.secrets.comparison import Comparison, Missing, Standing
from devkit.secrets.masking import plain_value


class Source(Enum):
    """Where a value comes from."""

    DOPPLER = "Doppler"
    LOCAL = "local"
    STACK = "the stack"
    """What this machine's services need: hosts, ports and passwords that devkit sets."""
    NOWHERE = "not here yet"
    NONE = ""
    """Not known before it was compared."""


class Order(Enum):
    """What the names are sorted by."""

    DRIFT = "by drift"
    NAME = "by name"


_ORDER = {standing: place for place, standing in enumerate(Standing)}
_AT_DOPPLER = frozenset((Standing.ADDED, Standing.KEPT, Standing.RESTRICTED))
"""Names that may be there and not in .env."""


@dataclass(frozen=True)
class Variable:
    """One name. Its value stands in no text but what a person asks for; None where .env has none."""

    name: str
    source: Source = Source.NONE
    standing: Standing = Standing.NONE
    value: str | None = field(default=None, repr=False)
    read_by: tuple[str, ...] = ()

    @property
    def plain(self) -> str | None:
        """The value where it is one that may always be shown."""
        return None if self.value is None else plain_value(self.name, self.value)


def variables(
    local: Mapping[str, str],
    stack: Collection[str],
    comparison: Comparison | None,
    missing: Iterable[Missing],
    edited: Collection[str] = (),
) -> list[Variable]:
    """All names of .env (`local`), those that Doppler has besides, and those that the application misses.

    `stack` are the names that the stack of this machine sets; `edited` are those whose values in .env are others than
    they were when it was compared. Without a comparison nothing is known but what .env says.
    """
    lacking = {one.name: one for one in missing}
    standings = comparison.standings if comparison is not None else {}
    names = {*local, *lacking, *(name for name, found in standings.items() if found in _AT_DOPPLER or _lacks(found))}
    return [
        _variable(
            name,
            local.get(name),
            comparison,
            lacking.get(name),
            by_stack=name in stack,
            edited=name in edited,
        )
        for name in sorted(names)
    ]


def ordered(found: Iterable[Variable], order: Order) -> list[Variable]:
    """By name, or what a person has to look at first and then by name."""
    return sorted(found, key=lambda one: (_ORDER[one.standing] if order is Order.DRIFT else 0, one.name))


def counted(found: Iterable[Variable]) -> Mapping[Standing, int]:
    """How many stand how, what a person has to look at first."""
    standings = [one.standing for one in found]
    return {standing: number for standing in Standing if (number := standings.count(standing))}


def edited_since(local: Mapping[str, str], then: Mapping[str, str]) -> frozenset[str]:
    """The names that have another value than they had, or are new, or gone."""
    return frozenset(name for name in {*local, *then} if local.get(name) != then.get(name))


def _variable(
    name: str,
    value: str | None,
    comparison: Comparison | None,
    lacking: Missing | None,
    *,
    by_stack: bool,
    edited: bool,
) -> Variable:
    read_by = lacking.read_by if lacking is not None else ()
    standing = _standing(name, comparison, lacking, is_here=value is not None, edited=edited)
    return Variable(name, _source(standing, comparison, by_stack=by_stack), standing, value, read_by)


def _standing(
    name: str, comparison: Comparison | None, lacking: Missing | None, *, is_here: bool, edited: bool
) -> Standing:
    there = comparison.standings.get(name) if comparison is not None else None
    if not is_here:
        if there in _AT_DOPPLER:
            return there or Standing.NONE
        is_unset = lacking is not None and not lacking.in_example and there is not Standing.MISSING
        return Standing.UNSET if is_unset else Standing.MISSING
    if comparison is None or not comparison.is_doppler:
        return Standing.NONE
    return Standing.EDITED if edited else there or Standing.SAME


def _source(standing: Standing, comparison: Comparison | None, *, by_stack: bool) -> Source:
    if _lacks(standing):
        return Source.NOWHERE
    if comparison is None:
        return Source.NONE
    if standing is Standing.KEPT:
        return Source.STACK
    if standing in (Standing.NONE, Standing.LOCAL, Standing.EDITED):
        return Source.STACK if by_stack else Source.LOCAL
    return Source.DOPPLER


def _lacks(standing: Standing) -> bool:
    return standing in (Standing.MISSING, Standing.UNSET)
