"""What a cluster in a data centre has beside its nodes: an ingress controller, metrics, a provisioner of volumes."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from node import Node, build_images

from devkit.engine.buildkit import BuildOutput
from devkit.engine.docker import Docker

FILES = Path(__file__).with_name("parts")
IMAGES = {
    "local-path": "rancher/local-path-provisioner:v0.0.30",
    "metrics-server": "gcr.io/k8s-staging-metrics-server/metrics-server:master",
    "traefik": "traefik:v3.6.0",
}
"""By their stage; under the names that the projects' own manifests have for them."""

INGRESS_PORT = 30443
_HELPER = "busybox:latest"


def provide_parts(docker: Docker) -> None:
    """Their images, compiled the first time."""
    build_images(docker, FILES, IMAGES, BuildOutput())
    # The provisioner's helper is a shell that makes and removes directories.
    docker.run("tag", IMAGES["local-path"], _HELPER)


def install_parts(node: Node, directory: Path) -> None:
    """All three on the node, ready."""
    node.load(*IMAGES.values(), _HELPER)
    storage = _manifests(node.docker, IMAGES["local-path"], directory / "storage") / "local-path-storage.yaml"
    node.kubectl("apply", "--filename", str(storage))
    default = {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}
    node.kubectl("patch", "storageclass", "local-path", "--patch", json.dumps(default))
    metrics = _manifests(node.docker, IMAGES["metrics-server"], directory / "metrics")
    _trust_the_kubelet(metrics / "deployment.yaml")
    node.kubectl("apply", "--kustomize", str(metrics))
    node.kubectl("apply", "--filename", str(FILES / "traefik.yaml"))
    for namespace, name in (
        ("local-path-storage", "local-path-provisioner"),
        ("kube-system", "metrics-server"),
        ("traefik", "traefik"),
    ):
        node.kubectl("--namespace", namespace, "rollout", "status", f"deployment/{name}", "--timeout=120s")
    node.kubectl("wait", "--for=condition=Available", "apiservice/v1beta1.metrics.k8s.io", "--timeout=120s")


def _manifests(docker: Docker, image: str, target: Path) -> Path:
    """What the project itself has people apply, out of its image."""
    container = docker.run("create", image).stdout.decode().strip()
    try:
        docker.run("cp", f"{container}:/manifests/.", str(target))
    finally:
        docker.run("rm", container)
    return target


def _trust_the_kubelet(deployment: Path) -> None:
    """The node's kubelet signs its own certificate, as kind's does."""
    document = yaml.safe_load(deployment.read_text(encoding="utf-8"))
    (container,) = document["spec"]["template"]["spec"]["containers"]
    container["args"].append("--kubelet-insecure-tls")
    deployment.write_text(yaml.safe_dump(document), encoding="utf-8")
