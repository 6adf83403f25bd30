"""Environments on the tests' cluster: what a person writes into an overlay, and makes in a cluster, before it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml
from release import Shop

# One node with two cores does not hold three times half a core.
_SMALL = """
- target: {kind: Deployment}
  patch: |-
    - {op: replace, path: /spec/template/spec/containers/0/resources/requests, value: {cpu: 10m, memory: 64Mi}}
"""


def edit(shop: Shop, environment: str, components: Sequence[str], *, servers: bool = False) -> None:
    """Smaller requests, and components; with `servers` the first two are the database and the cache."""
    path = Path(shop.project.directory, f"kubernetes/overlays/{environment}/kustomization.yaml")
    overlay = yaml.safe_load(path.read_text(encoding="utf-8"))
    overlay["patches"] = [*overlay.get("patches", ()), *yaml.safe_load(_SMALL)]
    overlay["components"] = [*(f"../../components/{name}" for name in components), *overlay["components"]]
    if servers:
        (generator,) = overlay["configMapGenerator"]
        kept = [text for text in generator["literals"] if not text.startswith(("DB_HOST=", "REDIS_HOST="))]
        generator["literals"] = [*kept, f"DB_HOST={components[0]}", f"REDIS_HOST={components[1]}"]
    path.write_text(yaml.safe_dump(overlay), encoding="utf-8")


@contextmanager
def namespace_with_secret(shop: Shop, environment: str) -> Iterator[str]:
    """The namespace with its Secret, as the README has a person make them; both go with the block."""
    namespace = shop.namespace(environment)
    values = {name: secrets.token_urlsafe(12) for name in ("DB_PASSWORD", "REDIS_PASSWORD")}
    values["APP_KEY"] = "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "laravel-secrets"}, "stringData": values}
    try:
        shop.node.kubectl("create", "namespace", namespace)
        shop.inside(environment, "apply", "--filename", "-", input=json.dumps(secret))
        yield namespace
    finally:
        shop.node.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
