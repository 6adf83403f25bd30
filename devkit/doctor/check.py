"""What a check is: a question about machine or project, and its verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from devkit.engine.compose import Compose
from devkit.engine.docker import Docker
from devkit.laravel.mounts import Mount, project_mount
from devkit.project.errors import DevkitError, FailedError, UsageError
from devkit.project.settings import Settings

CheckStatus = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report. `apply` puts it right where that is safe without asking more."""

    id: str
    title: str
    status: CheckStatus
    why: str = ""
    fix: str = ""
    apply: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    @property
    def fixable(self) -> bool:
        """Whether `apply_fix` can put it right."""
        return self.apply is not None

    def to_json(self) -> dict[str, object]:
        """The object that `devkit doctor --json` prints for it."""
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "why": self.why,
            "fix": self.fix,
            "fixable": self.fixable,
        }


@dataclass(frozen=True)
class Verdict:
    """What a question found: `why` in one line, `fix` what to do."""

    status: CheckStatus
    why: str = ""
    fix: str = ""
    apply: Callable[[], None] | None = None


@dataclass(frozen=True)
class Examined:
    """What the questions are asked about; None for what is not there, `docker` only where it answers.

    `directory` is the project's root where there is a project. `app` says whether its container runs.
    """

    directory: Path
    docker: Docker | None = None
    settings: Settings | None = None
    compose: Compose | None = None
    app: bool = False

    @cached_property
    def mount(self) -> Mount | None:
        """What the running app has the project mounted by, looked up once; CommandError where that fails."""
        return None if self.compose is None else project_mount(self.compose)


@dataclass(frozen=True)
class Question:
    """One check before it is made."""

    id: str
    title: str
    ask: Callable[[Examined], Verdict]

    def check(self, examined: Examined) -> Check:
        """Make it; one that cannot be made is a warning with the reason, and never an error."""
        try:
            verdict = self.ask(examined)
        except (DevkitError, OSError, ValueError, LookupError) as error:  # or a program says what nobody expected
            reason = error.message if isinstance(error, DevkitError) else str(error)
            verdict = Verdict("warning", f"could not be checked: {reason}", getattr(error, "hint", ""))
        return Check(self.id, self.title, verdict.status, verdict.why, verdict.fix, verdict.apply)


OK = Verdict("ok")
NO_ENGINE = Verdict("skipped", "the engine does not answer")
NOT_RUNNING = Verdict("skipped", "the app is not running")


def apply_fix(check: Check) -> None:
    """Put it right; UsageError for a check without a safe fix, FailedError if the system refuses."""
    if check.apply is None:
        raise UsageError(f"{check.id} has no fix that is safe to make", check.fix)
    try:
        check.apply()
    except OSError as error:
        raise FailedError(f"{check.title} was not put right: {error}", check.fix) from error
