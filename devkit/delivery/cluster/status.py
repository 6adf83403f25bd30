"""What runs of an environment now: image, revision, pods with reasons, the migration, and the HPA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.delivery.cluster.deploy import Target
from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.objects import images_of, name_of
from devkit.delivery.cluster.pods import PodState, pod_state
from devkit.delivery.cluster.release_image import parse_reference
from devkit.delivery.cluster.workloads import WorkloadState, revision_of, workload_state


@dataclass(frozen=True)
class ReleaseStatus:
    """`status` is `serving`, `rolling`, `failing` or `none`; `migration` and `autoscaler` are texts, empty for none."""

    environment: str
    context: str
    image: str
    revision: int
    status: str
    workloads: Mapping[str, str]
    pods: tuple[PodState, ...]
    migration: str = ""
    autoscaler: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit deploy`, and more."""
        return {
            "environment": self.environment,
            "image": self.image or None,
            "revision": self.revision,
            "status": self.status,
            "pods": [pod.to_json() for pod in self.pods],
            "context": self.context,
            "workloads": dict(self.workloads),
            "migration": self.migration or None,
            "autoscaler": self.autoscaler or None,
        }


def release_status(target: Target) -> ReleaseStatus:
    """Look at the cluster; what was never released is `none`."""
    inside, wanted = target.inside, target.release.deployments
    there = [one for one in inside.items("deployments") if name_of(one) in wanted]
    there.sort(key=lambda one: wanted.index(name_of(one)))
    states = {name_of(one): workload_state(one) for one in there}
    pods = release_pods(inside, there)
    image = next((image for one in there[:1] for image in images_of(one)), "")
    return ReleaseStatus(
        target.overlay.environment,
        target.context.name,
        image,
        revision_of(there[0]) if there else 0,
        status_word(list(states.values()), pods),
        {name: state.text for name, state in states.items()},
        tuple(pods),
        _migration(inside, target, image) if there else "",
        _autoscaler(inside, wanted),
    )


def release_pods(inside: Kubectl, deployments: Sequence[Mapping[str, Any]]) -> list[PodState]:
    """The pods of some Deployments, those that are ending too."""
    selectors = [one["spec"]["selector"].get("matchLabels") or {} for one in deployments]
    found = []
    for pod in inside.items("pods") if selectors else []:
        labels = pod["metadata"].get("labels") or {}
        if any(selector.items() <= labels.items() for selector in selectors):
            found.append(pod_state(pod))
    return found


def status_word(states: Sequence[WorkloadState], pods: Sequence[PodState]) -> str:
    """How a release is, in one word."""
    if not states:
        return "none"
    if all(state.standing == "done" for state in states):
        return "serving"
    if any(state.standing == "failed" or state.trouble for state in states):
        return "failing"
    return "failing" if any(pod.trouble and pod.trouble.hope != "much" for pod in pods) else "rolling"


def _migration(inside: Kubectl, target: Target, image: str) -> str:
    """The Job that was called after the image which runs."""
    for job in target.release.part("migration"):
        base = name_of(job).removesuffix(f"-{target.release.image.short}")
        found = inside.find("job", f"{base}-{parse_reference(image).short}")
        if found is not None:
            return f"{name_of(found)}: {workload_state(found).text}"
    return ""


def _autoscaler(inside: Kubectl, wanted: Sequence[str]) -> str:
    for one in inside.items("horizontalpodautoscalers"):
        if one["spec"]["scaleTargetRef"]["name"] in wanted:
            return autoscaler_text(one)
    return ""


def autoscaler_text(one: Mapping[str, Any]) -> str:
    """`3 pods (3 to 10), cpu 41 % of 70 %`; where it cannot see the load, why."""
    spec, status = one["spec"], one.get("status") or {}
    text = f"{status.get('currentReplicas', 0)} pods ({spec.get('minReplicas', 1)} to {spec['maxReplicas']})"
    now = {
        metric["resource"]["name"]: metric["resource"]["current"].get("averageUtilization")
        for metric in status.get("currentMetrics") or ()
        if metric.get("type") == "Resource"
    }
    for metric in spec.get("metrics") or ():
        if metric.get("type") == "Resource":
            name, target = metric["resource"]["name"], metric["resource"]["target"].get("averageUtilization")
            text += f", {name} {now[name]} % of {target} %" if now.get(name) is not None else ""
    active: Mapping[str, Any] = next((c for c in status.get("conditions") or () if c["type"] == "ScalingActive"), {})
    if active.get("status") == "False":
        text += f", does not scale: {active.get('reason', '')}"
    return text
