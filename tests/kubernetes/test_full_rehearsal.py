"""Staging as in a data centre: Traefik with TLS before it, its claims provided for, and autoscaled by its metrics.

Compiling the parts takes a quarter of an hour, so this is run when asked for: `tests/run -m full`.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from environments import edit, namespace_with_secret
from node import Node
from parts import INGRESS_PORT, install_parts, provide_parts
from release import Shop

pytestmark = [pytest.mark.kubernetes, pytest.mark.full]

ENVIRONMENT = "staging"


@pytest.fixture(scope="module")
def data_centre(cluster: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The node with an ingress controller, metrics and a provisioner."""
    provide_parts(cluster.docker)
    install_parts(cluster, tmp_path_factory.mktemp("parts"))
    return cluster


class Browser:
    """HTTPS by the ingress, to a host whose certificate is its own authority's."""

    def __init__(self, node: Node, host: str, certificate: Path) -> None:
        self._address, self._host = node.address, host
        self._trust = ssl.create_default_context(cafile=str(certificate))

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        plain = socket.create_connection((self._address, INGRESS_PORT), timeout=20)
        connection = http.client.HTTPSConnection(self._host, context=self._trust)
        connection.sock = self._trust.wrap_socket(plain, server_hostname=self._host)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def test_staging_serves_by_https_on_claims_and_grows_under_load(
    data_centre: Node, shop: Shop, pushed: str, tmp_path: Path
) -> None:
    host = f"{shop.project.result['project']}-staging.example.com"
    key, certificate = tmp_path / "tls.key", tmp_path / "tls.crt"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}"]
    subprocess.run(
        [*made, "-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    edit(shop, ENVIRONMENT, ("hpa",))
    with namespace_with_secret(shop, ENVIRONMENT):
        shop.inside(ENVIRONMENT, "create", "secret", "tls", "laravel-tls", f"--cert={certificate}", f"--key={key}")
        done = shop.devkit("--json", "deploy", ENVIRONMENT, "--image", pushed)
        assert done.status == 0, done.stderr[-4000:]
        claims = json.loads(shop.inside(ENVIRONMENT, "get", "pvc", "--output", "json"))["items"]
        assert {(one["status"]["phase"], one["spec"]["storageClassName"]) for one in claims} == {
            ("Bound", "local-path")
        }
        browser = Browser(data_centre, host, certificate)
        assert shop.project.until(lambda: browser.get("/up")[0] == 200, 30)
        status, page = browser.get("/visits")
        assert (status, page.endswith("visits</p>\n")) == (200, True)
        assert_grows(shop, browser)


def assert_grows(shop: Shop, browser: Browser) -> None:
    """Under load the autoscaler wants more pods than the three that it keeps at rest."""

    def scaled() -> dict[str, object]:
        found = json.loads(shop.inside(ENVIRONMENT, "get", "hpa", "laravel", "--output", "json"))
        return dict(found["status"])

    assert shop.project.until(lambda: bool(scaled().get("currentMetrics")), 120), scaled()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            browser.get("/up")

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        assert shop.project.until(lambda: int(str(scaled().get("desiredReplicas", 0))) > 3, 120), scaled()
    finally:
        stop.set()
        for client in clients:
            client.join()
