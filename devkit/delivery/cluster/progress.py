"""What is known of workloads and their pods while they are waited for: changes come in, a verdict comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devkit.delivery.cluster.objects import images_of, name_of
from devkit.delivery.cluster.pods import PodState, Trouble, pod_state
from devkit.delivery.cluster.watching import Change
from devkit.delivery.cluster.workloads import REVISION, WorkloadState, revision_of, workload_state


@dataclass
class Progress:
    """Workloads of one kind, by name, with what the watches said of them; `now` is in seconds, from any beginning.

    `patience` is how long a trouble may last that somebody may yet mend (an operator that brings a Secret).
    """

    kind: str
    names: Sequence[str]
    patience: float
    _workloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _pods: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _replica_sets: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def hear(self, change: Change, now: float) -> None:
        """Take up a change."""
        one = change.object
        kept = {"Pod": self._pods, "ReplicaSet": self._replica_sets}.get(one["kind"], self._workloads)
        if change.deleted:
            kept.pop(name_of(one), None)
            self._since.pop(name_of(one), None)
            return
        kept[name_of(one)] = one
        if one["kind"] == "Pod":
            state = pod_state(one)
            if state.trouble is not None:
                self._since.setdefault(state.name, now)
            elif state.ready:
                self._since.pop(state.name, None)
        elif one["kind"] == self.kind:
            if workload_state(one).trouble is not None:
                self._since.setdefault(self._key(name_of(one)), now)
            else:
                self._since.pop(self._key(name_of(one)), None)

    def states(self) -> dict[str, WorkloadState]:
        """How far each workload is; one that was not heard of yet is going."""
        unseen = WorkloadState("going", "not seen yet")
        return {
            name: workload_state(self._workloads[name]) if name in self._workloads else unseen for name in self.names
        }

    def is_done(self) -> bool:
        """Whether all are as they are wanted, and their pods were seen to be ready: another watch brings that."""
        if any(state.standing != "done" for state in self.states().values()):
            return False
        return self.kind == "Job" or all(self._ready(name) >= self._wanted(name) for name in self.names)

    def pods(self, *, new: bool = True) -> list[PodState]:
        """The pods of these workloads, or with `new` only those of the revision that is wanted now."""
        found = [pod_state(pod) for pod in self._pods.values() if self._owner(pod, new=new) is not None]
        return sorted(found, key=lambda state: state.name)

    def has_old_pods(self) -> bool:
        """Whether pods of a revision before are there still, ending ones too."""
        return len(self.pods(new=False)) > len(self.pods())

    def troubles(self) -> list[tuple[str, Trouble]]:
        """What keeps workloads and their new pods, by a name to say: `Deployment laravel`, or a pod's name."""
        own = [(f"{self.kind} {name}", state.trouble) for name, state in self.states().items()]
        found = [(title, trouble) for title, trouble in own if trouble is not None]
        return found + [(state.name, state.trouble) for state in self.pods() if state.trouble is not None]

    def hopeless(self, now: float) -> bool:
        """Whether waiting on does not help: a workload has failed, or a trouble lasts longer than it may."""
        if any(state.standing == "failed" for state in self.states().values()):
            return True
        return any(
            trouble.hope == "none" or (trouble.hope == "some" and now - self._since.get(name, now) >= self.patience)
            for name, trouble in self.troubles()
        )

    def next_look(self, now: float) -> float | None:
        """In how many seconds a trouble has lasted too long; None where there is none that may."""
        since = [self._since.get(name, now) for name, trouble in self.troubles() if trouble.hope == "some"]
        return max(0.0, min(since) + self.patience - now) if since else None

    def image_of(self, name: str) -> tuple[str, ...]:
        """The images that a workload's pods shall run now; none where it was not heard of."""
        return tuple(images_of(self._workloads[name])) if name in self._workloads else ()

    def _wanted(self, name: str) -> int:
        return int(self._workloads[name]["spec"].get("replicas", 1))

    def _ready(self, name: str) -> int:
        own = [pod for pod in self._pods.values() if self._owner(pod, new=True) == name]
        return sum(pod_state(pod).ready for pod in own)

    def _key(self, name: str) -> str:
        return f"{self.kind} {name}"

    def _owner(self, pod: Mapping[str, Any], *, new: bool) -> str | None:
        labels = pod["metadata"].get("labels") or {}
        for name in self.names:
            workload = self._workloads.get(name)
            if workload is None:
                continue
            selector = (workload["spec"].get("selector") or {}).get("matchLabels") or {}
            if selector.items() <= labels.items() and (not new or self._is_new(workload, labels)):
                return name
        return None

    def _is_new(self, workload: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
        """A Deployment's pods are new if they are of the ReplicaSet that has its revision."""
        if workload["kind"] != "Deployment":
            return True
        status = workload.get("status") or {}
        if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
            return False
        wanted = revision_of(workload)
        return any(
            int((one["metadata"].get("annotations") or {}).get(REVISION, -1)) == wanted
            and _is_owned(one, workload)
            and (one["metadata"].get("labels") or {}).get("pod-template-hash") == labels.get("pod-template-hash")
            for one in self._replica_sets.values()
        )


def _is_owned(one: Mapping[str, Any], by: Mapping[str, Any]) -> bool:
    owners = one["metadata"].get("ownerReferences") or ()
    return any(owner.get("uid") == by["metadata"].get("uid") for owner in owners)
