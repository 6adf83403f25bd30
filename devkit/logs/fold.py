"""A trace as a person wants it: the project's own frames, and how many of packages lie between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from devkit.logs.places import Place

_PLACE = re.compile(r"#\d+ (?P<path>/[^(]+)\((?P<line>\d+)\): (?P<call>.*)")
_SHORT_PLACE = re.compile(r"(?:at )?(?P<path>\S[^:]*):(?P<line>\d{1,7})")
_ROOT = "/app/"
_VENDOR = f"{_ROOT}vendor/"


def folded(frames: Sequence[str]) -> Iterator[str]:
    """Lines for the frames: `app/A.php:12 App\\A->run()`; neighbours of no interest become one line."""
    hidden = 0
    for frame in frames:
        place = _PLACE.match(frame)
        own = place is not None and place["path"].startswith(_ROOT) and not place["path"].startswith(_VENDOR)
        if not own:
            hidden += 1
            continue
        if hidden:
            yield _count(hidden)
            hidden = 0
        assert place is not None
        yield f"{place['path'].removeprefix(_ROOT)}:{place['line']} {place['call']}"
    if hidden:
        yield _count(hidden)


def folded_places(lines: Sequence[str]) -> Iterator[str]:
    """The same for a trace as tests tell it, a place a line: `/app/tests/A.php:12`, of Pest `at tests/A.php:12`.

    Lines that are no places ("Caused by", a message) stay as they are.
    """
    hidden = 0
    for line in lines:
        match = _SHORT_PLACE.fullmatch(line)
        place = Place(PurePosixPath(match["path"]), int(match["line"])) if match is not None else None
        if place is not None and not place.is_own:
            hidden += 1
            continue
        if hidden:
            yield _count(hidden)
            hidden = 0
        yield line if place is None else str(place)
    if hidden:
        yield _count(hidden)


def _count(frames: int) -> str:
    return f"… {frames} frame{'' if frames == 1 else 's'} of packages"
