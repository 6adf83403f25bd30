"""Where an application says that it is well: Laravel 11's own health route, or one that its routes name."""

from __future__ import annotations

import re
from pathlib import Path

DEFAULT_HEALTH = "/up"
"""What Laravel's skeleton has since version 11 (https://laravel.com/docs/deployment#the-health-route)."""

SERVER_HEALTH = "/healthz"
"""The Caddyfile's own answer: the server lives, whatever Laravel does."""

_HEALTH = re.compile(r"""\bhealth:\s*(['"])(?P<path>/?[\w/.-]+)\1""")
_ROUTE = re.compile(r"""\bRoute::(?:get|any|view)\(\s*(['"])/?up\1""")
_COMMENTS = re.compile(r"/\*.*?\*/|^\s*(?://|\#).*?$", re.DOTALL | re.MULTILINE)


def health_path(root: Path) -> str:
    """The path of the application's health check, or the server's where none is found."""
    match = _HEALTH.search(_code(root / "bootstrap" / "app.php"))
    if match:
        return "/" + match["path"].lstrip("/")
    routes = root / "routes"
    files = sorted(routes.glob("*.php")) if routes.is_dir() else []
    return DEFAULT_HEALTH if any(_ROUTE.search(_code(path)) for path in files) else SERVER_HEALTH


def _code(path: Path) -> str:
    """PHP without its comments; "" where the file is missing or cannot be read."""
    try:
        return _COMMENTS.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
