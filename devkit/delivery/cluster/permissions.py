"""Whether this login may do what a deploy does, asked before anything is changed.

As `kubectl auth can-i` asks (SelfSubjectAccessReview), with one kubectl for all questions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.delivery.cluster.kubectl import Kubectl, as_list, documents
from devkit.delivery.cluster.objects import Release
from devkit.delivery.cluster.refusals import forbidden

_PLURALS: Mapping[str, str] = {
    "NetworkPolicy": "networkpolicies",
    "Ingress": "ingresses",
    "Gateway": "gateways",
    "IngressClass": "ingressclasses",
    "StorageClass": "storageclasses",
    "PriorityClass": "priorityclasses",
}
_WRITING = ("get", "create", "patch")


@dataclass(frozen=True, order=True)
class Permission:
    """To do one thing with one resource; `namespace` is empty for what lies in none."""

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        name = self.resource + (f".{self.group}" if self.group else "")
        name += f"/{self.subresource}" if self.subresource else ""
        return f"{self.verb} {name}" + (f" in {self.namespace}" if self.namespace else "")


def needed_permissions(release: Release) -> list[Permission]:
    """What a deploy of this release does at the cluster."""
    space = release.namespace
    needed: set[Permission] = {
        Permission("list", "pods", namespace=space),
        Permission("watch", "pods", namespace=space),
    }
    for one in release.objects:
        if one["kind"] == "Namespace":
            continue  # one that is there is only read: whoever deploys into it seldom owns it
        group = one["apiVersion"].rpartition("/")[0]
        where = one["metadata"].get("namespace", "")
        verbs: Iterable[str] = _WRITING
        if one["kind"] in ("Deployment", "StatefulSet"):
            verbs = (*_WRITING, "list", "watch")
            if one["kind"] == "Deployment":  # which pods are new, and what there is to go back to
                needed |= {Permission(verb, "replicasets", group, namespace=where) for verb in ("list", "watch")}
        elif one["kind"] == "Job":
            verbs = (*_WRITING, "list", "watch", "delete")
            needed.add(Permission("get", "pods", subresource="log", namespace=space))
        needed |= {Permission(verb, _plural(one["kind"]), group, namespace=where) for verb in verbs}
    return sorted(needed)


def check_permissions(kubectl: Kubectl, release: Release) -> None:
    """FailedError that names who lacks which permissions; a cluster that answers no such question is not asked."""
    needed = needed_permissions(release)
    done = kubectl.attempt("create", "--filename", "-", "--output", "json", input=as_list([_review(p) for p in needed]))
    if done.returncode != 0:
        return  # the server's own check says Forbidden in its turn
    if missing := missing_permissions(documents(done.out)):
        raise forbidden(_who(kubectl), [str(one) for one in missing], kubectl.context)


def missing_permissions(reviews: Iterable[Mapping[str, Any]]) -> list[Permission]:
    """Those that a review's answer says no to."""
    asked = [one["spec"]["resourceAttributes"] for one in reviews if not one.get("status", {}).get("allowed")]
    return sorted(
        Permission(
            one["verb"],
            one["resource"],
            one.get("group", ""),
            one.get("subresource", ""),
            one.get("namespace", ""),
        )
        for one in asked
    )


def _review(permission: Permission) -> dict[str, Any]:
    attributes = {
        "verb": permission.verb,
        "resource": permission.resource,
        "group": permission.group,
        "subresource": permission.subresource,
        "namespace": permission.namespace,
    }
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }


def _who(kubectl: Kubectl) -> str:
    done = kubectl.attempt("auth", "whoami", "--output", "json")
    try:
        return str(json.loads(done.out)["status"]["userInfo"]["username"])
    except (ValueError, KeyError, TypeError):
        return "this login"


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.lower()}s")
