"""Artisan's catalogue as the tab shows it: what is kept at once, and anew where the application's files changed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from devkit.laravel.catalogue import Catalogue, fingerprint, kept, kept_file
from devkit.logs.escapes import one_line
from devkit.setup import child

_DOWN = "the app is down: a command starts it"
_BUSY = "another devkit asks artisan for its commands"
_SELF, _COMPOSE = re.compile("^devkit: "), re.compile("docker compose exec .+?(?= ended with )")
"""What says nothing here in an error: whose it is, and the command that was run."""

_UNKNOWN = "no commands are known yet: artisan is asked for them as soon as the app runs"


@dataclass(frozen=True)
class _Seen:
    """What the files looked like: the catalogue's, and those that commands come from."""

    file: tuple[int, int] | None
    source: str


class CatalogueKeeper:
    """The catalogue of the project at `root`, and `note`, one line on what is the matter with it."""

    def __init__(self, root: Path) -> None:
        self.catalogue: Catalogue | None = None
        self.note = ""
        self._root = root
        self._seen: _Seen | None = None
        self._asked_about: str | None = None
        """The look of the files about which the application was asked, until it comes up again."""

    async def look(self, *, app_runs: bool) -> bool:
        """Read what is kept if that has changed; whether the application has to be asked."""
        seen = await asyncio.to_thread(self._look)
        if self._seen is None or seen.file != self._seen.file:
            self.catalogue = await asyncio.to_thread(kept, self._root)
            self._asked_about = None
        self._seen = seen
        fresh = self.catalogue is not None and self.catalogue.source == seen.source
        if not app_runs:
            self._asked_about = None
            self.note = _UNKNOWN if self.catalogue is None else _DOWN
            return False
        if fresh:
            self.note = ""
            return False
        return self._asked_about != seen.source

    async def ask(self) -> None:
        """Ask the application for its commands; why it did not answer stands in the note."""
        asked_about = self._seen.source if self._seen is not None else None
        said: list[str] = []
        try:
            words = ("completion", "refresh")
            status = await child.run(self._root, words, lambda line: said.append(line.decode(errors="replace")))
        except OSError as error:
            status, said = 1, [f"devkit cannot be run: {error.strerror}"]
        await self.look(app_runs=True)
        self._asked_about = asked_about
        self.note = _BUSY if self.catalogue is None else ""
        if status:
            why = next((line for line in said if line.startswith("devkit: ")), "".join(said[-1:]))
            self.note = f"artisan did not list its commands: {one_line(_SELF.sub('', _COMPOSE.sub('it', why)))}"

    def _look(self) -> _Seen:
        try:
            status = kept_file(self._root).stat()
        except OSError:
            return _Seen(None, fingerprint(self._root))
        return _Seen((status.st_mtime_ns, status.st_size), fingerprint(self._root))
