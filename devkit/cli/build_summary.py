"""What a build was, in a few lines: each stage with its steps and times, and what the rebuilt ones were rebuilt for."""

from __future__ import annotations

from devkit.cli.output import numbers_right, table
from devkit.delivery.build_record import BuildRecord, StepRecord
from devkit.delivery.build_words import cause_lines

_MOST_REASONS = 8


def summary_lines(record: BuildRecord) -> list[str]:
    """A table of the stages, then the causes of what was rebuilt."""
    stages: dict[str, list[StepRecord]] = {}
    for step in record.steps:
        stages.setdefault(step.stage, []).append(step)
    rows = [("stage", "steps", "cached", "built", "saved")]
    for stage, steps in stages.items():
        built = sum(step.seconds for step in steps)
        saved = sum(step.saved or 0.0 for step in steps)
        hits = sum(step.cached for step in steps)
        rows.append((stage, str(len(steps)), str(hits), f"{built:.1f} s", f"{saved:.1f} s"))
    lines = table(numbers_right(rows)).splitlines() if stages else []
    return [*lines, *cause_lines(record, _MOST_REASONS, "devkit build --json has them all")]
