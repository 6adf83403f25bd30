"""A trace as a person wants it: the project's own frames, and how many of packages lie between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PLACE = re.compile(r"#\d+ (?P<path>/[^(]+)\((?P<line>\d+)\): (?P<call>.*)")
_SHORT_PLACE = re.compile(r"(?:at )?(?P<path>\S[^:]*):(?P<line>\d+)")
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
        place = _SHORT_PLACE.fullmatch(line)
        if place is not None and own_path(place["path"]) is None:
            hidden += 1
            continue
        if hidden:
            yield _count(hidden)
            hidden = 0
        yield line if place is None else f"{own_path(place['path'])}:{place['line']}"
    if hidden:
        yield _count(hidden)


def first_own_place(lines: Sequence[str]) -> tuple[str, int] | None:
    """The innermost place of such a trace that is the project's own: its path in the project, and the line."""
    for line in lines:
        place = _SHORT_PLACE.fullmatch(line)
        if place is not None and (path := own_path(place["path"])) is not None and len(place["line"]) < 10:
            return path, int(place["line"])
    return None


def own_path(path: str) -> str | None:
    """A file of a trace by its path in the project; None for files of packages and of PHP."""
    inside = path.removeprefix(_ROOT)
    return None if inside.startswith(("/", "vendor/")) else inside


def _count(frames: int) -> str:
    return f"… {frames} frame{'' if frames == 1 else 's'} of packages"
