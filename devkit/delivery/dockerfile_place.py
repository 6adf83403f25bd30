"""Where a step stands in a Dockerfile that may have been edited since it was built, and which line a failure names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devkit.engine.dockerfile import Dockerfile

_NAMED = re.compile(r"(?:\bon line |^[^\s:]*Dockerfile[^\s:]*:)(\d+)\b", re.MULTILINE)
"""`dockerfile parse error on line 3: …`, and `Dockerfile:12` above the lines that BuildKit shows."""


def line_of_step(dockerfile: Dockerfile, stage: str, number: int, name: str) -> int | None:
    """The line of a step: of the same instruction in its stage, the nearest to its number; else of its number.

    None where the file has no such stage.
    """
    found = dockerfile.stage(stage) if stage else next(iter(dockerfile.stages), None)
    if found is None:
        return None
    same = [one for one in found.steps if one.text == name]
    if same:
        return min(same, key=lambda one: abs(one.number - number)).line
    return next((one.line for one in found.steps if one.number == number), found.line)


def line_named(texts: Iterable[str]) -> int | None:
    """The line that an error of BuildKit's names; None where it names none."""
    return next((int(match[1]) for text in texts if (match := _NAMED.search(text))), None)
