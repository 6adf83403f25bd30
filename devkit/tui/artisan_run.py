"""One artisan command that was started beside the app: what it wrote, how long it took, how it ended."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from devkit.laravel.artisan_words import Values, plain, with_colours
from devkit.laravel.catalogue import Command
from devkit.project.services import APP
from devkit.setup import child
from devkit.tui.kept_lines import KeptLines

_NARROWEST = 40
_STOPPED = 143
"""128 and SIGTERM: what a command ends with that was asked to."""


@dataclass(frozen=True)
class Step:
    """A devkit command, how it is shown to a person, and what is said once it is done."""

    words: tuple[str, ...]
    shown: str
    done: str = ""


SNAPSHOT = Step(("db", "snapshot"), "devkit db snapshot", "devkit db restore brings it back")


@dataclass(frozen=True)
class Call:
    """An artisan command as it is called: its words, and `shown`, the same without what looks like a secret."""

    command: Command
    values: Values
    words: tuple[str, ...]
    shown: tuple[str, ...]

    def step(self, width: int) -> Step:
        """What runs it beside the app, where there is room for lines so wide: artisan sees no terminal to ask."""
        artisan = ("php", "artisan", *with_colours(self.words))
        said = f"php artisan {shlex.join(self.shown)}"
        return Step(("exec", APP, "env", f"COLUMNS={max(_NARROWEST, width)}", *artisan), said)

    @property
    def plain(self) -> str:
        """The docker command that does the same."""
        return plain(self.shown)


class Run:
    """Steps of a call under way, or ended: where one fails, those behind it are not taken."""

    def __init__(self, call: Call, steps: tuple[Step, ...], on_change: Callable[[Run], None]) -> None:
        self.call = call
        self.lines = KeptLines()
        self.status: int | None = None
        """None while it runs."""
        self.problem = ""
        """Why the command itself was not run."""
        self._steps = steps
        self._on_change = on_change
        self._stop = child.Stop()
        self.asked = False
        """Whether it was asked to end."""
        self._began = monotonic()
        self._ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (self._ended or monotonic()) - self._began

    def stop(self) -> None:
        """Ask it to end; the second time it is killed inside the container."""
        self.asked = True
        self._stop.ask()

    async def run(self, root: Path) -> None:
        """Run it to its end. Cancelled, it ends with its process inside the container."""
        status = _STOPPED
        try:
            for number, step in enumerate(self._steps, start=1):
                self._line(f"\x1b[1m$ {step.shown}\x1b[0m".encode(errors="replace"))
                self._stop = child.Stop()
                status = _STOPPED if self.asked else await child.run(root, step.words, self._line, stop=self._stop)
                if status:
                    self.problem = f"{step.shown} failed: the command was not run" if number < len(self._steps) else ""
                    break
                if step.done:
                    self._line(f"\x1b[2m{step.done}\x1b[0m".encode())
        except OSError as error:
            status, self.problem = 1, f"devkit cannot be run: {error.strerror}"
        finally:
            self._ended = monotonic()
            self.status = status
            self._on_change(self)

    def _line(self, line: bytes) -> None:
        self.lines.append(line)
        self._on_change(self)
