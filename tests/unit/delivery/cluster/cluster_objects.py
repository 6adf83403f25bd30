"""Objects as an API server has them, with the fields that devkit reads."""

from __future__ import annotations

from typing import Any


def pod(
    name: str,
    *,
    template: str = "aa",
    ready: bool = False,
    waiting: tuple[str, str] | None = None,
    terminated: dict[str, Any] | None = None,
    last: dict[str, Any] | None = None,
    restarts: int = 0,
    phase: str = "Pending",
    ending: bool = False,
    conditions: list[dict[str, Any]] | None = None,
    app: str = "laravel",
) -> dict[str, Any]:
    state: dict[str, Any] = {"running": {}}
    if waiting:
        state = {"waiting": {"reason": waiting[0], "message": waiting[1]}}
    if terminated:
        state = {"terminated": terminated}
    container = {"name": "app", "image": "shop:1", "ready": ready, "restartCount": restarts, "state": state}
    container["lastState"] = {"terminated": last} if last else {}
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {"app": app, "pod-template-hash": template},
            **({"deletionTimestamp": "2026-11-30T14:00:00Z"} if ending else {}),
        },
        "spec": {"containers": [{"name": "app", "image": "shop:1"}]},
        "status": {
            "phase": phase,
            "conditions": conditions or [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [container],
        },
    }


def deployment(
    name: str = "laravel",
    *,
    replicas: int = 2,
    updated: int = 2,
    total: int = 2,
    available: int = 2,
    generation: int = 1,
    observed: int = 1,
    revision: int = 1,
    conditions: list[dict[str, Any]] | None = None,
    image: str = "shop:1",
) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "generation": generation,
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
        },
        "status": {
            "observedGeneration": observed,
            "replicas": total,
            "updatedReplicas": updated,
            "availableReplicas": available,
            "conditions": conditions or [],
        },
    }


def replica_set(
    deployment: str,
    revision: int,
    template: str,
    *,
    image: str = "shop:1",
    former: str = "",
    annotations: dict[str, str] | None = None,
) -> dict[str, Any]:
    noted = {"deployment.kubernetes.io/revision": str(revision), **(annotations or {})}
    if former:
        noted["deployment.kubernetes.io/revision-history"] = former
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{deployment}-{template}",
            "creationTimestamp": f"2026-11-30T14:0{revision}:00Z",
            "labels": {"app": deployment, "pod-template-hash": template},
            "annotations": noted,
            "ownerReferences": [{"kind": "Deployment", "name": deployment, "uid": f"uid-{deployment}"}],
        },
        "spec": {"template": {"spec": {"containers": [{"image": image}]}}},
    }
