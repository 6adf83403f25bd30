"""A project's former .dockerignore, carried over: what a person kept out of images stays out."""

from __future__ import annotations

from pathlib import Path

DOCKERIGNORE = ".dockerignore"
DOCKERFILE_IGNORE = "Dockerfile.dockerignore"
"""BuildKit reads it in place of .dockerignore (https://docs.docker.com/build/concepts/context/#filename-and-location)."""

_THEIRS = "# What this project kept out before devkit."
_OURS = "# What devkit keeps out, and what its Dockerfile copies; the last line that fits counts."
_NEEDED = ("!docker", "!public/frankenphp-worker.php", "!composer.json", "!composer.lock")


def former_dockerignore(root: Path) -> str | None:
    """The patterns that hold for builds of this project's Dockerfile now, or None where there are none."""
    found = (root / name for name in (DOCKERFILE_IGNORE, DOCKERIGNORE))
    path = next((path for path in found if path.is_file()), None)
    return None if path is None else path.read_bytes().decode("utf-8", "surrogateescape")


def with_former(text: str, former: str) -> str:
    """devkit's text with the lines of a former file before its own: theirs cannot let .env or auth.json in.

    Given its own result as `former`, it gives that back: an adoption that was interrupted goes on.
    """
    head, _, ours = text.partition("\n")
    known = {*text.splitlines(), _THEIRS, _OURS, *_NEEDED}
    theirs = [line.rstrip() for line in former.splitlines() if line.strip() and line.rstrip() not in known]
    if not theirs:
        return text
    return "\n".join([head, _THEIRS, *theirs, _OURS, *_NEEDED, ours])
