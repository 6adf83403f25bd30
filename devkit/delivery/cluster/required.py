"""Secrets and ConfigMaps that pods of a release ask for and nobody brings: found before anything is applied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.objects import Object, Release, containers_of, name_of, pod_spec, title_of
from devkit.project.errors import FailedError

_KINDS = ("Secret", "ConfigMap")


@dataclass(frozen=True, order=True)
class Required:
    """A Secret or a ConfigMap that a workload cannot start without; `by` is a workload's title."""

    kind: str
    name: str
    by: str = ""


def check_required(kubectl: Kubectl, release: Release, *, has_namespace: bool) -> None:
    """FailedError for the first that is neither in the release nor on the cluster. Contents are not read."""
    first = "" if has_namespace else f"kubectl create namespace {release.namespace}, then "
    for one in missing_in(release):
        done = kubectl.inside(release.namespace).attempt(
            "get", one.kind.lower(), one.name, "--ignore-not-found", "--output", "name"
        )
        if done.returncode == 0 and not done.out.strip():
            raise FailedError(
                f"the {one.kind} {one.name} is not in the namespace {release.namespace}, and {one.by} needs it:"
                " no pod would start",
                f"{first}kubectl --namespace {release.namespace} create {_command(one)}",
            )


def missing_in(release: Release) -> list[Required]:
    """Those that the release itself does not bring.

    What another object names is left out: an operator (Doppler's, External Secrets) makes the Secret of it.
    """
    brought = {(one["kind"], name_of(one)) for one in release.objects if one["kind"] in _KINDS}
    others = json.dumps([one for one in release.objects if not pod_spec(one)])
    found: dict[tuple[str, str], Required] = {}
    for one in release.objects:
        for kind, name in asked_for(one):
            if (kind, name) not in brought and f'"{name}"' not in others:
                found.setdefault((kind, name), Required(kind, name, title_of(one)))
    return sorted(found.values())


def asked_for(one: Object) -> Iterator[tuple[str, str]]:
    """Kind and name of each Secret and ConfigMap that a workload's pods cannot start without."""
    spec = pod_spec(one)
    for container in containers_of(spec):
        for source in container.get("envFrom") or ():
            yield from _reference("Secret", source.get("secretRef"))
            yield from _reference("ConfigMap", source.get("configMapRef"))
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            yield from _reference("Secret", source.get("secretKeyRef"))
            yield from _reference("ConfigMap", source.get("configMapKeyRef"))
    for volume in spec.get("volumes") or ():
        yield from _reference("ConfigMap", volume.get("configMap"))
        secret = volume.get("secret") or {}
        yield from _reference("Secret", {**secret, "name": secret.get("secretName")})


def _reference(kind: str, reference: Object | None) -> Iterator[tuple[str, str]]:
    if reference and reference.get("name") and not reference.get("optional"):
        yield kind, str(reference["name"])


def _command(one: Required) -> str:
    return f"secret generic {one.name} --from-env-file FILE" if one.kind == "Secret" else f"configmap {one.name} …"
