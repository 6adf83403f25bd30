"""A week of edits: how many of the build's seconds the cache saves, by devkit's own history.

    python benchmarks/week_of_edits.py [EDITS_A_DAY] [--extensions SECONDS]

Everything is built once without a cache, so that every step's price is known. Then come five days with edits of code,
on Wednesday also a new PHP package and on Friday a changed package-lock.json. The builds follow each other here: their
records are exported, given the days that they stand for, and imported into a history of their own, and what is printed
comes from `devkit cache --json`. Targets: 95 % on days of code only, 90 % on days with a new dependency.

Without an image registry extensions are built in and cost nothing, so less can be saved than with the official image:
the last column adds what compiling them costs (extensions_compiled.py), which every build of the week found cached.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from built_project import (
    BuiltProject,
    built_project,
    edit_composer_lock,
    edit_package_lock,
    edit_php,
    edit_view,
)
from extensions_compiled import Compiled, asked_for, extensions_of
from measure import devkit

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
WITH_DEPENDENCY = {"Wed": edit_composer_lock, "Fri": edit_package_lock}


def main(edits: int, extensions: float | None) -> None:
    with built_project(f"week-{secrets.token_hex(3)}") as project:
        project.four_stages("--no-cache")
        counts = {day: build_day(project, day, edits) for day in DAYS}
        compiled = extensions_of(project, extensions)
        spans = as_a_week(project, counts)
        print(report(spans, compiled))


def build_day(project: BuiltProject, day: str, edits: int) -> int:
    """The day's edits, each built; how many builds that were."""
    first = DAYS.index(day) * edits
    for number in range(first, first + edits):
        (edit_view if number % 2 else edit_php)(project, number)
        project.four_stages()
    if day in WITH_DEPENDENCY:
        WITH_DEPENDENCY[day](project, first + 1)
        project.four_stages()
    return edits + (day in WITH_DEPENDENCY)


def as_a_week(project: BuiltProject, counts: dict[str, int]) -> list[dict[str, Any]]:
    """What `devkit cache --json` says of each day, the records moved to last week's Monday to Friday."""
    here = project.directory.parent
    records = here / "records.jsonl"
    devkit("cache", "export", str(records), directory=project.directory)
    lines = records.read_text(encoding="utf-8").splitlines()
    bodies = [json.loads(line) for line in lines[-1 - sum(counts.values()) :]]
    today = datetime.now().astimezone()
    monday = today.date() - timedelta(days=today.weekday() + 7)
    moments = [monday - timedelta(days=1)]
    for offset, day in enumerate(DAYS):
        moments += [monday + timedelta(days=offset)] * counts[day]
    for minute, (body, moment) in enumerate(zip(bodies, moments, strict=True)):
        at = datetime.combine(moment, time(9), today.tzinfo) + timedelta(minutes=minute)
        body["time"] = at.isoformat(timespec="milliseconds")
    records.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    state = os.environ["XDG_STATE_HOME"]
    os.environ["XDG_STATE_HOME"] = str(Path(here) / "week")
    try:
        devkit("cache", "import", str(records), directory=project.directory)
        days: list[dict[str, Any]] = project.cache()["days"]
        return [{**day, "weekday": name} for day, name in zip(days[1:], DAYS, strict=True)]
    finally:
        os.environ["XDG_STATE_HOME"] = state


def report(days: list[dict[str, Any]], compiled: Compiled | None) -> str:
    head = f"{'':6}{'builds':>8}{'steps cached':>14}{'rebuilt':>10}{'saved':>10}{'share':>8}{'target':>8}"
    lines = [f"{head}  with extensions compiled"]
    for day in days:
        spent, saved = day["spent"], day["saved"]
        more = compiled.seconds * day["builds"] if compiled else 0.0
        target = 90 if day["new_dependency"] else 95
        added = f"{100 * (saved + more) / (spent + saved + more):.1f} %" if compiled else ""
        hits, share = 100 * day["hits"] / day["total"], 100 * saved / (spent + saved)
        times = f"{spent:>8.1f} s{saved:>8.1f} s{share:>6.1f} %{target:>6} %"
        lines.append(f"{day['weekday']:6}{day['builds']:>8}{hits:>12.0f} %{times}  {added}")
    if compiled:
        lines.append(str(compiled))
    return "\n".join(lines)


if __name__ == "__main__":
    main(*asked_for(sys.argv[1:], __doc__, 4))
