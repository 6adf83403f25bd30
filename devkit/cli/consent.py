"""A plain yes or no at the terminal, for what destroys something or needs a consent."""

from __future__ import annotations

import sys

from devkit.cli.context import Context
from devkit.project.errors import ConsentError


def agree(context: Context, question: str, *, flag: str = "--yes") -> bool:
    """True with --yes or after a yes; ConsentError, naming the flag, where nobody can be asked."""
    if context.yes:
        return True
    if not context.may_ask():
        raise ConsentError(f"{question} Nobody is here to say yes", f"give {flag} to agree")
    return _answer(f"{question} [y/N] ") in ("y", "yes")


def accept(context: Context, question: str) -> bool:
    """True unless somebody at the terminal says no: for what nobody would miss to be asked about."""
    if context.yes or not context.may_ask():
        return True
    return _answer(f"{question} [Y/n] ") not in ("n", "no")


def _answer(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower()
