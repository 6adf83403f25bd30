"""Why a service is not well, out of what the engine says of its container and of what it wrote before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.engine.containers import Inspection
from devkit.engine.diagnosis import Diagnosis, diagnosis_of, first_failure, what_is_wrong
from devkit.engine.live_services import LiveService
from devkit.logs.before import lines_before
from devkit.logs.spill import Spill
from devkit.project.services import APP

_LINES = 40
"""Log lines that a cause is looked for in."""

_CLOCKS = 1.0
"""Seconds by which a container's start and the times of its lines may differ."""


@dataclass(frozen=True)
class Ailment:
    """One container that is not well, and what is known about it."""

    container: Inspection
    diagnosis: Diagnosis

    @property
    def lasts(self) -> bool:
        """Whether its health check runs on: then there will be more to know."""
        return self.container.service.state == "running"


class Ailments:
    """Remembers since when health checks fail: the engine keeps the results of five."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def of(self, service: LiveService, sources: Sequence[Spill]) -> Ailment | None:
        """Of the first of its containers that is not well; None where all are, or were stopped."""
        for found in service.containers:
            why = what_is_wrong(found)
            if not why:
                self._since.pop(found.service.container, None)
                continue
            names = {f"{service.name}-{found.number or 1}", *(("laravel.log",) if service.name == APP else ())}
            lines = lines_before(
                [one for one in sources if one.name in names], found.started - _CLOCKS, self._moment(found), _LINES
            )
            return Ailment(found, diagnosis_of(service.name, found, why, lines))
        return None

    def _moment(self, found: Inspection) -> float | None:
        """When its first check failed; None for one that ended, whose last lines are the newest."""
        failed = first_failure(found) if found.service.state == "running" else None
        if failed is None:
            return None
        return self._since.setdefault(found.service.container, failed)
