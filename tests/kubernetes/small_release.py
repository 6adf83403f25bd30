"""A release that is small enough to fail in many ways: Redis in the application's place, and a shell that migrates."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node import Node

REDIS = "redis:8.0.6"
REPOSITORY = "registry.example/team/small"

_SECURE = """
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            runAsNonRoot: true
            runAsUser: 999
            seccompProfile: {type: RuntimeDefault}
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, emptyDir: {}}]
"""

_WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: laravel}}
spec:
  replicas: 2
  progressDeadlineSeconds: {deadline}
  strategy: {{rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}}}
  selector: {{matchLabels: {{app: small, part: web}}}}
  template:
    metadata: {{labels: {{app: small, part: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: small-app
          imagePullPolicy: {pull}
          args: {serve}
          env: [{{name: KEY, valueFrom: {{secretKeyRef: {{name: small-secrets, key: {key}}}}}}}]
          readinessProbe: {{exec: {{command: [redis-cli, ping]}}, periodSeconds: 1}}{secure}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: laravel-queue}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: small, part: queue}}}}
  template:
    metadata: {{labels: {{app: small, part: queue}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: queue
          image: small-app
          imagePullPolicy: {pull}{secure}---
apiVersion: batch/v1
kind: Job
metadata: {{name: migrate}}
spec:
  backoffLimit: 0
  template:
    metadata: {{labels: {{app: small, part: migration}}}}
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: small-app
          imagePullPolicy: {pull}
          command: [sh, -c]
          args: [{migrate}]{secure}---
apiVersion: v1
kind: Service
metadata: {{name: laravel-service, annotations: {{note: {note}}}}}
spec:
  selector: {{app: small, part: web}}
  ports: [{{port: 80, targetPort: 6379}}]
---
apiVersion: v1
kind: Namespace
metadata:
  name: {namespace}
  labels: {{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}}
"""


@dataclass(frozen=True)
class Small:
    """A project with the overlay `staging`, and the digests of two images that the node has."""

    node: Node
    root: Path
    namespace: str
    images: tuple[str, str]

    def write(
        self,
        *,
        serve: str = "[redis-server, --save, '']",
        migrate: str = "echo migrated",
        key: str = "KEY",
        note: str = "a",
        deadline: int = 300,
        pull: str = "IfNotPresent",
    ) -> None:
        """Write the overlay anew; with a `deadline` in seconds the Deployment gives up sooner than devkit would."""
        directory = self.root / "kubernetes" / "overlays" / "staging"
        directory.mkdir(parents=True, exist_ok=True)
        text = _WORKLOADS.format(
            serve=serve,
            migrate=json.dumps(migrate),
            key=key,
            note=note,
            deadline=deadline,
            pull=pull,
            namespace=self.namespace,
            secure=_SECURE,
        )
        (directory / "all.yaml").write_text(text)
        images = f"images: [{{name: small-app, newName: {REPOSITORY}}}]\n"
        (directory / "kustomization.yaml").write_text(f"namespace: {self.namespace}\nresources: [all.yaml]\n{images}")

    def devkit(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """devkit in the project, for the cluster's administrator unless KUBECONFIG names somebody else."""
        return subprocess.run(
            [sys.executable, "-m", "devkit.entry", *words],
            cwd=self.root,
            env={**self.node.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def deploy(self, image: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.devkit("deploy", "staging", "--image", image, *words, **environment)

    def kubectl(self, *words: str) -> str:
        return self.node.kubectl("--namespace", self.namespace, *words)

    def get(self, *words: str) -> Any:
        return json.loads(self.kubectl("get", *words, "--output", "json"))

    def serving(self) -> dict[str, Any]:
        """What tells one state of the release from another: pods that serve, and what the others run."""
        pods = self.get("pods", "--selector", "part in (web,queue)")["items"]
        ready = [one for one in pods if _is_ready(one) and not one["metadata"].get("deletionTimestamp")]
        return {
            "pods": sorted(one["metadata"]["name"] for one in ready),
            "images": sorted({one["spec"]["containers"][0]["image"] for one in ready}),
            "note": self.get("service", "laravel-service")["metadata"]["annotations"]["note"],
        }


def _is_ready(pod: Any) -> bool:
    conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", ())}
    return conditions.get("Ready") == "True"
