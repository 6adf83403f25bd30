"""Rendered manifests: written, put together by kustomize, and judged by Kubernetes' own rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from devkit.project.settings import Settings
from devkit.scaffold.kubernetes import render_kubernetes

Object = dict[str, Any]

FULL = Settings("shop", "mysql", ("redis", "queue", "scheduler", "reverb", "mailpit"))
"""All that the manifests know."""

BARE = Settings("shop", "pgsql")
"""As little as several replicas need."""

SQLITE = Settings("shop", services=("queue", "scheduler"))


def write_kubernetes(root: Path, settings: Settings, health_path: str = "/up") -> Path:
    """Write the files below `root`; the directory with base, components and overlays."""
    for path, file in render_kubernetes(settings, health_path).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(file.text)
    return root / "kubernetes"


def kustomized(directory: Path) -> list[Object]:
    """What kustomize makes of a directory; `kubectl` has to be there."""
    done = subprocess.run(["kubectl", "kustomize", str(directory)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


def overlay(kubernetes: Path, environment: str) -> list[Object]:
    return kustomized(kubernetes / "overlays" / environment)


def combined(kubernetes: Path, *every: Iterable[str]) -> list[Object]:
    """The base with some of the components, and again with others: one call of kustomize, each in its own namespace."""
    overlays = kubernetes / "overlays"
    for number, components in enumerate(every):
        parts = {"resources": ["../../base"], "components": [f"../../components/{name}" for name in components]}
        _kustomization(overlays / f"combined-{number}", {"namespace": f"combined-{number}", **parts})
    _kustomization(overlays / "all", {"resources": [f"../combined-{number}" for number in range(len(every))]})
    return kustomized(overlays / "all")


def _kustomization(directory: Path, text: Object) -> None:
    directory.mkdir(exist_ok=True)
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(text))


def one(objects: Iterable[Object], kind: str, name: str) -> Object:
    (found,) = [thing for thing in objects if (thing["kind"], thing["metadata"]["name"]) == (kind, name)]
    return found


def names(objects: Iterable[Object], kind: str) -> set[str]:
    return {thing["metadata"]["name"] for thing in objects if thing["kind"] == kind}


def config(objects: Iterable[Object]) -> dict[str, str]:
    """The ConfigMap, whose name ends in what it holds."""
    (found,) = [thing for thing in objects if thing["kind"] == "ConfigMap"]
    assert found["metadata"]["name"].startswith("laravel-config-")
    data: dict[str, str] = found["data"]
    return data


def pods(objects: Iterable[Object]) -> Iterator[tuple[str, Object]]:
    """Each template of a pod, by what makes pods of it."""
    for thing in objects:
        spec = thing.get("spec", {})
        if thing["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if thing["kind"] in ("Deployment", "StatefulSet", "Job", "CronJob"):
            yield f"{thing['kind']}/{thing['metadata']['name']}", spec["template"]


def restricted(pod: Object) -> list[str]:
    """What the Pod Security Standard `restricted` refuses in a pod's spec, as its page lists it
    (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
    """
    found = [f"{name} is set" for name in ("hostNetwork", "hostPID", "hostIPC", "hostUsers") if pod.get(name)]
    whole = pod.get("securityContext", {})
    kinds = {"name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"}
    for volume in pod.get("volumes", []):
        found += [f"volume {volume['name']}: {kind}" for kind in volume if kind not in {*kinds, "secret"}]
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        own = container.get("securityContext", {})
        effective = {**whole, **own}
        rules = {
            "privileged": not own.get("privileged", False),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
            "drop ALL": "ALL" in own.get("capabilities", {}).get("drop", []),
            "add": set(own.get("capabilities", {}).get("add", [])) <= {"NET_BIND_SERVICE"},
            "runAsNonRoot": effective.get("runAsNonRoot") is True,
            "runAsUser": effective.get("runAsUser") != 0,
            "seccompProfile": effective.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"),
            "procMount": own.get("procMount", "Default") == "Default",
            "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
        }
        found += [f"{container['name']}: {rule}" for rule, holds in rules.items() if not holds]
    return found


def _closed(required: Iterable[str], **properties: Any) -> Object:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


_NAME = {"type": "string", "pattern": r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength": 253}
_HOST = {"type": "string", "pattern": r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "maxLength": 253}
_METADATA = _closed(["name"], name=_NAME, namespace=_NAME, labels={"type": "object"}, annotations={"type": "object"})
_MATCH = _closed(["type", "value"], type={"enum": ["Exact", "PathPrefix"]}, value={"pattern": "^/"})


def _custom(api_version: str, kind: str, spec: Object) -> Object:
    return _closed(
        ["apiVersion", "kind", "metadata", "spec"],
        apiVersion={"const": api_version},
        kind={"const": kind},
        metadata=_METADATA,
        spec=spec,
    )


CUSTOM = {
    # https://github.com/DopplerHQ/kubernetes-operator
    "DopplerSecret": _custom(
        "secrets.doppler.com/v1alpha1",
        "DopplerSecret",
        _closed(
            ["tokenSecret", "managedSecret"],
            tokenSecret=_closed(["name"], name=_NAME),
            managedSecret=_closed(["name"], name=_NAME, type={"type": "string"}),
        ),
    ),
    # https://gateway-api.sigs.k8s.io/reference/spec/
    "Gateway": _custom(
        "gateway.networking.k8s.io/v1",
        "Gateway",
        _closed(
            ["gatewayClassName", "listeners"],
            gatewayClassName=_NAME,
            listeners={
                "type": "array",
                "items": _closed(
                    ["name", "port", "protocol"],
                    name=_NAME,
                    port={"type": "integer"},
                    protocol={"enum": ["HTTP", "HTTPS", "TLS", "TCP", "UDP"]},
                    hostname=_HOST,
                    tls=_closed(
                        ["certificateRefs"],
                        mode={"enum": ["Terminate", "Passthrough"]},
                        certificateRefs={"type": "array", "items": _closed(["name"], name=_NAME)},
                    ),
                ),
            },
        ),
    ),
    "HTTPRoute": _custom(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        _closed(
            ["parentRefs", "rules"],
            parentRefs={"type": "array", "items": _closed(["name"], name=_NAME, sectionName=_NAME)},
            hostnames={"type": "array", "items": _HOST},
            rules={
                "type": "array",
                "items": _closed(
                    [],
                    matches={"type": "array", "items": _closed(["path"], path=_MATCH)},
                    backendRefs={
                        "type": "array",
                        "items": _closed(["name", "port"], name=_NAME, port={"type": "integer"}),
                    },
                    filters={
                        "type": "array",
                        "items": _closed(
                            ["type"],
                            type={"const": "RequestRedirect"},
                            requestRedirect=_closed(
                                [], scheme={"enum": ["http", "https"]}, statusCode={"enum": [301, 302]}
                            ),
                        ),
                    },
                ),
            },
        ),
    ),
}
"""Kinds that an operator or a controller brings: what of them is used here, as their references have it."""


class Judge:
    """Checks objects against Kubernetes' strict schemas and those in CUSTOM, each text once whatever its namespace."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def check(self, objects: Iterable[Object]) -> None:
        """kubernetes_validate.ValidationError or jsonschema.ValidationError for one that would not be taken."""
        for thing in objects:
            thing = {**thing, "metadata": {k: v for k, v in thing["metadata"].items() if k != "namespace"}}
            text = json.dumps(thing, sort_keys=True)
            if text in self._seen:
                continue
            if thing["kind"] in CUSTOM:
                jsonschema.validate(thing, CUSTOM[thing["kind"]])
            else:
                kubernetes_validate.validate(thing, kubernetes_validate.latest_version(), strict=True)
            self._seen.add(text)
