"""The kubectl context that a release goes to: its name, where its cluster is, whether it looks like production."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.project.errors import FailedError, UsageError

_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)", re.IGNORECASE)
_OF_THIS_MACHINE = ("localhost", "kubernetes.docker.internal", "host.docker.internal", "k8s.orb.local")


@dataclass(frozen=True)
class ClusterContext:
    """A context of the person's kubeconfig: its name, its cluster's address, and the namespace that it names."""

    name: str
    server: str
    namespace: str = "default"


def choose_context(kubectl: Kubectl, wanted: str) -> tuple[Kubectl, ClusterContext]:
    """kubectl bound to the context that is wanted, or to the current one where none is; UsageError for an unknown one.

    Bound by its name: what another terminal switches to meanwhile changes nothing.
    """
    config = kubectl.json("config", "view")
    name = wanted or config.get("current-context") or ""
    contexts = {entry["name"]: entry.get("context") or {} for entry in config.get("contexts") or ()}
    if not name:
        raise FailedError(
            "kubectl has no current context: nothing says which cluster is meant",
            "kubectl config use-context NAME, or --context NAME; kubectl config get-contexts lists them",
        )
    if name not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise UsageError(f"kubectl knows no context {name}", f"the contexts are: {known}")
    found = read_context(name, contexts[name], config)
    return replace(kubectl, context=name, server=found.server), found


def read_context(name: str, context: Mapping[str, Any], config: Mapping[str, Any]) -> ClusterContext:
    """A context as `kubectl config view` shows it, with its cluster's address."""
    clusters = {entry["name"]: entry.get("cluster") or {} for entry in config.get("clusters") or ()}
    server = str(clusters.get(context.get("cluster", ""), {}).get("server", ""))
    return ClusterContext(name, server, context.get("namespace") or "default")


def looks_like_production(context: str, environment: str) -> bool:
    """Whether a release there is asked about: by the environment's name, or by a context called prod or live."""
    return bool(_PRODUCTION.search(context) or _PRODUCTION.search(environment))


def check_answers(kubectl: Kubectl) -> str:
    """The cluster's version (v1.35.4); FailedError with the address where it does not answer or takes no login."""
    return str(kubectl.json("version").get("serverVersion", {}).get("gitVersion", ""))


def is_of_this_machine(server: str) -> bool:
    """Whether a cluster's address is one of this machine: a loopback one, or one that a socket can be bound to."""
    host = urlsplit(server).hostname or ""
    if host in _OF_THIS_MACHINE or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_loopback:
        return True
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
