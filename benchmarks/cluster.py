"""A Laravel released to a one-node Kubernetes of its own, and clients with kept connections that count what fails."""

from __future__ import annotations

import http.client
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from measure import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests"))
sys.path.insert(0, str(REPOSITORY / "tests" / "kubernetes"))

from node import running_node
from release import Shop, made_shop

from devkit.engine.docker import find_docker

ENVIRONMENT = "rehearsal"
_SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: bench}
spec:
  type: NodePort
  selector: {app.kubernetes.io/name: %s, app.kubernetes.io/component: web}
  ports: [{port: 80, targetPort: http, nodePort: 30080}]
"""
PORT = 30080


@dataclass(frozen=True)
class Bench:
    """The release, and where this machine reaches its service."""

    shop: Shop
    address: str

    def kubectl(self, *arguments: str, input: str | None = None) -> str:
        return self.shop.inside(ENVIRONMENT, *arguments, input=input)

    def rolled_out(self) -> None:
        self.kubectl("rollout", "status", "deployment/laravel", "--timeout=300s")


@contextmanager
def released() -> Iterator[Bench]:
    """`devkit deploy local` on a node of its own; all of it goes with the block."""
    docker = find_docker()
    with tempfile.TemporaryDirectory(prefix="devkit-bench-") as name:
        directory = Path(name)
        with running_node(docker, directory) as node, made_shop(directory / "bench-release", node) as shop:
            done = shop.devkit("--json", "deploy", "local")
            if done.status:
                sys.exit(done.stderr[-3000:])
            bench = Bench(shop, node.address)
            bench.kubectl("apply", "--filename", "-", input=_SERVICE % shop.project.result["project"])
            until_answered(bench.address)
            yield bench


def until_answered(address: str, seconds: float = 60.0) -> None:
    """A node's rules for a new service come a moment after it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection(address, PORT, timeout=5)
            connection.request("GET", "/up")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the service does not answer")


@dataclass
class Clients:
    """So many threads, each with a kept connection that asks again as soon as it is answered.

    Whatever is not 200 counts as failed: another status, an answer cut short, a connection that is refused or was
    closed without being told. An answer that says `Connection: close` is obeyed.
    """

    address: str
    path: str
    connections: int = 8
    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Clients:
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(self.connections)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def requests(self) -> int:
        return len(self.latencies) + len(self.failures)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self.address, PORT, timeout=30)
        while not self._stop.is_set():
            began = time.perf_counter()
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(f"status {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
                time.sleep(0.05)
                continue
            self.latencies.append((time.perf_counter() - began) * 1000)
        connection.close()
