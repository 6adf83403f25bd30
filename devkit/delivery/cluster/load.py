"""A load on a release while it is rolled: a pod of its own in the namespace, so that it works wherever the cluster is.

It runs load.php from a ConfigMap with the application's own image, under restricted Pod Security.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.delivery.cluster.deploy import Target
from devkit.delivery.cluster.kubectl import Kubectl, as_list
from devkit.delivery.cluster.objects import Object, Release, name_of, pod_spec
from devkit.delivery.cluster.pods import pod_state
from devkit.delivery.cluster.told import Told
from devkit.delivery.cluster.watching import watching
from devkit.project.errors import FailedError

NAME = "devkit-load"
_LABELS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/managed-by": "devkit"}
_SCRIPT = Path(__file__).with_name("load.php")
_START_SECONDS = 60.0
_LAST_SECONDS = 30.0
"""How long the load may take to end once it was asked to: a request may last ten."""


@dataclass(frozen=True)
class LoadOptions:
    """At least so many requests and so many seconds, over so many connections; `pause` is between a connection's own.

    `longest` ends a load that nobody stops, in seconds.
    """

    requests: int = 0
    seconds: float = 0.0
    connections: int = 4
    pause: float = 0.005
    longest: float = 3600.0


@dataclass(frozen=True)
class LoadResult:
    """What was counted; latencies in milliseconds, None where nothing was answered. `failures` holds the first ones."""

    requests: int
    failed: int
    seconds: float
    p50: float | None
    p99: float | None
    failures: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `devkit deploy local --json` prints it."""
        return {
            "requests": self.requests,
            "failed": self.failed,
            "seconds": self.seconds,
            "p50_ms": self.p50,
            "p99_ms": self.p99,
            "failures": [dict(one) for one in self.failures],
        }


class Load:
    """A load that runs; `finish` ends it and gives what it counted."""

    def __init__(self, inside: Kubectl, options: LoadOptions, told: Told) -> None:
        self._inside, self._options, self._told = inside, options, told
        self._began = time.monotonic()
        self._lines: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, name="load", daemon=True)

    def start(self) -> None:
        """Begin to hear it, and wait until requests have been answered."""
        self._thread.start()
        while True:
            line = self._next(_START_SECONDS)
            if line["requests"] > line["failed"]:
                return
            if line["failed"]:
                raise FailedError("no request of the load is answered", f"kubectl logs {NAME}")

    def finish(self) -> LoadResult:
        """Go on until there were requests and seconds enough, then stop. FailedError where its pod does not answer."""
        counted: Mapping[str, Any] = {"requests": 0}
        while not self._is_enough(counted):
            counted = self._next(_START_SECONDS)
            self._told.progress(f"{counted['requests']} requests, {counted['failed']} failed")
        self._inside.run("exec", NAME, "--", "php", "-r", 'touch("/tmp/stop");')
        while not counted.get("done"):
            counted = self._next(_LAST_SECONDS)
        return load_result(counted)

    def _is_enough(self, counted: Mapping[str, Any]) -> bool:
        return counted["requests"] >= self._options.requests and time.monotonic() - self._began >= self._options.seconds

    def _next(self, seconds: float) -> Mapping[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise FailedError(f"the load says nothing for {seconds:g} s", f"kubectl logs {NAME}") from None
        if line is None:
            raise FailedError("the load's pod has ended too early", f"kubectl describe pod {NAME}")
        return line

    def _read(self) -> None:
        def heard(line: str) -> None:
            with suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict) and "requests" in found:
                    self._lines.put(found)

        self._inside.stream("logs", NAME, "--follow", on_line=heard)
        self._lines.put(None)


@contextmanager
def under_load(target: Target, options: LoadOptions, told: Told) -> Iterator[Load]:
    """Have a load run for the block; its pod and whatever it needs are gone afterwards."""
    inside = target.inside
    service = _service(target.release)
    found = inside.json("get", "service", name_of(service))
    objects = load_objects(target.release, service, address_of(found), options)
    _remove(inside, objects, wait=True)
    try:
        inside.apply(objects)
        _await_running(inside)
        load = Load(inside, options, told)
        load.start()
        yield load
    finally:
        _remove(inside, objects, wait=False)


def load_result(counted: Mapping[str, Any]) -> LoadResult:
    """The result in the load's last line."""
    return LoadResult(
        int(counted["requests"]),
        int(counted["failed"]),
        float(counted["seconds"]),
        counted.get("p50"),
        counted.get("p99"),
        tuple(counted.get("failures") or ()),
    )


def address_of(service: Mapping[str, Any]) -> str:
    """Where a service answers inside the cluster: host and port. A headless one has only its name."""
    spec, metadata = service["spec"], service["metadata"]
    address = spec.get("clusterIP") or "None"
    host = f"{metadata['name']}.{metadata['namespace']}.svc" if address == "None" else address
    return f"[{host}]:{spec['ports'][0]['port']}" if ":" in host else f"{host}:{spec['ports'][0]['port']}"


def load_objects(release: Release, service: Object, address: str, options: LoadOptions) -> list[Object]:
    """The load's pod, its script, and policies that let it reach the application where policies are enforced."""

    def made(api: str, kind: str, name: str, **more: Any) -> Object:
        metadata = {"name": name, "namespace": release.namespace, "labels": _LABELS}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}

    from_load = [{"podSelector": {"matchLabels": _LABELS}}]
    reaches = {
        "podSelector": {"matchLabels": service["spec"]["selector"]},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": from_load}],
    }
    leaves = {"podSelector": {"matchLabels": _LABELS}, "policyTypes": ["Egress"], "egress": [{}]}
    return [
        made("v1", "ConfigMap", NAME, data={_SCRIPT.name: _SCRIPT.read_text(encoding="utf-8")}),
        made("networking.k8s.io/v1", "NetworkPolicy", f"{NAME}-in", spec=reaches),
        made("networking.k8s.io/v1", "NetworkPolicy", f"{NAME}-out", spec=leaves),
        made("v1", "Pod", NAME, spec=_pod(release, name_of(service), address, options)),
    ]


def _pod(release: Release, host: str, address: str, options: LoadOptions) -> dict[str, Any]:
    """As whom the application's pods run, this one runs."""
    serving = next(one for one in release.of_kind("Deployment") if name_of(one) == release.deployments[0])
    environment = {
        "TARGET": address,
        "HOST": host,
        "CONNECTIONS": str(options.connections),
        "SECONDS": f"{options.longest:g}",
        "PAUSE": f"{options.pause:g}",
    }
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {
            **(pod_spec(serving).get("securityContext") or {}),
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "load",
                "image": release.image.reference,
                "imagePullPolicy": "IfNotPresent",
                # Not through the entrypoint: it prepares the application, and wants its secrets.
                "command": ["php", "-d", "memory_limit=512M", f"/load/{_SCRIPT.name}"],
                "env": [{"name": name, "value": value} for name, value in environment.items()],
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}},
                "volumeMounts": [
                    {"name": "script", "mountPath": "/load", "readOnly": True},
                    {"name": "tmp", "mountPath": "/tmp"},
                ],
            }
        ],
        "volumes": [{"name": "script", "configMap": {"name": NAME}}, {"name": "tmp", "emptyDir": {}}],
    }


def _service(release: Release) -> Object:
    """The Service in front of the Deployment that serves."""
    deployments = {name_of(one): one for one in release.of_kind("Deployment")}
    for name in release.deployments[:1]:
        labels = (deployments[name]["spec"]["template"].get("metadata") or {}).get("labels") or {}
        for service in release.of_kind("Service"):
            selector = service["spec"].get("selector") or {}
            if selector and selector.items() <= labels.items():
                return service
    raise FailedError("no Service stands before the application: nothing can be asked", "give the overlay one")


def _await_running(inside: Kubectl) -> None:
    end = time.monotonic() + _START_SECONDS
    with watching(inside, ["pods", NAME]) as watches:
        while True:
            change = watches.next(end - time.monotonic())
            if change is None:
                raise FailedError(f"the load's pod does not start within {_START_SECONDS:g} s", "kubectl get pods")
            state = pod_state(change.object)
            if (change.object.get("status") or {}).get("phase") == "Running":
                return
            if state.trouble is not None and state.trouble.hope == "none":
                raise FailedError(f"the load's pod does not start: {state.trouble.text}", "kubectl get pods")


def _remove(inside: Kubectl, objects: list[Object], *, wait: bool) -> None:
    how = ["--wait"] if wait else ["--wait=false"]
    inside.run("delete", "--ignore-not-found", *how, "--filename", "-", input=as_list(objects))
