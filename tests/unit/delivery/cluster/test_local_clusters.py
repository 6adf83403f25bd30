"""Nodes as the tools' clusters have them."""

from __future__ import annotations

from typing import Any

import pytest

from devkit.delivery.cluster.contexts import ClusterContext, is_of_this_machine, looks_like_production, read_context
from devkit.delivery.cluster.local_clusters import recognise
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

HERE = "https://127.0.0.1:6443"
CONTAINERD = "containerd://2.1.4"


def node(
    name: str,
    *,
    provider: str = "",
    labels: dict[str, str] | None = None,
    runtime: str = CONTAINERD,
    version: str = "v1.35.4",
) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"providerID": provider},
        "status": {"nodeInfo": {"containerRuntimeVersion": runtime, "kubeletVersion": version}},
    }


@pytest.mark.parametrize(
    ("context", "server", "nodes", "tool", "command"),
    [
        (
            "kind-shop",
            HERE,
            [node("shop-control-plane", provider="kind://docker/shop/shop-control-plane")],
            "kind",
            "kind load docker-image --name shop",
        ),
        (
            "k3d-shop",
            "https://0.0.0.0:41000",
            [node("k3d-shop-server-0", provider="k3s://k3d-shop-server-0", version="v1.33.4+k3s1")],
            "k3d",
            "k3d image import --cluster shop",
        ),
        (
            "shop",
            "https://192.168.49.2:8443",
            [node("shop", labels={"minikube.k8s.io/name": "shop"}, runtime="docker://28.4.0")],
            "minikube",
            "minikube image load --profile shop",
        ),
        ("docker-desktop", "https://kubernetes.docker.internal:6443", [node("docker-desktop")], "Docker Desktop", ""),
        ("orbstack", "https://127.0.0.1:26443", [node("orbstack", runtime="docker://28.4.0")], "OrbStack", ""),
        (
            "rancher-desktop",
            HERE,
            [node("lima-rancher-desktop", version="v1.33.4+k3s1")],
            "Rancher Desktop",
            "nerdctl --namespace k8s.io load",
        ),
        (
            "rancher-desktop",
            HERE,
            [node("lima-rancher-desktop", runtime="docker://28.4.0", version="v1.33.4+k3s1")],
            "Rancher Desktop",
            "",
        ),
        ("colima", HERE, [node("colima", runtime="docker://28.4.0", version="v1.33.4+k3s1")], "Colima", ""),
        (
            "colima-work",
            HERE,
            [node("colima-work", version="v1.33.4+k3s1")],
            "Colima",
            "colima --profile work nerdctl -- --namespace k8s.io load",
        ),
        (
            "microk8s",
            "https://127.0.0.1:16443",
            [node("desk", labels={"microk8s.io/cluster": "true"})],
            "microk8s",
            "microk8s images import",
        ),
    ],
)
def test_each_tool_is_recognised_and_brings_its_own_command(
    context: str, server: str, nodes: list[dict[str, Any]], tool: str, command: str
) -> None:
    found = recognise(ClusterContext(context, server), nodes, "")
    assert (found.tool, " ".join(found.command)) == (tool, command)
    assert found.shares_engine == (not command)


def test_k3s_is_asked_as_root() -> None:
    found = recognise(ClusterContext("default", HERE), [node("desk", version="v1.33.4+k3s1")], "")
    assert found.takes_stream
    assert " ".join(found.command).removeprefix("sudo ") == "k3s ctr images import -"


def test_a_command_of_the_persons_own_comes_first() -> None:
    found = recognise(ClusterContext("lab", HERE), [node("lab")], "ctr -n 'k8s.io' images import -")
    assert found.command == ("ctr", "-n", "k8s.io", "images", "import", "-")
    assert found.takes_stream


@pytest.mark.parametrize("load", ["", "ctr images import -"])
def test_a_cluster_elsewhere_is_refused(load: str) -> None:
    context = ClusterContext("staging", "https://10.255.255.1:6443")
    with pytest.raises(UsageError, match=r"staging \(https://10.255.255.1:6443\) is no cluster of this machine"):
        recognise(context, [node("a", version="v1.33.4+k3s1")], load)


def test_one_of_this_machine_that_nobody_knows_asks_for_a_command() -> None:
    with pytest.raises(UsageError, match="nobody knows how to bring images into the cluster of lab") as caught:
        recognise(ClusterContext("lab", HERE), [node("lab")], "")
    assert "deploy.load" in caught.value.hint


@pytest.mark.parametrize(
    ("server", "here"),
    [
        ("https://127.0.0.1:1", True),
        ("https://[::1]:1", True),
        ("https://localhost:1", True),
        ("https://kubernetes.docker.internal:6443", True),
        ("https://198.51.100.7:6443", False),
        ("https://api.shop.example", False),
        ("", False),
    ],
)
def test_an_address_of_this_machine_is_told_from_others(server: str, here: bool) -> None:
    assert is_of_this_machine(server) is here


@pytest.mark.parametrize(
    ("context", "environment", "asks"),
    [
        ("prod-eu", "staging", True),
        ("arn:aws:eks:eu:1:cluster/shop-live", "staging", True),
        ("gke_shop_eu_production", "blue", True),
        ("kind-shop", "production", True),
        ("kind-shop", "staging", False),
        ("delivery-products", "staging", False),
        ("reprod", "staging", False),
    ],
)
def test_what_looks_like_production_is_asked_about(context: str, environment: str, asks: bool) -> None:
    assert looks_like_production(context, environment) is asks


def test_a_context_knows_its_clusters_address() -> None:
    config = {"clusters": [{"name": "c", "cluster": {"server": HERE}}]}
    assert read_context("x", {"cluster": "c", "namespace": "shop"}, config) == ClusterContext("x", HERE, "shop")
    assert read_context("x", {"cluster": "c"}, config).namespace == "default"
