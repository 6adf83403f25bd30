"""Staging and production: pushed to a real registry, deployed by that digest, serving under restricted Pod Security."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from environments import edit, namespace_with_secret
from release import Shop

pytestmark = pytest.mark.kubernetes

_VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: %(name)s}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  hostPath: {path: /var/lib/node/volumes/%(name)s, type: Directory}
"""


@contextmanager
def volumes(shop: Shop, namespace: str) -> Iterator[None]:
    """One for each claim: nobody provides for them on this node."""
    names = [f"{namespace}-{number}" for number in range(2)]
    try:
        for name in names:
            directory = f"/var/lib/node/volumes/{name}"
            shop.node.docker.run("exec", shop.node.container, "install", "-d", "-m", "0777", directory)
            shop.node.kubectl("apply", "--filename", "-", input=_VOLUME % {"name": name})
        yield
    finally:
        for name in names:
            shop.node.kubectl("delete", "pv", name, "--ignore-not-found", "--wait=false")


@pytest.mark.parametrize(("environment", "components"), [("staging", ()), ("production", ("mysql", "redis"))])
def test_an_environment_is_deployed_by_the_digest_that_was_pushed_and_serves(
    shop: Shop, pushed: str, environment: str, components: tuple[str, ...]
) -> None:
    edit(shop, environment, components, servers=bool(components))
    with namespace_with_secret(shop, environment) as namespace, volumes(shop, namespace):
        done = shop.devkit("--json", "--yes", "deploy", environment, "--image", pushed)
        assert done.status == 0, done.stderr[-4000:]
        assert (done.json["image"], done.json["status"]) == (pushed, "deployed")
        assert [pod["ready"] for pod in done.json["pods"]] == [True] * len(done.json["pods"])
        assert len(shop.pods(environment)) == 3
        assert shop.get(environment, "/up")
        assert "visits</p>" in shop.get(environment, "/visits")
        claims = json.loads(shop.inside(environment, "get", "pvc", "--output", "json"))["items"]
        assert [claim["status"]["phase"] for claim in claims] == ["Bound", "Bound"]
        (ingress,) = json.loads(shop.inside(environment, "get", "ingress", "--output", "json"))["items"]
        assert ingress["spec"]["ingressClassName"] == "traefik"


@pytest.mark.parametrize("file", ["hpa/hpa.yaml", "ingress-nginx/ingress.yaml", "ingress-traefik/ingress.yaml"])
def test_a_component_is_accepted_by_the_server(shop: Shop, file: str) -> None:
    text = Path(shop.project.directory, "kubernetes/components", file).read_text(encoding="utf-8")
    shop.node.kubectl("apply", "--dry-run=server", "--namespace", "default", "--filename", "-", input=text)
