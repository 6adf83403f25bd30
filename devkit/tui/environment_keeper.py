"""What the Environment tab knows: .env as it is, how it differs from Doppler, and what of both is under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from devkit.logs.escapes import one_line
from devkit.project.errors import DevkitError, FailedError
from devkit.secrets.comparison import Comparison, Missing, comparison_in, missing_in
from devkit.secrets.variables import Variable, edited_since, variables
from devkit.setup import child
from devkit.setup.local_environment import LocalEnvironment, local_environment
from devkit.setup.project import Project
from devkit.tui.directory_watch import stamp


class EnvironmentKeeper:
    """One project's. Commands run beside the app, and end with whoever awaits them."""

    def __init__(self, project: Project) -> None:
        self.local = LocalEnvironment()
        self.comparison: Comparison | None = None
        """The last one that could be made."""
        self.compared = False
        """Whether one was made, or failed, since .env changed last."""
        self._project = project
        self._root = project.paths.root
        self._missing: tuple[Missing, ...] = ()
        self._compared_with: Mapping[str, str] = {}
        self._unreadable = ""
        self._failure = ""
        self._masking: tuple[object, LocalEnvironment] = (None, LocalEnvironment())

    @property
    def problem(self) -> str:
        """Why .env cannot be read, or was not compared; empty where all is well."""
        return self._unreadable or self._failure

    @property
    def variables(self) -> list[Variable]:
        """Every name, as far as it is known by now."""
        edited = edited_since(self.local.values, self._compared_with)
        return variables(self.local.values, self.local.stack, self.comparison, self._missing, edited)

    async def read(self) -> bool:
        """Read .env; whether it has become another. One that cannot be read leaves what was known."""
        former, was_unreadable = self.local, self._unreadable
        try:
            self.local = await asyncio.to_thread(local_environment, self._project)
            self._unreadable = ""
        except DevkitError as error:
            self._unreadable = str(error)
        except OSError as error:
            self._unreadable = f".env cannot be read: {error.strerror}"
        changed = self.local != former or self._unreadable != was_unreadable
        self.compared = self.compared and not changed
        return changed

    async def compare(self) -> Comparison | None:
        """Ask for the difference, and for names that are missing; None where the difference cannot be had.

        A failure is a problem, and leaves what was known.
        """
        local = self.local
        difference, missing = await asyncio.gather(self._answer("diff"), self._answer("check"))
        problems = [one for one in (difference, missing) if isinstance(one, str)]
        self._failure = problems[0] if problems else ""
        if not isinstance(difference, str):
            self.comparison, self._compared_with = comparison_in(difference, time.time()), local.values
        if not isinstance(missing, str):
            self._missing = missing_in(missing)
        self.compared = True
        return None if isinstance(difference, str) else self.comparison

    async def do(self, words: Sequence[str], on_line: Callable[[str], None]) -> None:
        """Run `devkit --yes env WORDS`, its lines told without values of .env; FailedError with its own reason.

        What it has changed has to be looked at again.
        """
        self.compared = False
        try:
            await child.done(self._root, ["--yes", "env", *words], lambda line: on_line(self.masked(line)))
        except FailedError as error:
            raise FailedError(self.masked(error.message), error.hint) from None
        except OSError as error:
            raise FailedError(f"devkit cannot be run: {error.strerror}") from error

    def masked(self, text: str) -> str:
        """The text in one line, without any value that .env has by now: a team's hook may say one."""
        if (now := stamp(self._project.paths.env)) != self._masking[0]:
            try:
                self._masking = now, local_environment(self._project)
            except (DevkitError, OSError):
                self._masking = now, self.local
        return one_line(self._masking[1].masker.text(text))

    async def _answer(self, what: str) -> Mapping[str, object] | str:
        """What `devkit env WHAT` says, or why it does not."""
        try:
            return await child.answer(self._root, ["env", what])
        except DevkitError as error:
            return str(error)
