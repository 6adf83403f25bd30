"""The Secret of a rehearsal: random values, made on this machine and kept by the cluster alone."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from devkit.delivery.cluster.kubectl import Kubectl, as_list

_KEY_BYTES = 32
_WORD_BYTES = 18


def provide_secret(inside: Kubectl, name: str, names: Sequence[str]) -> bool:
    """Make the Secret where it is missing; True where it was. One that is there stays: a database has its password.

    Values go to kubectl through stdin, and stand in no argument and no file.
    """
    if not names or inside.run("get", "secret", name, "--ignore-not-found", "--output", "name").out.strip():
        return False
    inside.run("create", "--filename", "-", input=as_list([secret_object(name, names)]))
    return True


def secret_object(name: str, names: Sequence[str]) -> dict[str, Any]:
    """The Secret, with a fresh value for each name."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "Opaque",
        "stringData": {key: _value(key) for key in names},
    }


def _value(name: str) -> str:
    """Laravel's key has a form of its own; every other one is a word."""
    if name == "APP_KEY":
        return "base64:" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return secrets.token_urlsafe(_WORD_BYTES)
