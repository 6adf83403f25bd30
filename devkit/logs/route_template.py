"""A path without what differs from one request to the next: `/orders/17` is `/orders/{id}`."""

from __future__ import annotations

import re
from functools import lru_cache

_ID = re.compile(
    r"""
      \d+(?:-\d+)*                                                  # a number, a date
    | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}   # UUID
    | [0-7][0-9a-hjkmnp-tv-z]{25}                                    # ULID
    | (?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}                           # hexadecimal, as hashes and MongoDB's ids are
    | (?=.*\d)(?=.*[a-z])[\w-]{32,}                                  # a token
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HASHED_FILE = re.compile(r"(?P<name>.+)[.-][\w-]{8}(?P<end>(?:\.\w+)+)")
"""What Vite builds: `app-BvX1Zk3q.js` (https://vite.dev/guide/build)."""


@lru_cache(maxsize=4096)
def template(path: str) -> str:
    """The path that many requests have in common; its query is left out."""
    bare = path.partition("?")[0]
    first, *segments = bare.split("/")
    shown = [first, *("{id}" if _ID.fullmatch(segment) else segment for segment in segments)]
    if bare.startswith("/build/") and (hashed := _HASHED_FILE.fullmatch(shown[-1])):
        shown[-1] = f"{hashed['name']}-{{hash}}{hashed['end']}"
    return "/".join(shown)
