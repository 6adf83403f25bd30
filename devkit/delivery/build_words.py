"""A build and its steps in a few words, for whoever shows them: harmless to a terminal, whatever a Dockerfile holds."""

from __future__ import annotations

from devkit.delivery.build_record import BuildRecord, StepRecord
from devkit.engine.step_name import shorten
from devkit.logs.escapes import one_line


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


def cause_lines(record: BuildRecord, most: int, more: str) -> list[str]:
    """What steps were rebuilt for, a line for each cause that lies in themselves; `more` says where the others are."""
    causes: dict[str, list[StepRecord]] = {}
    for step in record.roots:
        if step.reason is not None:
            causes.setdefault(step.reason.text, []).append(step)
    lines = []
    for text, steps in list(causes.items())[:most]:
        others = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
        lines.append(one_line(f"rebuilt {step_title(steps[0])}{others}: {text}"))
    return [*lines, f"and {len(causes) - most} more causes; {more}"] if len(causes) > most else lines
