"""Every error that devkit raises on purpose.

    DevkitError
    ├── UsageError            a flag, value, name or file that a person gave is wrong
    ├── NotAProjectError      the directory holds no devkit.toml
    ├── EngineError           the container engine is missing or does not answer
    ├── ConsentError          a question or a consent is due, and nobody is there to give it
    └── FailedError           the work itself failed
        ├── CommandError      a program that devkit started ended badly
        ├── SecretsError      secrets could not be had from where they are kept, or be written there
        └── UnhealthyError    a service did not become healthy

    InterruptedError_         a signal ended the work: a KeyboardInterrupt, which nothing goes on after

Each is one line that says what and why (`message`), one that says what to do (`hint`), and where there is more to be
seen, what was seen (`detail`): a program's or a container's last lines. Doors turn the classes into exit statuses;
`code` is what `--json` prints.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class DevkitError(Exception):
    """The root of the tree: `message` says what and why, `hint` what to do next; `detail` is lines to look at."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, hint: str = "", *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(DevkitError):
    """A flag, a value, a name or a named file is wrong; nothing has been written."""

    code = "usage"


class NotAProjectError(DevkitError):
    """Neither the directory nor one above it holds a devkit.toml."""

    code = "not_a_project"


class EngineError(DevkitError):
    """The container engine is missing, too old, not started or not permitted."""

    code = "engine"


class ConsentError(DevkitError):
    """A person has to answer or to agree, and there is no terminal to ask at."""

    code = "needs_person"


class FailedError(DevkitError):
    """What was asked for was attempted, and failed."""


class CommandError(FailedError):
    """A program that devkit started ended with another status than 0; `detail` holds its last lines."""

    code = "command"

    def __init__(self, message: str, hint: str = "", *, returncode: int = 1, detail: str = "") -> None:
        super().__init__(message, hint, detail=detail)
        self.returncode = returncode


class SecretsError(FailedError):
    """Secrets could not be had from Doppler, or be written there: no network, a refusal, an answer that is none."""

    code = "secrets"


class UnhealthyError(FailedError):
    """A service exited or did not become healthy in time."""

    code = "unhealthy"


class InterruptedError_(KeyboardInterrupt):  # noqa: N801 - the plain name is a builtin
    """A signal ended the work; `signal_number` says which.

    It comes anywhere, as Ctrl-C does: whoever goes on after a DevkitError must not go on after this, and an event
    loop hands on only what is a KeyboardInterrupt.
    """

    code: ClassVar[str] = "interrupted"
    message = "interrupted"
    hint = "run the same command again to go on"
    detail = ""

    def __init__(self, signal_number: int) -> None:
        super().__init__(self.message)
        self.signal_number = signal_number
