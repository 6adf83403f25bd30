"""Artisan's commands in the command palette: each opens its form. There are none before the catalogue is kept."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Protocol, cast

from rich.text import Text
from textual.command import Hit, Hits, Provider
from textual.markup import escape

from devkit.laravel.catalogue import Command, kept
from devkit.laravel.console_text import untagged
from devkit.setup.project import Project
from devkit.tui.artisan_rows import matches
from devkit.tui.pane import ARTISAN, TABS, Pane, Tab

_PREFIX = "artisan "


class _App(Protocol):
    project: Project

    @property
    def pane(self) -> Pane: ...

    async def open_pane(self, tab: Tab) -> None: ...


class ArtisanCommands(Provider):
    """Found by name as in the tab, with `artisan` before it or without."""

    async def startup(self) -> None:
        """Read the catalogue; the palette is there meanwhile."""
        catalogue = await asyncio.to_thread(kept, self._devkit.project.paths.root)
        self._commands = tuple(catalogue.shown()) if catalogue is not None else ()

    async def search(self, query: str) -> Hits:
        """The commands that match."""
        for score, command, offsets in matches(self._commands, query.removeprefix(_PREFIX)):
            shown = Text(_PREFIX + command.name)
            for offset in offsets:
                shown.stylize("bold underline", len(_PREFIX) + offset, len(_PREFIX) + offset + 1)
            about = escape(untagged(command.description)) or None
            yield Hit(score, shown, partial(self._open, command), shown.plain, about)

    async def _open(self, command: Command) -> None:
        from devkit.tui.panes.artisan import ArtisanPane

        await self._devkit.open_pane(next(tab for tab in TABS if tab.id == ARTISAN))
        pane = self._devkit.pane
        assert isinstance(pane, ArtisanPane)
        await pane.open_form(command.name)

    @property
    def _devkit(self) -> _App:
        return cast(_App, self.app)
