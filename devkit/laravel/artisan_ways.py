"""How an artisan command has to be run: beside the app, until somebody stops it, or in a terminal of its own."""

from __future__ import annotations

from typing import Literal

from devkit.laravel.artisan_words import Values

Way = Literal["output", "until stopped", "terminal"]

_TERMINAL = frozenset(("tinker", "db", "docs", "dev", "boost:install", "install:broadcasting", "solo"))
"""They talk with a person from beginning to end."""

_UNTIL_STOPPED = frozenset(
    """horizon inertia:start-ssr nightwatch:agent octane:start pail pulse:check pulse:work queue:listen queue:work
    reverb:start schedule:work serve""".split()  # noqa: SIM905
)


def way_of(name: str, values: Values) -> Way:
    """How a command is run with what was given to it: some ask only for what they were not given."""
    if name == "tinker" and isinstance(values.get("--execute"), str):
        return "output"
    if name in _TERMINAL:
        return "terminal"
    if name == "queue:work" and (values.get("--once") or values.get("--stop-when-empty")):
        return "output"
    if name in _UNTIL_STOPPED:
        return "until stopped"
    enough = _ENOUGH.get(name)
    if enough is not None and not any(values.get(key) for key in enough):
        return "terminal"
    return "output"


_ENOUGH = {
    "vendor:publish": ("--all", "--provider", "--tag"),
    "config:publish": ("name", "--all"),
    "schedule:test": ("--name",),
}
"""They let a person choose from a list where none of these is given."""
