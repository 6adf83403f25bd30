"""Errors without secrets: what a program or a container said last may hold values of .env. So may what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths
from devkit.secrets.masking import Masker, secret_variables, secrets_in


@contextmanager
def secrets_masked(paths: ProjectPaths) -> Iterator[None]:
    """An error that leaves the block says `***NAME***` where a password or a key of .env stood in its words.

    So do the errors that it came of: --debug shows them too. It belongs around whatever runs programs for a project.
    """
    try:
        yield
    except DevkitError as error:
        masker = secrets_masker(paths)
        for one in _with_causes(error):
            if isinstance(one, DevkitError):
                one.message, one.detail = masker.text(one.message), masker.text(one.detail)
            one.args = tuple(masker.text(word) if isinstance(word, str) else word for word in one.args)
        raise


def secrets_masker(paths: ProjectPaths) -> Masker:
    """Takes the secrets of .env, as it is now, out of texts that are shown. It reads a file."""
    return Masker(secret_variables(secrets_in(paths.env)).items())


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def secret_finder(paths: ProjectPaths) -> Callable[[str, str], bool]:
    """Tells by a name and its value whether the value is to be shown or kept nowhere: by both, and by what .env has."""
    masker = Masker(secret_variables(secrets_in(paths.env)).items())

    def is_secret(name: str, value: str) -> bool:
        key = name.replace("-", "_")
        return bool(masker.value({key: value})[key] != value)

    return is_secret
