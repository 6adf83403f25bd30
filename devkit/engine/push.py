"""An image's way to a registry: its name there, and the digest that the registry has of it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from pathlib import Path

from devkit.engine.docker import Docker, last_line
from devkit.project.errors import CommandError, UsageError

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:localhost|\[[0-9a-fA-F:]+\]|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:))(?::\d+)?"
_REFERENCE = re.compile(
    rf"(?:(?P<host>{_HOST})/)?(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
)
"""As github.com/distribution/reference has it, without a digest."""

_DIGEST = re.compile(r"digest: (sha256:[0-9a-f]{64})")
_KEPT_LINES = 10


def check_tag(reference: str) -> None:
    """UsageError for what is no name of an image."""
    if not _REFERENCE.fullmatch(reference):
        raise UsageError(f"{reference!r} is no name of an image", "such as registry.example/shop:1.2")


def check_pushable(reference: str) -> None:
    """UsageError for a name that says neither a registry nor an account of Docker Hub."""
    check_tag(reference)
    match = _REFERENCE.fullmatch(reference)
    if match is not None and match["host"] is None and "/" not in match["path"]:
        raise UsageError(f"{reference} names no registry to push to", f"such as registry.example/{reference}")


def registry_of(reference: str) -> str:
    """The registry's host; Docker Hub's where none is named."""
    match = _REFERENCE.fullmatch(reference)
    return (match["host"] if match else None) or "docker.io"


def pushed_reference(reference: str, digest: str) -> str:
    """The name with the digest in place of the tag: exactly this image, wherever it is pulled."""
    match = _REFERENCE.fullmatch(reference)
    name = reference if match is None or match["tag"] is None else reference.removesuffix(f":{match['tag']}")
    return f"{name}@{digest}"


def push(docker: Docker, reference: str, cwd: Path, on_line: Callable[[str], None]) -> str:
    """Push an image that the engine has; the digest. CommandError with the registry's own words."""
    kept: deque[str] = deque(maxlen=_KEPT_LINES)

    def heard(line: str) -> None:
        if line.strip():
            kept.append(line.strip())
            on_line(line.strip())

    status = docker.stream("push", reference, on_line=heard, cwd=cwd)
    said = "\n".join(kept)
    if status != 0:
        raise push_error(reference, said, status)
    found = _DIGEST.search(said)
    if found is None:
        raise CommandError(f"{reference} was pushed, and the registry named no digest", "look in the registry")
    return found[1]


def push_error(reference: str, said: str, status: int) -> CommandError:
    """The error of a push that failed, by what was said last."""
    host = registry_of(reference)
    denied = re.search(r"denied|unauthorized|authentication required|no basic auth", said, re.IGNORECASE)
    hint = f"docker login {host}" if denied else f"check that {host} is up, and the name"
    return CommandError(
        f"{reference} could not be pushed: {last_line(said) or f'status {status}'}",
        hint,
        returncode=status,
        detail=said,
    )
