"""A trace as a person wants it: the project's own frames, and how many of packages lie between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PLACE = re.compile(r"#\d+ (?P<path>/[^(]+)\((?P<line>\d+)\): (?P<call>.*)")
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


def _count(frames: int) -> str:
    return f"… {frames} frame{'' if frames == 1 else 's'} of packages"
