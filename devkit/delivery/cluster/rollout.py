"""Waiting until workloads are as they are wanted, with a line for each pod, and the reason where that fails."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.pods import PodState, Trouble, probe_trouble
from devkit.delivery.cluster.progress import Progress
from devkit.delivery.cluster.told import Mark, Told
from devkit.delivery.cluster.watching import watching
from devkit.project.errors import FailedError
from devkit.secrets.masking import Masker

_LOG_LINES = 15
_MOST_PODS = 3
"""The reasons of so many pods are told at length: the others' are the same."""


@dataclass(frozen=True)
class Patience:
    """How long a rollout may take (seconds), and how long a trouble that may yet go away."""

    deadline: float = 300.0
    trouble: float = 60.0


@dataclass(frozen=True)
class Rollout:
    """What came of it: the new pods, and where it did not get there why, by a pod's or a workload's name."""

    pods: tuple[PodState, ...]
    troubles: tuple[tuple[str, Trouble], ...] = ()
    why: str = ""
    has_failed: bool = False

    @property
    def is_done(self) -> bool:
        """Whether all of it is there."""
        return not self.why


def await_workloads(
    kubectl: Kubectl,
    kind: str,
    names: Sequence[str],
    told: Told,
    patience: Patience,
    *,
    image: str = "",
    old_gone: bool = False,
) -> Rollout:
    """Wait for Deployments, StatefulSets or Jobs of kubectl's namespace.

    With `old_gone` the pods before have to be gone, too. With `image` the Deployments are of a release: FailedError
    where somebody gives one another image meanwhile.
    """
    if not names:
        return Rollout(())
    progress = Progress(kind, names, patience.trouble)
    lines = _PodLines(told)
    kinds = [[f"{kind.lower()}s"], ["pods"], *([["replicasets"]] if kind == "Deployment" else [])]
    end = time.monotonic() + patience.deadline
    with watching(kubectl, *kinds) as watches:
        while True:
            now = time.monotonic()
            if progress.is_done() and not (old_gone and progress.has_old_pods()):
                return Rollout(tuple(progress.pods()))
            if progress.hopeless(now) or now >= end:
                return _failed(progress, over=now >= end, seconds=patience.deadline)
            look = progress.next_look(now)
            change = watches.next(min(end - now, look if look is not None else end - now))
            if change is None:
                continue
            progress.hear(change, time.monotonic())
            if image and (other := _other_release(progress, image)):
                raise FailedError(
                    f"somebody else released {other} while this release was rolled out; theirs goes on",
                    "devkit deploy history shows both",
                )
            lines.show(progress)


def why_not(kubectl: Kubectl, troubles: Sequence[tuple[str, Trouble]]) -> list[str]:
    """The reasons as lines, with what the kubelet and the container said last. Secrets are masked by their looks."""
    masker, lines = Masker(()), []
    for name, trouble in troubles[:_MOST_PODS]:
        lines.append(f"{name}: {trouble.text}")
        if trouble.container:
            lines += [f"  | {line}" for line in last_lines(kubectl, name, trouble)]
    if len(troubles) > _MOST_PODS:
        lines.append(f"and {len(troubles) - _MOST_PODS} more")
    return [masker.text(line) for line in lines]


def last_lines(kubectl: Kubectl, pod: str, trouble: Trouble) -> list[str]:
    """What a container said before it ended."""
    args = ["logs", pod, "--container", trouble.container, "--tail", str(_LOG_LINES)]
    done = kubectl.attempt(*args, *(["--previous"] if trouble.previous else []))
    return [line for line in done.out.splitlines() if line.strip()] if done.returncode == 0 else []


def with_events(kubectl: Kubectl, rollout: Rollout) -> Rollout:
    """The same with what events say of pods that are not ready and do not say why: a probe, a volume."""
    found = list(rollout.troubles)
    for state in rollout.pods:
        if state.ready or (state.trouble is not None and not state.trouble.may_be_a_probe):
            continue
        done = kubectl.json("get", "events", "--field-selector", f"involvedObject.name={state.name}")
        trouble = probe_trouble(sorted(done["items"], key=lambda event: str(event.get("lastTimestamp"))))
        if trouble is not None:
            found.append((state.name, trouble))
    return replace(rollout, troubles=tuple(found))


def _failed(progress: Progress, *, over: bool, seconds: float) -> Rollout:
    behind = {name: state for name, state in progress.states().items() if state.standing != "done"}
    texts = [f"{progress.kind} {name}: {state.text}" for name, state in behind.items()]
    why = "; ".join(texts) + (f" after {seconds:g} s" if over else "")
    has_failed = any(state.standing == "failed" for state in behind.values())
    return Rollout(tuple(progress.pods()), tuple(progress.troubles()), why, has_failed)


def _other_release(progress: Progress, image: str) -> str:
    for name in progress.names:
        images = progress.image_of(name)
        if images and image not in images:
            return images[-1]
    return ""


@dataclass
class _PodLines:
    """A line for each pod whenever its state is another one."""

    told: Told
    _shown: dict[str, str] = field(default_factory=dict)

    def show(self, progress: Progress) -> None:
        new = {state.name for state in progress.pods()}
        for state in progress.pods(new=False):
            is_old = state.name not in new
            if is_old and state.word != "ending":
                continue
            if self._shown.get(state.name) == state.word:
                continue
            self._shown[state.name] = state.word
            mark: Mark = "start"
            if state.word in ("ready", "done"):
                mark = "done"
            elif state.word == "ending":
                mark = "skipped"
            elif state.trouble is not None:
                mark = "failed" if state.trouble.hope != "much" else "start"
            said = f"{state.word}: {state.trouble.text}" if state.trouble else state.word
            self.told.mark(mark, f"{state.name} {said}")
