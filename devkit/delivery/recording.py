"""One build on its way into the history: looked at before it runs, and written down when it is over.

Nothing here ends a build: what goes wrong is one warning, and then a build without a reason or without a record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from devkit.delivery.build_record import LOCK_FILES, BuildRecord, Status, StepRecord
from devkit.delivery.context_files import ContextFiles, short_digests
from devkit.delivery.history import BuildHistory
from devkit.delivery.ignore_patterns import read_ignore_patterns
from devkit.delivery.reasons import with_reasons
from devkit.delivery.step_inputs import StepInputs, StepKey, inputs_of, with_bases
from devkit.engine.build_events import BuildStep
from devkit.engine.dockerfile import Dockerfile, Stage
from devkit.project.errors import FailedError


@dataclass(frozen=True)
class Planned:
    """A build that is about to run. `context` is a directory or an address, as compose.yaml has it.

    `arguments` are the build arguments: they are looked at, and kept nowhere. `root` is where lock files lie.
    """

    project: str
    image: str
    root: Path
    context: str
    dockerfile_path: Path
    dockerfile: Dockerfile
    target: Stage
    arguments: Mapping[str, str]
    no_cache: bool = False


@dataclass
class Recording:
    """Made before the build runs, for that is when BuildKit takes the files; `finish` when it is over.

    `mask` takes secrets out of texts, `warn` hears of a history that cannot be used.
    """

    planned: Planned
    history: BuildHistory
    mask: Callable[[str], str]
    warn: Callable[[str], None]
    _started: float = field(default_factory=time.time)
    _clock: float = field(default_factory=time.monotonic)
    _former: Mapping[StepKey, StepInputs] | None = None
    _inputs: Sequence[StepInputs] = ()
    _locks: Mapping[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Look at the files that the build takes, and at what is known of the last one."""
        try:
            self._former = self.history.inputs(self.planned.project)
        except FailedError as error:
            self.warn(str(error))
        planned = self.planned
        self._locks = short_digests(planned.root, LOCK_FILES)
        inputs = inputs_of(planned.dockerfile, planned.target, self._context_files(), planned.arguments)
        self._inputs = [self._masked(one) for one in inputs]

    def finish(
        self, status: Status, steps: Sequence[BuildStep], identity: Callable[[str], str], pushed: str = ""
    ) -> BuildRecord:
        """The record of the build, written down; `identity` says which image a reference of FROM stood for."""
        inputs = with_bases(self._inputs, identity)
        order = [stage.name for stage in self.planned.dockerfile.stages]
        kept = [
            StepRecord.of(step, name=self.mask(step.name), error=self.mask(step.error))
            for step in sorted(steps, key=lambda step: order.index(step.stage) if step.stage in order else len(order))
        ]
        if self._former is not None:
            kept = with_reasons(kept, inputs, self._former, no_cache=self.planned.no_cache)
        record = BuildRecord(
            project=self.planned.project,
            stage=self.planned.target.name,
            image=self.planned.image,
            started=round(self._started, 3),
            seconds=round(time.monotonic() - self._clock, 2),
            status=status,
            steps=tuple(kept),
            locks=self._locks,
            pushed=pushed,
        )
        if self._former is None:  # the history has been said to be unusable
            return record
        try:
            return self.history.add(record, inputs)
        except FailedError as error:
            self.warn(str(error))
            return record

    def note_push(self, record: BuildRecord) -> None:
        """A build that was kept has been pushed since: keep its digest too."""
        if self._former is None:
            return
        try:
            self.history.note_push(record.id, record.pushed)
        except FailedError as error:
            self.warn(str(error))

    def _context_files(self) -> ContextFiles | None:
        root = Path(self.planned.context)
        if not root.is_dir():
            return None
        try:
            ignored = read_ignore_patterns(root, self.planned.dockerfile_path)
        except OSError:
            return None
        known: dict[str, str] = {}
        for former in (self._former or {}).values():
            known |= former.files or {}
        return ContextFiles(root, ignored, known)

    def _masked(self, inputs: StepInputs) -> StepInputs:
        return replace(inputs, key=inputs.key._replace(instruction=self.mask(inputs.key.instruction)))
