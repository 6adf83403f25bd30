"""The terminal that the wizard asks at: prompts and lines go to stderr, for stdout is for results."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.output import Output

_MANY = 12
"""From so many on a list is searched by typing."""


def output() -> Output:
    """Where prompts are drawn."""
    from prompt_toolkit.output import create_output

    return create_output(stdout=sys.stderr)


def say(text: str) -> None:
    """A line of devkit's own."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A line that stands while something is waited for, and no longer."""
    print(f"  {text}", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def select(text: str, options: Sequence[tuple[str, str]], default: str) -> str:
    """Have one of the options chosen, each a title and a value; `default` is the value to begin with."""
    import questionary

    searched: dict[str, Any] = {"use_search_filter": True, "use_jk_keys": False} if len(options) >= _MANY else {}
    choices = [questionary.Choice(title, value) for title, value in options]
    return str(questionary.select(text, choices=choices, default=default, output=output(), **searched).unsafe_ask())
