"""Errors without secrets: what a program or a container said last may hold values of .env."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths
from devkit.secrets.masking import Masker, secret_variables, secrets_of


@contextmanager
def secrets_masked(paths: ProjectPaths) -> Iterator[None]:
    """An error that leaves the block says `***NAME***` where a password or a key of .env stood in its words."""
    try:
        yield
    except DevkitError as error:
        masker = Masker(secret_variables(secrets_of(_text(paths.env))).items())
        error.message, error.detail = masker.text(error.message), masker.text(error.detail)
        error.args = (error.message,)
        raise


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
