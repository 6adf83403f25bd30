"""TLS as this machine means it: whose certificates are trusted."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from devkit.engine.certificates import ca_bundle
from devkit.secrets.doppler.exchange import NoAnswerError


def tls_context() -> ssl.SSLContext:
    """TLS that trusts what this machine trusts: the bundle that SSL_CERT_FILE or REQUESTS_CA_BUNDLE name, or its own.

    NODE_EXTRA_CA_CERTS, as its name says, is trusted besides. There is no switch that turns the check off.
    NoAnswerError for a file that holds no certificates.
    """
    extra = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    bundle = ca_bundle({name: value for name, value in os.environ.items() if name != "NODE_EXTRA_CA_CERTS"})
    directory = os.environ.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=bundle, capath=directory)
        if extra and Path(extra).is_file():
            context.load_verify_locations(cafile=extra)
    except OSError:  # ssl.SSLError is one
        raise NoAnswerError("trust", str(bundle or extra)) from None
    context.set_alpn_protocols(["http/1.1"])
    return context
