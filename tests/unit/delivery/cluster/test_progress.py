"""Changes as the watches bring them, and what is made of them."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import deployment, pod, replica_set

from devkit.delivery.cluster.progress import Progress
from devkit.delivery.cluster.watching import Change, events_in
from devkit.delivery.cluster.workloads import workload_state

pytestmark = pytest.mark.unit

BACK_OFF = ("ImagePullBackOff", "not found")
GOING = {"updated": 1, "total": 3, "available": 2, "generation": 2, "observed": 2, "revision": 2}


def heard(*objects: dict[str, Any], kind: str = "Deployment", names: tuple[str, ...] = ("laravel",)) -> Progress:
    progress = Progress(kind, names, patience=60)
    for one in objects:
        progress.hear(Change(False, one), now=100)
    return progress


def test_nothing_is_done_before_it_was_seen() -> None:
    assert not heard().is_done()


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ({}, "done"),
        ({"generation": 2, "observed": 1}, "going"),
        ({"updated": 1, "total": 3}, "going"),
        ({"total": 3}, "going"),
        ({"available": 1}, "going"),
        ({"replicas": 0, "updated": 0, "total": 0, "available": 0}, "done"),
        ({"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}, "failed"),
    ],
)
def test_a_deployment_is_done_when_all_its_pods_are_new_and_available(state: dict[str, Any], standing: str) -> None:
    assert workload_state(deployment(**state)).standing == standing


def test_only_pods_of_the_revision_that_is_wanted_are_new() -> None:
    progress = heard(
        deployment(**GOING),
        replica_set("laravel", 1, "aa"),
        replica_set("laravel", 2, "bb"),
        pod("old", template="aa", ready=True),
        pod("new", template="bb"),
        pod("another", template="bb", app="queue"),
    )
    assert [state.name for state in progress.pods()] == ["new"]
    assert [state.name for state in progress.pods(new=False)] == ["new", "old"]
    assert progress.has_old_pods()


def test_an_old_pods_trouble_is_no_trouble_of_the_release() -> None:
    progress = heard(
        deployment(**GOING),
        replica_set("laravel", 1, "aa"),
        replica_set("laravel", 2, "bb"),
        pod("old", template="aa", waiting=BACK_OFF),
    )
    assert progress.troubles() == []


def test_before_the_controller_has_seen_it_no_pod_is_new() -> None:
    progress = heard(
        deployment(generation=2, observed=1), replica_set("laravel", 1, "aa"), pod("old", waiting=BACK_OFF)
    )
    assert (progress.pods(), progress.troubles()) == ([], [])


def test_a_trouble_that_may_go_away_is_given_its_time() -> None:
    progress = heard(deployment(**GOING), replica_set("laravel", 2, "bb"), pod("new", template="bb", waiting=BACK_OFF))
    assert not progress.hopeless(now=159)
    assert progress.next_look(now=130) == 30
    assert progress.hopeless(now=160)
    progress.hear(Change(False, pod("new", template="bb", ready=True)), now=161)
    assert not progress.hopeless(now=300)


def test_a_trouble_that_does_not_is_the_end_at_once() -> None:
    progress = heard(
        deployment(**GOING),
        replica_set("laravel", 2, "bb"),
        pod("new", template="bb", waiting=("ErrImageNeverPull", "")),
    )
    assert progress.hopeless(now=100)


def test_pods_that_cannot_be_made_are_a_trouble_of_their_deployment() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": 'pods "a" is forbidden: exceeded quota: small'}
    progress = heard(deployment(**{**GOING, "conditions": [failure]}))
    assert [name for name, _ in progress.troubles()] == ["Deployment laravel"]
    assert progress.hopeless(now=160) and not progress.hopeless(now=159)


def test_a_pod_that_is_gone_is_forgotten() -> None:
    progress = heard(deployment(**GOING), replica_set("laravel", 2, "bb"), pod("new", template="bb", waiting=BACK_OFF))
    progress.hear(Change(True, pod("new", template="bb")), now=110)
    assert (progress.pods(), progress.next_look(now=110)) == ([], None)


def test_a_job_that_has_failed_is_the_end() -> None:
    job = {
        "kind": "Job",
        "metadata": {"name": "migrate"},
        "spec": {"selector": {"matchLabels": {"job": "1"}}},
        "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]},
    }
    progress = heard(job, kind="Job", names=("migrate",))
    assert progress.hopeless(now=100)
    assert progress.states()["migrate"].text == "BackoffLimitExceeded"


def test_a_stateful_set_is_done_when_its_pods_are_ready_and_new() -> None:
    status = {"observedGeneration": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "a"}
    one = {"kind": "StatefulSet", "metadata": {"name": "mysql", "generation": 1}, "spec": {}, "status": status}
    assert workload_state(one).standing == "done"
    assert workload_state({**one, "status": {**status, "updateRevision": "b"}}).standing == "going"
    assert workload_state({**one, "status": {**status, "readyReplicas": 0}}).standing == "going"


def test_the_events_of_a_watch_are_told_apart_however_they_are_printed() -> None:
    lines = '{\n    "type": "ADDED",\n    "object": {\n        "a": "}"\n    }\n}\n{"type":"DELETED","object":{}}\n{\n'
    assert [event["type"] for event in events_in(lines.splitlines(keepends=True))] == ["ADDED", "DELETED"]
