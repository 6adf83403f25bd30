"""What the Build tab knows of builds before this one: the history of some time, what it adds up to, and advice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import time

from devkit.delivery.advice import Advice
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.history import build_history
from devkit.project.errors import DevkitError
from devkit.project.paths import machine_paths
from devkit.setup import child
from devkit.setup.cache_report import CacheReport, advice_in, report_of
from devkit.setup.project import Project
from devkit.tui.shown_build import ShownBuild

_DAY = 86_400.0
LOOKING = "looking …"
WINDOWS = (28, 365)
"""Days that are looked at; a key changes from one to the other."""


class KeptBuilds:
    """One project's."""

    def __init__(self, project: Project) -> None:
        self.days = WINDOWS[0]
        self.report: CacheReport = report_of(())
        self.advice: tuple[Advice, ...] | str = LOOKING
        """What would make builds faster; a text says why that is not known."""

        self.problem = ""
        """Why the history cannot be read."""

        self.last: ShownBuild | None = None
        """The newest of them, as its steps are shown."""

        self.path = build_history(machine_paths()).path
        self._project = project

    @property
    def builds(self) -> Sequence[BuildRecord]:
        """Those of the window, the oldest first."""
        return self.report.builds

    def next_window(self) -> None:
        """The other span of time; what it holds is to be read."""
        self.days = WINDOWS[(WINDOWS.index(self.days) + 1) % len(WINDOWS)]

    async def read(self) -> None:
        """Read the history, and add it up."""
        name, since = self._project.settings.name, time() - self.days * _DAY
        try:
            self.report = await asyncio.to_thread(_read, name, since)
        except DevkitError as error:
            self.report, self.problem = report_of(()), f"{error.message}: {error.hint}"
        else:
            self.problem = ""
        newest = self.builds[-1] if self.builds else None
        if newest is None:
            self.last = None
        elif self.last is None or self.last.record != newest:
            self.last = ShownBuild.of(newest)

    async def advise(self) -> None:
        """Ask what would make builds faster: a devkit of its own looks at the Dockerfile and what it copies."""
        try:
            found = await child.answer(self._project.paths.root, ["cache", "--since", f"{self.days}d"])
        except DevkitError as error:
            self.advice = error.message
        else:
            self.advice = tuple(advice_in(found))


def _read(project: str, since: float) -> CacheReport:
    return report_of(build_history(machine_paths()).builds(project, since))
