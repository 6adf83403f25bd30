"""devkit's own place for a Doppler token: the keyring of the operating system, never a file that holds it in clear.

The package `keyring` finds the keyring (Secret Service, KWallet, macOS' Keychain). Where a machine has none, a token is
not kept at all: DOPPLER_TOKEN is how it is given there. One entry for each API address, under the service's name below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.deadline import Deadline, LateError, within

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "devkit-doppler"
SECONDS = 5.0
"""For a keyring to answer: a D-Bus that nobody serves says nothing at all. One that asks to be unlocked is told of."""

_NO_KEYRINGS = ("keyring.backends.fail.", "keyring.backends.null.", "keyrings.alt.")
"""Backends that keep nothing, or keep it in files: in clear, or behind a password that they ask for on the terminal."""

_INSTEAD = "set DOPPLER_TOKEN instead (in the shell, or in what starts it)"


def has_keyring(*, seconds: float = SECONDS) -> bool:
    """Whether this machine has a keyring to keep a token in. SecretsError for one that does not answer."""
    return _ask(lambda: _backend() is not None, seconds)


def keep_token(host: str, token: str, *, seconds: float = SECONDS) -> None:
    """Keep the token for this API address. SecretsError where there is no keyring to keep it in."""

    def keep() -> None:
        backend = _backend()
        if backend is None:
            raise _NoKeyringError
        backend.set_password(SERVICE, host, token)

    try:
        _ask(keep, seconds)
    except _NoKeyringError:
        raise SecretsError("this machine has no keyring to keep the token in: it is not kept", _INSTEAD) from None


def kept_token(host: str, *, seconds: float = SECONDS) -> str | None:
    """The token that is kept for this API address, None without one. SecretsError for a keyring that stays shut."""

    def look() -> str | None:
        backend = _backend()
        return None if backend is None else backend.get_password(SERVICE, host)

    return _ask(look, seconds)


def forget_token(host: str, *, seconds: float = SECONDS) -> None:
    """Remove what is kept for this API address, if anything is. SecretsError for a keyring that stays shut."""

    def forget() -> None:
        from keyring.errors import PasswordDeleteError

        backend = _backend()
        if backend is not None and backend.get_password(SERVICE, host) is not None:
            try:
                backend.delete_password(SERVICE, host)
            except PasswordDeleteError:
                if backend.get_password(SERVICE, host) is not None:
                    raise

    _ask(forget, seconds)


class _NoKeyringError(Exception):
    pass


def _backend() -> KeyringBackend | None:
    """The keyring that may hold a token; None where there is none.

    Several of them in one (keyring's chainer) may hold a file among them: the first one that is none is taken.
    """
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((one for one in candidates if not _class_name(one).startswith(_NO_KEYRINGS)), None)


def _class_name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _ask(work: Callable[[], T], seconds: float) -> T:
    """Ask a keyring, in a thread that is left alone where it hangs: what it does then ends with the program."""
    try:
        return within(Deadline(seconds), work, name="devkit-keyring")
    except LateError:
        raise SecretsError(
            f"this machine's keyring did not answer within {seconds:g} s: it may be locked, or nobody runs it",
            f"unlock it, or {_INSTEAD}",
        ) from None
    except _NoKeyringError:
        raise
    except Exception as error:  # noqa: BLE001 - a backend raises what it likes: D-Bus' errors, the system's, its own
        raise _shut(error) from None


def _shut(error: Exception) -> SecretsError:
    from keyring.errors import KeyringLocked

    why = "it is locked" if isinstance(error, KeyringLocked) else type(error).__name__
    return SecretsError(f"this machine's keyring cannot be used: {why}", f"unlock or start it, or {_INSTEAD}")
