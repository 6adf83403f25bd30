"""Builds as JSON lines, as `devkit build --json` prints them: for CI's records, and for another machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from devkit.delivery.build_record import BuildRecord, build_from_json
from devkit.project.errors import UsageError


@dataclass(frozen=True)
class Imported:
    """What a file holds: builds of this project, and how many are another's."""

    builds: tuple[BuildRecord, ...]
    others: int


def export_lines(builds: Iterable[BuildRecord]) -> Iterator[str]:
    """A line for each build."""
    for build in builds:
        yield json.dumps(build.to_json())


def read_lines(text: str, *, project: str, source: str) -> Imported:
    """The builds of a file's text; UsageError names the line that is none. `source` is the file's name."""
    builds, others = [], 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
            if not isinstance(body, dict):
                raise ValueError("it is no object")
            build = build_from_json(body, project=project, id=hashlib.sha256(line.strip().encode()).hexdigest()[:32])
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{source}, line {number}: {error or 'it is no build'}",
                "each line has to be what devkit build --json or devkit cache export prints",
            ) from error
        if build.project == project:
            builds.append(build)
        else:
            others += 1
    return Imported(tuple(builds), others)
