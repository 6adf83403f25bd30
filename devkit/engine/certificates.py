"""Whom this machine trusts: the file of certificate authorities that its programs read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def ca_bundle(environ: Mapping[str, str] | None = None) -> Path | None:
    """The bundle of certificate authorities that programs on this machine trust, or None where there is none."""
    environment = os.environ if environ is None else environ
    named = [environment.get(name, "") for name in _BUNDLE_VARIABLES]
    return next((Path(path) for path in (*named, *_BUNDLES) if path and Path(path).is_file()), None)
