"""What a build was, in a few lines: each stage with its steps and times, and what the rebuilt ones were rebuilt for."""

from __future__ import annotations

from devkit.cli.errors_shown import one_line
from devkit.cli.output import numbers_right, table
from devkit.delivery.build_record import BuildRecord, StepRecord
from devkit.engine.step_name import shorten

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
    causes: dict[str, list[StepRecord]] = {}
    for step in record.roots:
        if step.reason is not None:
            causes.setdefault(step.reason.text, []).append(step)
    for text, steps in list(causes.items())[:_MOST_REASONS]:
        more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
        lines.append(one_line(f"rebuilt {step_title(steps[0])}{more}: {text}"))
    if len(causes) > _MOST_REASONS:
        lines.append(f"and {len(causes) - _MOST_REASONS} more causes; devkit build --json has them all")
    return lines


def result_line(record: BuildRecord) -> str:
    """`22 of 24 steps cached, 3.1 s; 95 % of 240.0 s saved`."""
    line = f"{record.hits} of {record.total} steps cached, {record.seconds:.1f} s"
    whole = record.saved + record.spent
    if record.saved and whole:
        line += f"; {100 * record.saved / whole:.0f} % of {whole:.1f} s saved"
    return line


def step_title(step: StepRecord, limit: int = 60) -> str:
    """A step in one line: `[app 2] RUN make`."""
    place = " ".join(part for part in (step.stage, str(step.number) if step.number else "") if part)
    return one_line(shorten(f"[{place}] {step.name}", limit))
