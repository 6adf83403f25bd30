"""How far a Deployment, a StatefulSet or a Job is, by its own status: the rules are `kubectl rollout status`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from devkit.delivery.cluster.pods import Trouble, refused_pods

Standing = Literal["done", "going", "failed"]

REVISION = "deployment.kubernetes.io/revision"
_DEADLINE = "ProgressDeadlineExceeded"


@dataclass(frozen=True)
class WorkloadState:
    """Whether it is done, still going or failed; `text` says how far it is; `trouble` why it cannot make its pods."""

    standing: Standing
    text: str
    trouble: Trouble | None = None


def workload_state(found: Mapping[str, Any]) -> WorkloadState:
    """The state of any of the three."""
    return {"Deployment": _deployment, "StatefulSet": _stateful_set, "Job": _job}[found["kind"]](found)


def revision_of(deployment: Mapping[str, Any]) -> int:
    """The revision of a Deployment; 0 where its controller has not seen it yet."""
    return int((deployment["metadata"].get("annotations") or {}).get(REVISION, 0))


def _deployment(found: Mapping[str, Any]) -> WorkloadState:
    status, wanted = found.get("status") or {}, int(found["spec"].get("replicas", 1))
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return WorkloadState("going", "not seen by its controller yet")
    conditions = {one["type"]: one for one in status.get("conditions") or ()}
    progressing, failure = conditions.get("Progressing", {}), conditions.get("ReplicaFailure", {})
    trouble = refused_pods(str(failure.get("message", ""))) if failure.get("status") == "True" else None
    updated, total = int(status.get("updatedReplicas", 0)), int(status.get("replicas", 0))
    available = int(status.get("availableReplicas", 0))
    text = f"{available} of {wanted} new pods available" if updated >= wanted else f"{updated} of {wanted} pods are new"
    if progressing.get("reason") == _DEADLINE:
        return WorkloadState("failed", f"{text} when its time was over", trouble)
    if updated < wanted:
        return WorkloadState("going", text, trouble)
    if total > updated:
        return WorkloadState("going", f"{total - updated} old pods are ending", trouble)
    return WorkloadState("done" if available >= updated else "going", text, trouble)


def _stateful_set(found: Mapping[str, Any]) -> WorkloadState:
    status, wanted = found.get("status") or {}, int(found["spec"].get("replicas", 1))
    if status.get("observedGeneration", 0) < found["metadata"].get("generation", 0):
        return WorkloadState("going", "not seen by its controller yet")
    ready, updated = int(status.get("readyReplicas", 0)), int(status.get("updatedReplicas", 0))
    rolls = (found["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate"
    is_new = not rolls or status.get("currentRevision") == status.get("updateRevision") or updated >= wanted
    text = f"{ready} of {wanted} pods ready"
    return WorkloadState("done" if ready >= wanted and is_new else "going", text)


def _job(found: Mapping[str, Any]) -> WorkloadState:
    status = found.get("status") or {}
    conditions = {one["type"]: one for one in status.get("conditions") or () if one.get("status") == "True"}
    if "Complete" in conditions:
        return WorkloadState("done", "complete")
    if "Failed" in conditions:
        failed = conditions["Failed"]
        return WorkloadState("failed", str(failed.get("message") or failed.get("reason") or "failed"))
    return WorkloadState("going", "running" if status.get("active") else "starting")
