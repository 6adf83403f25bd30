"""HTTPS on a real stack: answered under the project's name, and trusted by this machine after `devkit trust`."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Project, running

from devkit.project.errors import FailedError
from devkit.setup.answering import Answering
from devkit.setup.project import open_project
from devkit.setup.trust import root_certificate

pytestmark = pytest.mark.e2e

NAME = "locked"
OK = b"HTTP/1.1 200 OK"
SYSTEM_STORE = Path("/etc/ssl/certs/ca-certificates.crt")
TRUSTED = Path(f"/usr/local/share/ca-certificates/devkit-{NAME}.crt")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("https") / NAME
    with running(directory, "--https", "--port", "21910", "--set", "ports.https=21911") as made:
        try:
            yield made
        finally:
            forget()


def forget() -> None:
    """Take the certificate out of the system's store again."""
    TRUSTED.unlink(missing_ok=True)
    subprocess.run(["update-ca-certificates"], check=True, capture_output=True)


def verified(host: str, store: Path, path: str = "/up") -> bytes:
    """An answer over TLS, whole; SSLError where the certificate is not `host`'s or not trusted.

    The name is told to the server as a browser does, which takes *.localhost for this machine without asking DNS.
    """
    context = ssl.create_default_context(cafile=str(store))
    with (
        socket.create_connection(("127.0.0.1", 21911), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:21911\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: secure.recv(65536), b""))


def test_the_address_is_the_https_one(project: Project) -> None:
    assert project.result["url"] == "https://localhost:21911"
    assert "APP_URL=https://localhost:21911" in (project.directory / ".env").read_text().splitlines()


def test_the_certificate_is_the_projects_own_and_trusted_once_devkit_trust_has_run(project: Project) -> None:
    for host in (f"{NAME}.localhost", "localhost"):
        with pytest.raises(ssl.SSLCertVerificationError):
            verified(host, SYSTEM_STORE)
    done = project.devkit("--json", "trust")
    assert done.status == 0, done.stderr
    assert done.json["stores"][0]["status"] == "trusted"
    for host in (f"{NAME}.localhost", "localhost"):
        assert verified(host, SYSTEM_STORE).startswith(OK)
        assert verified(host, Path(done.json["certificate"])).startswith(OK)
    with pytest.raises((ssl.SSLError, OSError)):
        verified("another.example", SYSTEM_STORE)
    assert project.devkit("--json", "trust").json["stores"][0]["status"] == "already trusted"


def test_the_first_run_asks_the_address_that_it_prints_and_takes_no_others_certificate(project: Project) -> None:
    url, lines, warnings = project.result["url"], list[str](), list[str]()
    ours, _ = root_certificate(open_project(project.directory))
    Answering(url, "/up", adopted=False, root=ours).check(lines.append, warnings.append)
    assert (lines, warnings) == (["/up answered 200", "/ answered 200"], [])
    another = ssl.DER_cert_to_PEM_cert(ssl.create_default_context().get_ca_certs(binary_form=True)[0])
    with pytest.raises(FailedError, match=r"https://localhost:21911/up did not answer.*CERTIFICATE_VERIFY_FAILED"):
        Answering(url, "/up", adopted=False, root=another, seconds=2.0).check(lines.append, warnings.append)


def test_the_certificate_outlives_the_containers(project: Project) -> None:
    assert project.devkit("down").status == 0
    assert project.devkit("up").status == 0
    assert verified(f"{NAME}.localhost", SYSTEM_STORE).startswith(OK)


def test_plain_http_answers_beside_it_without_a_redirect(project: Project) -> None:
    port = project.devkit("--json", "status").json["services"][0]["ports"]
    (plain,) = [entry["published"] for entry in port if entry["target"] == 8080]
    assert Project(project.directory, plain, None).get("/up", {"Host": f"{NAME}.localhost:{plain}"})[0] == 200


def test_links_are_of_the_kind_that_the_page_was_asked_by(project: Project) -> None:
    routes = project.directory / "routes" / "web.php"
    routes.write_text(routes.read_text() + "\nRoute::get('/link', fn () => url('/there'));\n")
    ports = {
        entry["target"]: entry["published"] for entry in project.devkit("--json", "status").json["services"][0]["ports"]
    }
    plain = Project(project.directory, ports[8080], None)
    assert plain.until(lambda: plain.get("/link")[0] == 200)
    for host in ("localhost", f"{NAME}.localhost"):
        address = f"{host}:{ports[8080]}"
        assert plain.get("/link", {"Host": address}) == (200, f"http://{address}/there")
        assert verified(host, SYSTEM_STORE, "/link").endswith(f"https://{host}:{ports[8443]}/there".encode())


def test_without_https_there_is_nothing_to_trust(project: Project, tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "plain"\n')
    done = project.devkit("--json", "--project", str(tmp_path), "trust")
    assert done.status == 2
    assert "plain has no HTTPS" in done.json["error"]["message"]
