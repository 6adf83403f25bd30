"""Environments on the tests' cluster: what a person writes into an overlay, and makes in a cluster, before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml
from release import Shop

from devkit.delivery.cluster.rehearsal_secrets import secret_object
from devkit.scaffold.kubernetes import SECRET

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
    secret = secret_object(SECRET, ("APP_KEY", "DB_PASSWORD", "REDIS_PASSWORD"))
    try:
        # One of a test before may be on its way out: its pods drain.
        shop.node.kubectl("wait", "--for=delete", f"namespace/{namespace}", "--timeout=120s", check=False)
        shop.node.kubectl("create", "namespace", namespace)
        shop.inside(environment, "apply", "--filename", "-", input=json.dumps(secret))
        yield namespace
    finally:
        shop.node.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
