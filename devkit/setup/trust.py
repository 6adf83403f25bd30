"""Trust for HTTPS: takes the root certificate of Caddy's local CA out of the app's container and hands it to
the machine's stores. Only this certificate; its key never leaves the container's volume.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from devkit.project.errors import CommandError, FailedError, UsageError
from devkit.project.services import APP
from devkit.project.state import remember
from devkit.setup.project import Project

Status = Literal["trusted", "already trusted", "by hand"]

_READ_ROOT = 'cat "${XDG_DATA_HOME:-/data}/caddy/pki/authorities/local/root.crt"'
"""Where Caddy keeps it: https://caddyserver.com/docs/conventions#data-directory."""


@dataclass(frozen=True)
class StoreResult:
    """One store of the machine: `command` is what a person runs where devkit may not."""

    name: str
    status: Status
    command: str


@dataclass(frozen=True)
class TrustResult:
    """The certificate's copy, its SHA-256, and what became of it in each store."""

    certificate: Path
    fingerprint: str
    stores: tuple[StoreResult, ...]

    def to_json(self) -> dict[str, Any]:
        """The object for `--json`."""
        return {
            "certificate": str(self.certificate),
            "fingerprint": self.fingerprint,
            "stores": [{"name": store.name, "status": store.status, "command": store.command} for store in self.stores],
        }


@dataclass(frozen=True)
class _Store:
    name: str
    commands: tuple[tuple[str, ...], ...]
    as_root: bool
    already: Callable[[], bool]


def trust(project: Project, *, may_ask: bool) -> TrustResult:
    """Install the CA of this project; sudo asks for its password only with `may_ask`.

    UsageError without HTTPS, FailedError while the app has made no certificate yet.
    """
    if not project.settings.https:
        raise UsageError(
            f"{project.settings.name} has no HTTPS", "devkit config set project.https true, then devkit up"
        )
    text, fingerprint = root_certificate(project)
    copy = remember(project.paths, "caddy-root.crt", text)
    stores = _stores(project.settings.name, copy, fingerprint)
    return TrustResult(copy, fingerprint, tuple(_install(store, may_ask=may_ask) for store in stores))


def root_certificate(project: Project) -> tuple[str, str]:
    """The CA's root in PEM, and its SHA-256; FailedError while the app has made none."""
    project.docker.ping()
    try:
        result = project.compose.run("exec", "-T", APP, "sh", "-c", _READ_ROOT)
    except CommandError as error:
        raise FailedError(
            "the application has made no certificate", "start it with devkit up, then run devkit trust again"
        ) from error
    text = result.stdout.decode("ascii", errors="replace")
    try:
        der = ssl.PEM_cert_to_DER_cert(text.strip())
    except ValueError as error:
        raise FailedError("what the application holds is no certificate", "devkit restart app") from error
    return text, hashlib.sha256(der).hexdigest()


def _stores(name: str, certificate: Path, fingerprint: str) -> list[_Store]:
    system = _keychain(certificate, fingerprint) if sys.platform == "darwin" else _linux(name, certificate)
    databases = _nss_databases(Path.home()) if shutil.which("certutil") else []
    return [*([system] if system else []), *(_nss(name, certificate, folder) for folder in databases)]


def _linux(name: str, certificate: Path) -> _Store | None:
    """Debian's, Fedora's, Arch's and SUSE's way, by the program that is there."""
    ways = (
        ("update-ca-certificates", "/usr/local/share/ca-certificates"),
        ("update-ca-trust", "/etc/pki/ca-trust/source/anchors"),
        ("trust", "/etc/ca-certificates/trust-source/anchors"),
    )
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    for program, folder in ways:
        found = shutil.which(program, path=path)
        if not found:
            continue
        target = Path(folder) / f"devkit-{name}.crt"
        refresh = (found, "extract-compat") if program == "trust" else (found,)
        return _Store(
            "the system's store",
            (("install", "-D", "-m", "644", str(certificate), str(target)), refresh),
            as_root=True,
            already=partial(_same, target, certificate),
        )
    return None


def _keychain(certificate: Path, fingerprint: str) -> _Store:
    keychain = "/Library/Keychains/System.keychain"
    return _Store(
        "the system keychain",
        (("security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, str(certificate)),),
        as_root=True,
        already=lambda: fingerprint.upper() in _output(("security", "find-certificate", "-a", "-Z", keychain)),
    )


def _nss(name: str, certificate: Path, folder: Path) -> _Store:
    """Chromium's and Firefox's databases: neither reads the system's store on Linux."""
    database, label = f"sql:{folder}", f"devkit-{name}"
    shown = ("certutil", "-L", "-d", database, "-n", label, "-a")
    return _Store(
        f"the browser's store {folder}",
        (("certutil", "-A", "-d", database, "-t", "C,,", "-n", label, "-i", str(certificate)),),
        as_root=False,
        already=lambda: _der(_output(shown)) == _der(certificate.read_text()),
    )


def _nss_databases(home: Path) -> list[Path]:
    profiles: Iterable[Path] = (
        *home.glob(".pki/nssdb"),
        *home.glob(".mozilla/firefox/*"),
        *home.glob("snap/firefox/common/.mozilla/firefox/*"),
        *home.glob("Library/Application Support/Firefox/Profiles/*"),
    )
    return sorted(profile for profile in profiles if (profile / "cert9.db").is_file())


def _install(store: _Store, *, may_ask: bool) -> StoreResult:
    prefix: tuple[str, ...] = ("sudo",) if store.as_root and os.geteuid() != 0 else ()
    shown = " && ".join(shlex.join((*prefix, *command)) for command in store.commands)
    if store.already():
        return StoreResult(store.name, "already trusted", shown)
    if prefix and not may_ask:
        prefix = ("sudo", "-n")
    trusted = all(_succeeds((*prefix, *command), terminal=may_ask) for command in store.commands)
    return StoreResult(store.name, "trusted" if trusted else "by hand", shown)


def _succeeds(command: Sequence[str], *, terminal: bool) -> bool:
    """Run it; sudo reads the password from the terminal itself. Its words go to nobody."""
    try:
        return (
            subprocess.run(
                command,
                stdin=None if terminal else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if terminal else subprocess.DEVNULL,
                check=False,
            ).returncode
            == 0
        )
    except OSError:
        return False


def _output(command: Sequence[str]) -> str:
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return ""
    return result.stdout.decode("utf-8", errors="replace")


def _der(text: str) -> bytes | None:
    try:
        return ssl.PEM_cert_to_DER_cert(text.strip())
    except ValueError:
        return None


def _same(first: Path, second: Path) -> bool:
    try:
        return first.read_bytes() == second.read_bytes()
    except OSError:
        return False
