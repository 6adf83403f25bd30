"""Why a pod does not start, read from what the cluster says of it: the kubelet's words made into a person's."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from devkit.logs.escapes import one_line

Hope = Literal["none", "some", "much"]
"""Whether waiting may help: not at all, for a short time (an operator may bring a Secret), or until the deadline."""

_IMAGE = frozenset({"ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"})
_KILLED = 128 + signal.SIGKILL
_RESTARTS = 3
"""A container that ended so often (after 10, 20 and 40 s of waiting) ends the next time as well."""

_MISSING = re.compile(r'(?P<kind>secret|configmap) "(?P<name>[^"]+)" not found')
_MISSING_KEY = re.compile(r"couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?:\S+/)?(?P<name>\S+)")
_ROOT = re.compile(r"container has runAsNonRoot and image will run as root|non-numeric user")
_NO_PROGRAM = re.compile(r'exec: "(?P<name>[^"]+)": (?:executable file not found|stat .*no such file)')
_MOST = 300


@dataclass(frozen=True)
class Trouble:
    """Why a pod is not ready. `reason` is Kubernetes' own word, `text` says it; `container` has logs, if any has.

    `previous` says that its words before the last restart are meant.
    """

    reason: str
    text: str
    hope: Hope = "much"
    container: str = ""
    previous: bool = False
    exit_code: int | None = None

    @property
    def may_be_a_probe(self) -> bool:
        """Whether somebody ended the container: a probe's events say why."""
        return self.exit_code in (0, 128 + signal.SIGKILL, 128 + signal.SIGTERM) and self.reason != "OOMKilled"


@dataclass(frozen=True)
class PodState:
    """A pod as it is now: `word` is `ready`, `starting`, `ending`, `done` or the reason of its trouble."""

    name: str
    ready: bool
    word: str
    trouble: Trouble | None = None
    template: str = ""
    image: str = ""

    def to_json(self) -> dict[str, Any]:
        """As `devkit deploy --json` has it; `reason` is null where there is nothing to say."""
        return {"name": self.name, "ready": self.ready, "reason": self.trouble.reason if self.trouble else None}


def pod_state(pod: Mapping[str, Any]) -> PodState:
    """A pod's state from its object."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    conditions = {one["type"]: one for one in status.get("conditions") or ()}
    ready = conditions.get("Ready", {}).get("status") == "True"
    trouble = None if ready else trouble_of(pod)
    if metadata.get("deletionTimestamp"):
        word, trouble, ready = "ending", None, False
    elif ready:
        word = "ready"
    elif status.get("phase") == "Succeeded" or _has_ended(status):
        word, trouble = "done", None
    else:
        word = trouble.reason if trouble else "starting"
    labels = metadata.get("labels") or {}
    containers = pod["spec"].get("containers") or [{}]
    return PodState(
        metadata["name"], ready, word, trouble, labels.get("pod-template-hash", ""), containers[0].get("image", "")
    )


def trouble_of(pod: Mapping[str, Any]) -> Trouble | None:
    """Why a pod does not get ready; None where it is only starting."""
    status = pod.get("status") or {}
    if status.get("reason") == "Evicted":
        return Trouble("Evicted", f"the node threw it out: {_short(status.get('message'))}", "some")
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return _unscheduled(condition.get("reason", "Unschedulable"), str(condition.get("message", "")))
    return next((found for one in _container_states(status) if (found := _of_container(one))), None)


def probe_trouble(events: Iterable[Mapping[str, Any]]) -> Trouble | None:
    """What a pod's events say where its own state says nothing: a probe that fails, a volume that cannot be mounted."""
    found = None
    for event in events:
        reason, message = event.get("reason", ""), str(event.get("message", ""))
        if reason == "Unhealthy":
            found = Trouble("Unhealthy", _short(message))
        elif reason in ("FailedMount", "FailedAttachVolume"):
            found = Trouble(reason, _missing_words(message) or _short(message), "some")
        elif reason in ("FailedCreatePodSandBox", "NetworkNotReady"):
            found = Trouble(reason, f"the node cannot prepare it: {_short(message)}", "some")
    return found


def refused_pods(message: str) -> Trouble:
    """Why a Deployment cannot even make its pods: a quota, Pod Security, a webhook or a limit."""
    text = _short(message.partition(" is forbidden: ")[2] or message)
    if "violates PodSecurity" in message:
        return Trouble("PodSecurity", f"the namespace's Pod Security refuses its pods: {text}", "none")
    if "exceeded quota" in message:
        return Trouble("QuotaExceeded", f"the namespace's quota is used up: {text}", "some")
    return Trouble("FailedCreate", f"the server refuses its pods: {text}", "some")


def _container_states(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def _has_ended(status: Mapping[str, Any]) -> bool:
    """Whether each container has ended well, which a pod's phase says a moment later."""
    ended = [(one.get("state") or {}).get("terminated") for one in status.get("containerStatuses") or ()]
    return bool(ended) and all(one is not None and one.get("exitCode") == 0 for one in ended)


def _of_container(container: Mapping[str, Any]) -> Trouble | None:
    name, restarts = container["name"], int(container.get("restartCount", 0))
    state, last = container.get("state") or {}, (container.get("lastState") or {}).get("terminated") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    reason, message = waiting.get("reason", ""), str(waiting.get("message", ""))
    if reason in _IMAGE:
        return _image(reason, message, str(container.get("image", "")))
    if reason in ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"):
        return _configuration(reason, message)
    if reason == "CrashLoopBackOff" or (last and not container.get("ready")):
        text = _ending(name, last or ended, restarts)
        return Trouble(
            "OOMKilled" if _is_out_of_memory(last or ended) else "CrashLoopBackOff",
            text,
            "none" if restarts >= _RESTARTS else "some" if reason or ended else "much",
            name,
            previous=bool(last) and not ended,
            exit_code=(last or ended).get("exitCode"),
        )
    if ended and ended.get("exitCode", 0) != 0:
        reason = "OOMKilled" if _is_out_of_memory(ended) else str(ended.get("reason") or "Error")
        return Trouble(reason, _ending(name, ended, restarts), "some", name, exit_code=ended.get("exitCode"))
    return None


def _image(reason: str, message: str, image: str) -> Trouble:
    if reason == "InvalidImageName":
        return Trouble(reason, f"{image} is no image's name", "none")
    if reason == "ErrImageNeverPull":
        return Trouble(reason, f"the node does not have the image {image}, and may not pull it", "none")
    why = "the registry does not let the cluster in (imagePullSecrets?)" if _is_denied(message) else _short(message)
    if "not found" in message or "manifest unknown" in message:
        why = "the registry does not have it"
    elif "no such host" in message:
        why = "its registry is known to no name server"
    elif "connection refused" in message or "i/o timeout" in message:
        why = "its registry does not answer"
    return Trouble(reason, f"the image {image} cannot be pulled: {why or 'see the registry'}", "some")


def _is_denied(message: str) -> bool:
    return re.search(r"unauthorized|authorization failed|denied|403 Forbidden|401", message, re.IGNORECASE) is not None


def _configuration(reason: str, message: str) -> Trouble:
    if words := _missing_words(message):
        return Trouble(reason, words, "some")
    if match := _NO_PROGRAM.search(message):
        return Trouble(reason, f"the image has no program {match['name']}", "none")
    if _ROOT.search(message):
        return Trouble(reason, "the image runs as root, and runAsNonRoot forbids it", "none")
    return Trouble(reason, _short(message) or "the container cannot be made", "some")


def _missing_words(message: str) -> str:
    if match := _MISSING_KEY.search(message):
        return f"the {match['kind']} {match['name']} has no key {match['key']}"
    if match := _MISSING.search(message):
        kind = {"secret": "Secret", "configmap": "ConfigMap"}[match["kind"]]
        return f"the {kind} {match['name']} is not there"
    return ""


def _ending(name: str, ended: Mapping[str, Any], restarts: int) -> str:
    times = f", {restarts} restarts" if restarts > 1 else ", 1 restart" if restarts else ""
    if _is_out_of_memory(ended):
        return f"{name} needed more memory than its limit and was killed{times}"
    code = ended.get("exitCode")
    if code is None:
        return f"{name} ends as soon as it starts{times}"
    ended_by = f" (signal {ended['signal']})" if ended.get("signal") else " (killed)" if code == _KILLED else ""
    return f"{name} ended with status {code}{ended_by}{times}"


def _is_out_of_memory(ended: Mapping[str, Any]) -> bool:
    return ended.get("reason") == "OOMKilled"


def _unscheduled(reason: str, message: str) -> Trouble:
    if reason == "SchedulingGated":
        return Trouble(reason, "something holds it back from every node (a scheduling gate)")
    lacks = [f"{word}" for word in ("cpu", "memory", "ephemeral-storage") if f"Insufficient {word}" in message]
    if lacks:
        return Trouble("Unschedulable", f"no node has enough {' and '.join(lacks)} for it: {_short(message)}")
    if "unbound immediate PersistentVolumeClaims" in message:
        return Trouble("Unschedulable", "its volume claim is not bound: no StorageClass makes a volume for it")
    return Trouble("Unschedulable", f"no node takes it: {_short(message)}")


def _short(message: object) -> str:
    text = one_line(str(message or ""))
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
