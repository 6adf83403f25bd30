"""Why a step was rebuilt: what it is made of, compared with the last time that it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from devkit.delivery.build_record import Reason, StepRecord
from devkit.delivery.context_files import changed_files
from devkit.delivery.step_inputs import StepInputs, StepKey

NAMED_FILES = 20
"""So many of the files that changed a key are kept."""


def with_reasons(
    steps: Sequence[StepRecord],
    inputs: Sequence[StepInputs],
    former: Mapping[StepKey, StepInputs],
    *,
    no_cache: bool,
) -> list[StepRecord]:
    """The steps, each that was rebuilt with its reason.

    `former` is what they were made of when they were last built or found in the cache.
    """
    by_place = {one.place: one for one in inputs}
    rebuilt = {(step.stage, step.number) for step in steps if not step.cached}
    stages = {step.stage for step in steps if not step.cached}

    def reason(step: StepRecord) -> Reason | None:
        if step.cached:
            return None
        if no_cache:
            return Reason("no-cache", "--no-cache")
        made_of = by_place.get((step.stage, step.number))
        return None if made_of is None else _reason(made_of, former, rebuilt, stages)

    return [replace(step, reason=reason(step)) for step in steps]


def _reason(
    made_of: StepInputs,
    former: Mapping[StepKey, StepInputs],
    rebuilt: set[tuple[str, int]],
    rebuilt_stages: set[str],
) -> Reason:
    last = former.get(made_of.key)
    if last is None:
        known = any(key.stage == made_of.key.stage for key in former)
        if not known:
            return Reason("first", "built here for the first time")
        return Reason("instruction", "the instruction is a new one")
    files = changed_files(last.files or {}, made_of.files or {})
    if files and last.files is not None and made_of.files is not None:
        return Reason("files", _files_text(files, last, made_of), tuple(files[:NAMED_FILES]))
    if stage := next((stage for stage in made_of.copied if stage in rebuilt_stages), None):
        return Reason("stage", f"the stage {stage} was rebuilt")
    if made_of.before in rebuilt:
        return Reason("before", "the step before it was rebuilt")
    if last.base != made_of.base:
        return Reason("base", "the base image is another one")
    if last.setting != made_of.setting:
        return Reason("instruction", "an ENV, ARG, USER or SHELL before it is another one")
    if made_of.files is None:
        return Reason("files", "perhaps files that it copies: they could not be looked at")
    if made_of.arguments:
        return Reason("argument", f"a build argument is another one ({', '.join(made_of.arguments)}), or {_GONE}")
    return Reason("gone", _GONE)


_GONE = "its layer is no longer in the cache"


def _files_text(files: Sequence[str], last: StepInputs, now: StepInputs) -> str:
    """`a.php, b.php and 3 more changed`; where all are new or all are gone, that."""
    before, after = last.files or {}, now.files or {}
    what = "changed"
    if all(name not in before for name in files):
        what = "added"
    elif all(name not in after for name in files):
        what = "removed"
    shown = ", ".join(files[:2])
    return f"{shown}{f' and {len(files) - 2} more' if len(files) > 2 else ''} {what}"
