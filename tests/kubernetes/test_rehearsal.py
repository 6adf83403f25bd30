"""The manifests on a real Kubernetes, with restricted Pod Security: they serve, migrate, work, and give way."""

from __future__ import annotations

import json

import pytest
from release import Shop

pytestmark = pytest.mark.kubernetes

REHEARSAL = "rehearsal"


def logs(shop: Shop, component: str) -> list[str]:
    """What its pods have said; nothing as long as one of them has not begun."""
    label = f"app.kubernetes.io/component={component}"
    return shop.inside(REHEARSAL, "logs", "--selector", label, "--tail", "-1", check=False).splitlines()


def test_the_namespace_is_held_to_restricted_pod_security(rehearsed: Shop) -> None:
    found = json.loads(rehearsed.node.kubectl("get", "namespace", rehearsed.namespace(REHEARSAL), "--output", "json"))
    assert found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_service_answers_and_a_page_reads_what_the_migration_made(rehearsed: Shop) -> None:
    assert rehearsed.get(REHEARSAL, "/up")
    first, second = (rehearsed.get(REHEARSAL, "/visits") for _ in range(2))
    assert first.endswith("visits</p>\n")
    assert int(second.split(">")[1].split()[0]) == int(first.split(">")[1].split()[0]) + 1


def test_every_line_that_a_collector_gets_of_a_server_is_json(rehearsed: Shop) -> None:
    rehearsed.get(REHEARSAL, "/said")
    read = [json.loads(line) for line in logs(rehearsed, "web") if line.startswith("{")]
    said = [line for line in read if line.get("message") == "said on purpose"]
    assert said and said[0]["level_name"] == "WARNING" and said[0]["context"] == {"what": "this"}
    asked = [line for line in read if line.get("msg") == "handled request"]
    assert any(line["request"]["uri"] == "/said" and line["status"] == 200 for line in asked)


def test_the_queue_worker_does_what_a_request_has_queued(rehearsed: Shop) -> None:
    assert rehearsed.get(REHEARSAL, "/queued") == "queued"
    assert rehearsed.project.until(lambda: any("done by the queue" in line for line in logs(rehearsed, "queue")), 30)


def test_the_schedule_runs_each_minute(rehearsed: Shop) -> None:
    assert rehearsed.project.until(lambda: any("scheduled" in line for line in logs(rehearsed, "scheduler")), 130)


def test_a_pod_that_is_deleted_answers_the_request_under_way_and_another_takes_its_place(rehearsed: Shop) -> None:
    (name, *_) = [pod["metadata"]["name"] for pod in rehearsed.pods(REHEARSAL)]
    address = next(pod["status"]["podIP"] for pod in rehearsed.pods(REHEARSAL) if pod["metadata"]["name"] == name)
    ask = ["exec", "deployment/laravel-queue", "--", "sh", "-c"]
    script = f"curl -fsS -m 20 http://{address}:8080/slow"
    rehearsed.inside(REHEARSAL, "delete", "pod", name, "--wait=false")
    assert rehearsed.inside(REHEARSAL, *ask, script) == "to the end"
    assert rehearsed.get(REHEARSAL, "/up")
    rehearsed.inside(REHEARSAL, "wait", "--for=delete", f"pod/{name}", "--timeout=60s")
    rehearsed.inside(REHEARSAL, "rollout", "status", "deployment/laravel", "--timeout=60s")


def test_a_node_that_is_drained_keeps_one_pod_for_the_budget_says_so(rehearsed: Shop) -> None:
    name = rehearsed.project.result["project"]
    try:
        said = rehearsed.node.kubectl(
            "drain", "node", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=25s",
            "--pod-selector", f"app.kubernetes.io/name={name},app.kubernetes.io/component=web", check=False,
        )  # fmt: skip
        ready = [pod for pod in rehearsed.pods(REHEARSAL) if not pod["metadata"].get("deletionTimestamp")]
        assert any(pod["status"]["phase"] == "Running" for pod in ready), said
        budget = json.loads(rehearsed.inside(REHEARSAL, "get", "pdb", "laravel", "--output", "json"))
        assert budget["status"]["disruptionsAllowed"] == 0
        assert rehearsed.get(REHEARSAL, "/up")
    finally:
        rehearsed.node.kubectl("uncordon", "node")
    rehearsed.inside(REHEARSAL, "rollout", "status", "deployment/laravel", "--timeout=120s")
