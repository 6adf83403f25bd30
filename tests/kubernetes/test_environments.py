"""Staging and production: pushed to a real registry, deployed by that digest, serving under restricted Pod Security."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from release import SERVICES, Shop

pytestmark = pytest.mark.kubernetes

# One node with two cores does not hold three times half a core, and no claim is provided for on it.
_SMALL = """
- target: {kind: Deployment}
  patch: |-
    - {op: replace, path: /spec/template/spec/containers/0/resources/requests, value: {cpu: 10m, memory: 64Mi}}
"""
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


@pytest.fixture(scope="module")
def pushed(shop: Shop) -> str:
    """The image for production in the registry, by its digest."""
    repository = f"{shop.node.registry}/team/shop"
    done = shop.devkit("build", "app", "--push", "--tag", f"{repository}:1")
    assert done.status == 0, done.stderr[-3000:]
    shop.node.load(*SERVICES)
    reference = done.stdout.strip().splitlines()[-1]
    assert reference.rpartition("@")[2].startswith("sha256:")
    return f"{repository}@{reference.rpartition('@')[2]}"


def edit(shop: Shop, environment: str, components: tuple[str, ...]) -> None:
    """What a person writes into an overlay: smaller requests here, and servers beside it where none is elsewhere."""
    path = Path(shop.project.directory, f"kubernetes/overlays/{environment}/kustomization.yaml")
    overlay = yaml.safe_load(path.read_text(encoding="utf-8"))
    overlay["patches"] = [*overlay.get("patches", ()), *yaml.safe_load(_SMALL)]
    overlay["components"] = [*(f"../../components/{name}" for name in components), *overlay["components"]]
    if components:
        (generator,) = overlay["configMapGenerator"]
        kept = [text for text in generator["literals"] if not text.startswith(("DB_HOST=", "REDIS_HOST="))]
        generator["literals"] = [*kept, f"DB_HOST={components[0]}", f"REDIS_HOST={components[1]}"]
    path.write_text(yaml.safe_dump(overlay), encoding="utf-8")


@contextmanager
def prepared(shop: Shop, environment: str) -> Iterator[None]:
    """The namespace with its Secret, as the README has a person make them, and a volume for each claim."""
    namespace = shop.namespace(environment)
    volumes = [f"{namespace}-{number}" for number in range(2)]
    values = {name: secrets.token_urlsafe(12) for name in ("DB_PASSWORD", "REDIS_PASSWORD")}
    values["APP_KEY"] = "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "laravel-secrets"}, "stringData": values}
    try:
        for name in volumes:
            directory = f"/var/lib/node/volumes/{name}"
            shop.node.docker.run("exec", shop.node.container, "install", "-d", "-m", "0777", directory)
            shop.node.kubectl("apply", "--filename", "-", input=_VOLUME % {"name": name})
        shop.node.kubectl("create", "namespace", namespace)
        shop.inside(environment, "apply", "--filename", "-", input=json.dumps(secret))
        yield
    finally:
        shop.node.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
        for name in volumes:
            shop.node.kubectl("delete", "pv", name, "--ignore-not-found", "--wait=false")


@pytest.mark.parametrize(("environment", "components"), [("staging", ()), ("production", ("mysql", "redis"))])
def test_an_environment_is_deployed_by_the_digest_that_was_pushed_and_serves(
    shop: Shop, pushed: str, environment: str, components: tuple[str, ...]
) -> None:
    edit(shop, environment, components)
    with prepared(shop, environment):
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


def test_the_autoscaler_is_accepted_by_the_server(shop: Shop) -> None:
    hpa = Path(shop.project.directory, "kubernetes/components/hpa/hpa.yaml").read_text(encoding="utf-8")
    shop.node.kubectl("apply", "--dry-run=server", "--namespace", "default", "--filename", "-", input=hpa)
