"""Staging and production on a real Kubernetes: all of their objects are accepted, and their pods serve."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

import pytest
import yaml
from release import SERVICES, Shop

pytestmark = pytest.mark.kubernetes

# One node with two cores holds neither three times half a core nor a claim that somebody has to provide for.
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


def _release(shop: Shop, environment: str, image: str, components: tuple[str, ...]) -> None:
    """The overlay with the image, smaller requests, and what production has elsewhere."""
    directory = shop.project.directory / "kubernetes" / "release"
    directory.mkdir(exist_ok=True)
    repository, _, tag = image.partition(":")
    kustomization = {
        "resources": [f"../overlays/{environment}"],
        "components": [f"../components/{name}" for name in components],
        "namespace": shop.namespace(environment),
        "images": [{"name": repository, "newTag": tag}],
        "patches": yaml.safe_load(_SMALL),
    }
    if components:
        literals = [f"DB_HOST={components[0]}", f"REDIS_HOST={components[1]}"]
        generator = {"name": "laravel-config", "behavior": "merge", "literals": literals}
        kustomization["configMapGenerator"] = [generator]
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    shop.node.kubectl("apply", "--kustomize", str(directory))


def _secret(shop: Shop, environment: str) -> None:
    values = {name: secrets.token_urlsafe(12) for name in ("DB_PASSWORD", "REDIS_PASSWORD")}
    values["APP_KEY"] = "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "laravel-secrets"}, "stringData": values}
    shop.node.kubectl("create", "namespace", shop.namespace(environment))
    shop.inside(environment, "apply", "--filename", "-", input=json.dumps(secret))


def _volumes(shop: Shop, namespace: str) -> list[str]:
    """A volume on the node for each claim that a StatefulSet will make."""
    names = [f"{namespace}-{number}" for number in range(2)]
    for name in names:
        directory = f"/var/lib/node/volumes/{name}"
        shop.node.docker.run("exec", shop.node.container, "install", "-d", "-m", "0777", directory)
        shop.node.kubectl("apply", "--filename", "-", input=_VOLUME % {"name": name})
    return names


@pytest.fixture(scope="module")
def image(shop: Shop) -> str:
    """The image for production, in the cluster."""
    done = shop.devkit("--json", "build", "app")
    assert done.status == 0, done.stderr[-3000:]
    name = str(done.json["image"])
    shop.node.load(name, *SERVICES)
    return name


@pytest.mark.parametrize(
    ("environment", "components", "replicas"), [("staging", (), 3), ("production", ("mysql", "redis"), 3)]
)
def test_an_overlay_applies_and_its_pods_serve_under_restricted_pod_security(
    shop: Shop, image: str, environment: str, components: tuple[str, ...], replicas: int
) -> None:
    namespace = shop.namespace(environment)
    volumes = _volumes(shop, namespace)
    try:
        _secret(shop, environment)
        _release(shop, environment, image, components)
        for kind in ("statefulset/mysql", "statefulset/redis"):
            shop.inside(environment, "rollout", "status", kind, "--timeout=180s")
        shop.inside(environment, "wait", "--for=condition=complete", "job/laravel-migrate", "--timeout=180s")
        shop.inside(environment, "rollout", "status", "deployment/laravel", "--timeout=180s")
        assert len([pod for pod in shop.pods(environment) if pod["status"]["phase"] == "Running"]) == replicas
        assert shop.get(environment, "/up")
        assert "visits</p>" in shop.get(environment, "/visits")
        claims = json.loads(shop.inside(environment, "get", "pvc", "--output", "json"))["items"]
        assert {claim["status"]["phase"] for claim in claims} == {"Bound"}
        ingress = json.loads(shop.inside(environment, "get", "ingress", "--output", "json"))["items"]
        assert [one["spec"]["ingressClassName"] for one in ingress] == ["traefik"]
    finally:
        shop.node.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
        for name in volumes:
            shop.node.kubectl("delete", "pv", name, "--wait=false")


def test_the_autoscaler_is_accepted_beside_production(shop: Shop) -> None:
    hpa = Path(shop.project.directory, "kubernetes/components/hpa/hpa.yaml").read_text(encoding="utf-8")
    shop.node.kubectl("apply", "--dry-run=server", "--namespace", "default", "--filename", "-", input=hpa)
