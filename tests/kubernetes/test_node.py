"""The tests' own Kubernetes: pods run, find each other by name, and are held to restricted Pod Security."""

from __future__ import annotations

import copy
import json
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from node import Node

pytestmark = pytest.mark.kubernetes

_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "answers", "labels": {"app": "answers"}},
    "spec": {
        "containers": [
            {
                "name": "redis",
                "image": "redis:8.0.6",
                "imagePullPolicy": "IfNotPresent",
                "readinessProbe": {"exec": {"command": ["redis-cli", "ping"]}, "periodSeconds": 1},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsNonRoot": True,
                    "runAsUser": 999,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            }
        ]
    },
}


@pytest.fixture
def namespace(cluster: Node) -> Iterator[str]:
    name = f"node-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
    try:
        yield name
    finally:
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def _apply(cluster: Node, namespace: str, pod: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["kubectl", "--namespace", namespace, "apply", "--filename", "-"],
        env=cluster.environment,
        input=json.dumps(pod),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_loaded_image_runs_in_a_pod_that_a_service_name_leads_to(cluster: Node, namespace: str) -> None:
    cluster.load("redis:8.0.6")
    assert _apply(cluster, namespace, _POD).returncode == 0
    cluster.kubectl("--namespace", namespace, "expose", "pod", "answers", "--port", "6379")
    cluster.kubectl("--namespace", namespace, "wait", "--for=condition=Ready", "pod/answers", "--timeout=60s")
    said = cluster.kubectl(
        "--namespace", namespace, "exec", "answers", "--", "getent", "hosts", f"answers.{namespace}.svc.cluster.local"
    )
    assert f"answers.{namespace}" in said


def test_a_pod_that_asks_for_more_than_restricted_is_refused(cluster: Node, namespace: str) -> None:
    pod = copy.deepcopy(_POD)
    del pod["spec"]["containers"][0]["securityContext"]
    done = _apply(cluster, namespace, pod)
    assert done.returncode != 0
    assert "violates PodSecurity" in done.stderr
