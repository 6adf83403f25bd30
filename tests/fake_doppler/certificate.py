"""A certificate that nobody trusts unless told to."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Signed with its own key: who trusts the file trusts it (SSL_CERT_FILE, REQUESTS_CA_BUNDLE)."""

    path: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def make_certificate(directory: Path, hosts: Iterable[str]) -> Certificate:
    """A new one for these names and addresses."""
    made = Certificate(directory / "certificate.pem", directory / "key.pem")
    subject = ("-subj", "/CN=Fake Doppler", "-addext", f"subjectAltName={','.join(map(_alternative, hosts))}")
    command = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject)
    subprocess.run([*command, "-keyout", made.key, "-out", made.path], check=True, capture_output=True)
    return made


def _alternative(host: str) -> str:
    try:
        return f"IP:{ip_address(host)}"
    except ValueError:
        return f"DNS:{host}"
