"""An entry of a menu."""

from __future__ import annotations

from dataclasses import dataclass

from devkit.tui.compose_action import Action


@dataclass(frozen=True)
class Choice:
    """The key that takes it, what it is called, its plain command, and what is done: a command, or one of the keys'
    actions by name.
    """

    key: str
    title: str
    plain: str
    does: Action | str
