"""Clusters of this machine: which tool made one, and how images get into it without a registry.

The commands are the tools' own: https://kind.sigs.k8s.io/docs/user/quick-start/#loading-an-image-into-your-cluster,
https://k3d.io/stable/usage/importing_images/, https://minikube.sigs.k8s.io/docs/handbook/pushing/,
https://microk8s.io/docs/sideload, https://docs.k3s.io/cli.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.delivery.cluster.contexts import ClusterContext, is_of_this_machine
from devkit.project.errors import UsageError

_SHARED = {"docker-desktop": "Docker Desktop", "orbstack": "OrbStack"}
_PROFILE = "minikube.k8s.io/name"


@dataclass(frozen=True)
class LocalCluster:
    """A cluster of this machine. Its images are the engine's own (`shares_engine`), or a command takes them.

    `command` is called with the images' names, or where `takes_stream` is set with `docker save`'s stream on its stdin.
    """

    tool: str
    command: tuple[str, ...] = ()
    takes_stream: bool = False

    @property
    def shares_engine(self) -> bool:
        """Whether what the engine has is there already."""
        return not self.command


def recognise(context: ClusterContext, nodes: Sequence[Mapping[str, Any]], load: str) -> LocalCluster:
    """The cluster behind a context, by its nodes (as `kubectl get nodes` has them) and its name.

    `load` is the setting deploy.load, which comes first. UsageError for a cluster that is not of this machine, or
    into which nobody knows how to bring an image.
    """
    here = is_of_this_machine(context.server)
    if load.strip():
        if not here:
            raise _elsewhere(context)
        return LocalCluster("deploy.load", tuple(shlex.split(load)), takes_stream=True)
    found = _by_nodes(context, nodes)
    if found is None and not here:
        raise _elsewhere(context)
    if found is None:
        raise UsageError(
            f"nobody knows how to bring images into the cluster of {context.name}",
            "give a command that takes docker save's stream: devkit config set deploy.load 'ctr -n k8s.io images"
            " import -'",
        )
    return found


def _by_nodes(context: ClusterContext, nodes: Sequence[Mapping[str, Any]]) -> LocalCluster | None:
    node: Mapping[str, Any] = nodes[0] if nodes else {"metadata": {"name": ""}}
    name, labels = str(node["metadata"]["name"]), node["metadata"].get("labels") or {}
    provider = str((node.get("spec") or {}).get("providerID", ""))
    info = (node.get("status") or {}).get("nodeInfo") or {}
    runtime, version = str(info.get("containerRuntimeVersion", "")), str(info.get("kubeletVersion", ""))
    if provider.startswith("kind://"):
        # kind://docker/CLUSTER/NODE
        return LocalCluster("kind", ("kind", "load", "docker-image", "--name", provider.split("/")[-2]))
    if context.name.startswith("k3d-") and name.startswith(f"{context.name}-"):
        return LocalCluster("k3d", ("k3d", "image", "import", "--cluster", context.name.removeprefix("k3d-")))
    if profile := labels.get(_PROFILE):
        return LocalCluster("minikube", ("minikube", "image", "load", "--profile", str(profile)))
    if not is_of_this_machine(context.server) and not runtime.startswith("docker://"):
        return None
    return _of_the_host(context, name, labels, runtime, version)


def _of_the_host(
    context: ClusterContext, name: str, labels: Mapping[str, str], runtime: str, version: str
) -> LocalCluster | None:
    """Those that run beside the engine, or on the machine itself."""
    if context.name in _SHARED or name in _SHARED:
        return LocalCluster(_SHARED.get(context.name) or _SHARED[name])
    if name in ("lima-rancher-desktop", "rancher-desktop") or context.name == "rancher-desktop":
        return _docker_or("Rancher Desktop", runtime, ("nerdctl", "--namespace", "k8s.io", "load"))
    if name.startswith("colima") or context.name.startswith("colima"):
        profile = context.name.removeprefix("colima").removeprefix("-") or "default"
        stream = ("colima", "--profile", profile, "nerdctl", "--", "--namespace", "k8s.io", "load")
        return _docker_or("Colima", runtime, stream)
    if runtime.startswith("docker://"):
        return LocalCluster("the engine") if is_of_this_machine(context.server) else None
    if "microk8s.io/cluster" in labels:
        return LocalCluster("microk8s", ("microk8s", "images", "import"), takes_stream=True)
    if "+k3s" in version:
        return LocalCluster("k3s", (*_as_root(), "k3s", "ctr", "images", "import", "-"), takes_stream=True)
    return None


def _docker_or(tool: str, runtime: str, stream: tuple[str, ...]) -> LocalCluster:
    """With Docker as its runtime it has the engine's images, with containerd they are loaded."""
    return LocalCluster(tool) if runtime.startswith("docker://") else LocalCluster(tool, stream, takes_stream=True)


def _as_root() -> tuple[str, ...]:
    return () if os.geteuid() == 0 else ("sudo",)


def _elsewhere(context: ClusterContext) -> UsageError:
    return UsageError(
        f"the context {context.name} ({context.server}) is no cluster of this machine, and a rehearsal is none"
        " anywhere else",
        "choose one of kind, k3d, minikube, Docker Desktop or the like: --context NAME",
    )
