"""What the palette offers, imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable

from textual.command import Provider


def _commands() -> type[Provider]:
    from devkit.tui.palette import Commands

    return Commands


def _artisan_commands() -> type[Provider]:
    from devkit.tui.artisan_palette import ArtisanCommands

    return ArtisanCommands


PROVIDERS: tuple[Callable[[], type[Provider]], ...] = (_commands, _artisan_commands)
"""devkit's own commands, and those of artisan."""
