"""APP_KEY, which Laravel encrypts with."""

from __future__ import annotations

import base64
import secrets

_BYTES = 32


def new_app_key() -> str:
    """An APP_KEY as `artisan key:generate` makes it: 32 random bytes."""
    return "base64:" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
