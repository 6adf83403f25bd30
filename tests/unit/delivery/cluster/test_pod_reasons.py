"""The kubelet's, the scheduler's and the controllers' words, made into a person's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cluster_objects import pod

from devkit.delivery.cluster.pods import pod_state, probe_trouble, refused_pods, trouble_of

pytestmark = pytest.mark.unit

NOT_SCHEDULED = (
    "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1 nodes are available"
)


@pytest.mark.parametrize(
    ("waiting", "text", "hope"),
    [
        (
            (
                "ImagePullBackOff",
                'Back-off pulling image "registry.example/shop@sha256:ab": ErrImagePull: failed to resolve reference:'
                " registry.example/shop@sha256:ab: not found",
            ),
            "the image shop:1 cannot be pulled: the registry does not have it",
            "some",
        ),
        (
            ("ErrImagePull", "failed to authorize: failed to fetch oauth token: 403 Forbidden"),
            "the image shop:1 cannot be pulled: the registry does not let the cluster in (imagePullSecrets?)",
            "some",
        ),
        (
            ("ErrImageNeverPull", 'Container image "shop:1" is not present with pull policy of Never'),
            "the node does not have the image shop:1, and may not pull it",
            "none",
        ),
        (("InvalidImageName", "couldn't parse image name"), "shop:1 is no image's name", "none"),
        (
            ("CreateContainerConfigError", 'secret "laravel-secrets" not found'),
            "the Secret laravel-secrets is not there",
            "some",
        ),
        (
            ("CreateContainerConfigError", 'configmap "laravel-settings" not found'),
            "the ConfigMap laravel-settings is not there",
            "some",
        ),
        (
            ("CreateContainerConfigError", "couldn't find key APP_KEY in Secret shop/laravel-secrets"),
            "the Secret laravel-secrets has no key APP_KEY",
            "some",
        ),
        (
            ("CreateContainerConfigError", "container has runAsNonRoot and image will run as root (pod: …)"),
            "the image runs as root, and runAsNonRoot forbids it",
            "none",
        ),
        (("RunContainerError", "mount failed"), "mount failed", "some"),
    ],
)
def test_a_container_that_waits_says_for_what(waiting: tuple[str, str], text: str, hope: str) -> None:
    found = trouble_of(pod("laravel-1", waiting=waiting))
    assert found is not None
    assert (found.text, found.hope) == (text, hope)


def test_a_container_that_only_starts_has_no_trouble() -> None:
    state = pod_state(pod("laravel-1", waiting=("ContainerCreating", "")))
    assert (state.word, state.trouble, state.ready) == ("starting", None, False)
    assert state.to_json() == {"name": "laravel-1", "ready": False, "reason": None}


def test_a_crash_is_told_with_its_status_and_after_three_there_is_no_hope() -> None:
    last = {"exitCode": 255, "reason": "Error"}
    first = pod("laravel-1", waiting=("CrashLoopBackOff", "back-off"), last=last, restarts=1)
    third = pod("laravel-1", waiting=("CrashLoopBackOff", "back-off"), last=last, restarts=3)
    for one, text, hope in ((first, "1 restart", "some"), (third, "3 restarts", "none")):
        found = trouble_of(one)
        assert found is not None
        assert (found.reason, found.hope, found.container, found.previous) == ("CrashLoopBackOff", hope, "app", True)
        assert found.text == f"app ended with status 255, {text}"


def test_a_container_that_was_started_again_may_become_ready() -> None:
    found = trouble_of(pod("laravel-1", last={"exitCode": 1, "reason": "Error"}, restarts=1))
    assert found is not None
    assert found.hope == "much"


@pytest.mark.parametrize("state", ["last", "terminated"])
def test_too_little_memory_is_called_so(state: str) -> None:
    ended: dict[str, Any] = {state: {"exitCode": 137, "reason": "OOMKilled"}}
    waiting = ("CrashLoopBackOff", "") if state == "last" else None
    found = trouble_of(pod("laravel-1", waiting=waiting, restarts=1, **ended))
    assert found is not None
    assert found.reason == "OOMKilled"
    assert found.text == "app needed more memory than its limit and was killed, 1 restart"
    assert not found.may_be_a_probe


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (NOT_SCHEDULED, "no node has enough cpu and memory for it"),
        (
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
            "its volume claim is not bound: no StorageClass makes a volume for it",
        ),
        ("0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.", "no node takes it: 0/1 nodes are"),
    ],
)
def test_what_no_node_takes_says_why(message: str, text: str) -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    found = trouble_of(pod("laravel-1", conditions=[condition]))
    assert found is not None
    assert found.text.startswith(text)
    assert found.hope == "much"


def test_the_failing_probe_is_read_from_the_events() -> None:
    events = [
        {"reason": "Scheduled", "message": "assigned"},
        {"reason": "Unhealthy", "message": "Readiness probe failed: HTTP probe failed with statuscode: 500"},
    ]
    found = probe_trouble(events)
    assert found is not None
    assert found.text == "Readiness probe failed: HTTP probe failed with statuscode: 500"
    assert probe_trouble(events[:1]) is None


@pytest.mark.parametrize(
    ("message", "reason", "text"),
    [
        (
            'pods "laravel-a-" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
            "PodSecurity",
            'the namespace\'s Pod Security refuses its pods: violates PodSecurity "restricted:latest": runAsNonRoot',
        ),
        (
            'pods "laravel-a-" is forbidden: exceeded quota: small, requested: limits.cpu=1, used: 1, limited: 1',
            "QuotaExceeded",
            "the namespace's quota is used up: exceeded quota: small",
        ),
        ("admission webhook denied the request", "FailedCreate", "the server refuses its pods: admission webhook"),
    ],
)
def test_what_keeps_a_deployment_from_making_pods(message: str, reason: str, text: str) -> None:
    found = refused_pods(message)
    assert found.reason == reason
    assert found.text.startswith(text)


def test_a_pod_that_ends_is_not_in_trouble() -> None:
    state = pod_state(pod("laravel-1", ending=True, terminated={"exitCode": 143, "reason": "Error"}))
    assert (state.word, state.trouble) == ("ending", None)


def test_what_a_container_wrote_cannot_reach_the_terminal_as_it_is() -> None:
    found = trouble_of(pod("laravel-1", waiting=("RunContainerError", "a\x1b[2J\nb")))
    assert found is not None
    assert found.text == "a b"


RECORDED = json.loads(Path(__file__).with_name("recorded_pods.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "reason", "text", "hope"),
    [
        ("as-root", "CreateContainerConfigError", "the image runs as root, and runAsNonRoot forbids it", "none"),
        ("bad-name", "InvalidImageName", "Shop:1:2 is no image's name", "none"),
        ("claims", "Unschedulable", "its volume claim is not bound: no StorageClass makes a volume for it", "much"),
        ("crashes", "CrashLoopBackOff", "app ended with status 3, 3 restarts", "none"),
        ("key-missing", "CreateContainerConfigError", "the Secret keys has no key NOT", "some"),
        ("map-missing", "CreateContainerConfigError", "the ConfigMap nowhere is not there", "some"),
        ("secret-missing", "CreateContainerConfigError", "the Secret nowhere is not there", "some"),
        ("never-pulled", "ErrImageNeverPull", "the node does not have the image nowhere/shop:1", "none"),
        ("no-program", "RunContainerError", "the image has no program nowhere", "none"),
        (
            "not-pulled",
            "ErrImagePull",
            "the image registry.nowhere.example/shop:1 cannot be pulled: its registry is known to no name server",
            "some",
        ),
        ("out-of-memory", "OOMKilled", "app needed more memory than its limit and was killed, 2 restarts", "some"),
        ("too-large", "Unschedulable", "no node has enough cpu and memory for it", "much"),
    ],
)
def test_what_a_real_cluster_says_of_a_pod_is_understood(name: str, reason: str, text: str, hope: str) -> None:
    one = next(pod for pod in RECORDED["pods"] if pod["metadata"]["name"] == name)
    state = pod_state(one)
    assert not state.ready
    assert state.trouble is not None
    assert (state.trouble.reason, state.trouble.hope) == (reason, hope)
    assert state.trouble.text.startswith(text)


def test_a_real_pod_whose_probe_fails_is_only_told_by_its_events() -> None:
    one = next(pod for pod in RECORDED["pods"] if pod["metadata"]["name"] == "probed")
    assert pod_state(one).word == "starting"
    found = probe_trouble(RECORDED["events"])
    assert found is not None
    assert found.text.startswith('Readiness probe failed: Get "http://')
