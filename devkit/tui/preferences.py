"""What the person likes, put into effect: theme and keys, from config.toml at the start, from the settings later."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.theme import BUILTIN_THEMES

from devkit.project.errors import UsageError
from devkit.project.person import PersonSettings, read_person, with_keys, write_person
from devkit.tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from textual.app import App

    from devkit.tui.bindings import Key
    from devkit.tui.keymap import Keymap


class Preferences:
    """Those of one person; without a file they are devkit's own, and what is chosen lasts as long as the app.

    Made before the app knows itself: with the theme that it begins with it has to lay out its styles but once.
    """

    def __init__(self, app: App[Any], file: Path | None = None) -> None:
        self._app = app
        self.file = file
        self.settings, problems = read_person(file) if file is not None else (PersonSettings(), ())
        self._problems = list(problems)
        self.changed: Mapping[str, str] = {}
        """The keys that are not devkit's own, by binding id."""
        self._told: set[str] = set()
        if self.settings.theme and self.settings.theme not in (known := {*BUILTIN_THEMES, *THEMES}):
            chosen = f'there is no theme "{self.settings.theme}"'
            self._problem(f"ui.theme: {chosen}; there are {', '.join(sorted(known))}")
            self.settings = replace(self.settings, theme="")

    @property
    def theme(self) -> str:
        """The theme that was chosen, or devkit's."""
        return self.settings.theme or DARK

    async def start(self) -> None:
        """Put the chosen keys into effect, and say what cannot be used. The first frame does not wait for this."""
        if self._app.no_color:  # Textual takes it out of the environment; what the app starts is to know of it, too
            os.environ["NO_COLOR"] = "1"
        if self.settings.preset or self.settings.keys:
            self._apply(await asyncio.to_thread(known_keys))
        self._tell()

    async def choose_theme(self, name: str) -> None:
        """This theme from now on."""
        self._app.theme = name
        await self._keep(replace(self.settings, theme="" if name == DARK else name))

    async def choose_preset(self, name: str) -> None:
        """The keys of another program; empty for devkit's own."""
        await self._keep(replace(self.settings, preset=name), keys=True)

    async def choose_keys(self, id: str, keys: str | None) -> None:
        """Other keys for one binding; None for those that it has by itself."""
        await self._keep(with_keys(self.settings, id, keys), keys=True)

    async def choose_editor(self, command: str) -> None:
        """The command that opens a file; empty for $VISUAL and $EDITOR."""
        await self._keep(replace(self.settings, editor=command.strip()))

    def keys_with(self, known: tuple[Key, ...], id: str = "", keys: str = "") -> Keymap:
        """The keys as they are, or as they would be with others for one binding."""
        from devkit.tui.keymap import keymap

        settings = with_keys(self.settings, id, keys) if id else self.settings
        return keymap(known, settings.preset, settings.keys)

    async def _keep(self, settings: PersonSettings, *, keys: bool = False) -> None:
        """In effect at once, and in the file."""
        self.settings = settings
        if keys:
            self._apply(await asyncio.to_thread(known_keys))
        if self.file is not None:
            try:
                await asyncio.to_thread(write_person, self.file, settings)
            except UsageError as error:
                self._problems.append(f"not written: {error}")
            except OSError as error:
                self._problems.append(f"{error.filename or self.file} was not written: {error.strerror}")
        self._tell()

    def _apply(self, known: tuple[Key, ...]) -> None:
        found = self.keys_with(known)
        for refusal in found.refused:
            self._problem(str(refusal))
        self.changed = found.changed
        self._app.set_keymap(dict(found.changed))

    def _problem(self, text: str) -> None:
        self._problems.append(f"{self.file}: {text}" if self.file is not None else text)

    def _tell(self) -> None:
        """Say each problem once."""
        new = [problem for problem in dict.fromkeys(self._problems) if problem not in self._told]
        self._problems.clear()
        self._told.update(new)
        for problem in new:
            self._app.notify(problem, severity="warning", timeout=15, markup=False)


def known_keys() -> tuple[Key, ...]:
    """Every key of the app. All tabs are imported for that: it takes a moment at the first call."""
    from devkit.tui.bindings import all_keys

    return all_keys()
