"""A token is kept in a keyring or not at all, and a keyring that does not answer holds nobody up."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import ModuleType

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringError, KeyringLocked, PasswordSetError
from memory_keyring import MemoryKeyring

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.keyring_store import SERVICE, forget_token, has_keyring, keep_token, kept_token

pytestmark = pytest.mark.unit

HOST = "https://api.doppler.com"
TOKEN = "dp.pt.rosebud"


class Broken(MemoryKeyring):
    """Does nothing but raise."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class Silent(MemoryKeyring):
    """A keyring behind a D-Bus that does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.over.wait()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.over.wait()


@pytest.fixture(autouse=True)
def found_before() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def plaintext() -> KeyringBackend:
    """What keyrings.alt calls PlaintextKeyring: the package is not installed, its name is what counts."""
    module = ModuleType("keyrings.alt.file")
    return type("PlaintextKeyring", (MemoryKeyring,), {"__module__": module.__name__})()


def test_whether_there_is_a_keyring_is_known_before_a_token_is_given() -> None:
    for backend, there in ((MemoryKeyring(), True), (fail.Keyring(), False), (plaintext(), False)):
        keyring.set_keyring(backend)
        assert has_keyring() is there


def test_a_token_is_kept_by_the_address_of_the_api_and_forgotten() -> None:
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    keep_token(HOST, TOKEN)
    keep_token("http://127.0.0.1:4430", "another")
    assert memory.entries == {(SERVICE, HOST): TOKEN, (SERVICE, "http://127.0.0.1:4430"): "another"}
    assert kept_token(HOST) == TOKEN
    forget_token(HOST)
    assert kept_token(HOST) is None
    forget_token(HOST)
    assert kept_token("http://127.0.0.1:4430") == "another"


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, plaintext])
def test_without_a_keyring_a_token_is_kept_nowhere_and_there_is_none(backend: type[KeyringBackend]) -> None:
    chosen = backend()
    keyring.set_keyring(chosen)
    with pytest.raises(SecretsError, match="has no keyring") as raised:
        keep_token(HOST, TOKEN)
    assert "DOPPLER_TOKEN" in raised.value.hint
    assert TOKEN not in str(raised.value)
    assert kept_token(HOST) is None
    forget_token(HOST)
    assert not getattr(chosen, "entries", {})


def test_of_several_keyrings_the_first_that_is_no_file_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    file, memory = plaintext(), MemoryKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [file, memory])
    keyring.set_keyring(chainer.ChainerBackend())
    keep_token(HOST, TOKEN)
    assert memory.entries
    assert not file.entries  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "it is locked"),
        (KeyringError("rosebud"), "KeyringError"),
        (PasswordSetError("rosebud"), "PasswordSetError"),
        (ConnectionRefusedError("rosebud"), "ConnectionRefusedError"),
        (RuntimeError("rosebud"), "RuntimeError"),
    ],
)
def test_a_keyring_that_does_not_open_is_told_of_and_so_is_what_to_do_instead(error: Exception, why: str) -> None:
    keyring.set_keyring(Broken(error))
    for act in (lambda: keep_token(HOST, TOKEN), lambda: kept_token(HOST), lambda: forget_token(HOST)):
        with pytest.raises(SecretsError) as raised:
            act()
        assert raised.value.message == f"this machine's keyring cannot be used: {why}"
        assert "set DOPPLER_TOKEN instead" in raised.value.hint
        assert "rosebud" not in str(raised.value)


def test_a_keyring_that_is_silent_is_left_after_a_while() -> None:
    silent = Silent()
    keyring.set_keyring(silent)
    try:
        for act in (lambda: keep_token(HOST, TOKEN, seconds=0.05), lambda: kept_token(HOST, seconds=0.05)):
            with pytest.raises(SecretsError, match=r"did not answer within 0\.05 s") as raised:
                act()
            assert "DOPPLER_TOKEN" in raised.value.hint
    finally:
        silent.over.set()


def test_a_named_backend_that_is_not_there_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.nowhere.Keyring")
    with pytest.raises(SecretsError, match="cannot be used: ModuleNotFoundError"):
        kept_token(HOST)
    assert "keyrings.nowhere" not in sys.modules
