"""The Secret of a rehearsal: random values, made on this machine and kept by the cluster alone."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from devkit.delivery.cluster.kubectl import Kubectl, as_list

SECRET = "laravel-secrets"
_KEY_BYTES = 32
_WORD_BYTES = 18


def provide_secret(inside: Kubectl, namespace: str, names: Sequence[str]) -> bool:
    """Make the Secret where it is missing; True where it was. One that is there stays: a database has its password.

    Values go to kubectl through stdin, and stand in no argument and no file.
    """
    if not names or inside.find("secret", SECRET) is not None:
        return False
    inside.run("create", "--filename", "-", input=as_list([secret_object(namespace, names)]))
    return True


def secret_object(namespace: str, names: Sequence[str]) -> dict[str, Any]:
    """The Secret, with a fresh value for each name."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": namespace},
        "type": "Opaque",
        "stringData": {name: _value(name) for name in names},
    }


def _value(name: str) -> str:
    """Laravel's key has a form of its own; every other one is a word."""
    if name == "APP_KEY":
        return "base64:" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return secrets.token_urlsafe(_WORD_BYTES)
