import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devkit.engine.images.registry import packagist_answers, registry_answers

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Callable[[int], str]]:
    """Starts a web server that answers everything with one status."""
    running: list[HTTPServer] = []

    def start(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/v2/"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [200, 401, 403, 429])
def test_a_registry_that_wants_a_login_or_patience_is_there(server: Callable[[int], str], status: int) -> None:
    assert registry_answers(address=server(status))


@pytest.mark.parametrize("status", [404, 500, 503])
def test_any_other_answer_is_no_registry(server: Callable[[int], str], status: int) -> None:
    assert not registry_answers(address=server(status))


def test_a_mirror_that_answers_is_enough(server: Callable[[int], str]) -> None:
    mirror = server(200).removesuffix("v2/")
    assert registry_answers(address="http://registry.invalid/v2/", mirrors=["http://other.invalid/", mirror])
    assert not registry_answers(address="http://registry.invalid/v2/", mirrors=["http://other.invalid/"])
    assert registry_answers(address=server(401), mirrors=["http://other.invalid/"])


def test_a_mirror_that_answers_is_not_kept_waiting_by_a_silent_one(server: Callable[[int], str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        assert registry_answers(60, address=f"{address}/v2/", mirrors=[address, server(200).removesuffix("v2/")])
        assert time.monotonic() - started < 30


def test_silence_of_all_ends_with_the_time_given_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        assert not registry_answers(1, address=f"{address}/v2/", mirrors=[f"{address}/{n}" for n in range(20)])
        assert time.monotonic() - started < 10


def test_a_mirror_with_a_certificate_of_its_own_is_there_and_docker_hub_with_one_is_not(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("localhost", 0)) as plain, context.wrap_socket(plain, server_side=True) as secure:
        threading.Thread(target=shake_hands, args=(secure,), daemon=True).start()
        address = f"https://localhost:{secure.getsockname()[1]}"
        assert registry_answers(address="http://registry.invalid/v2/", mirrors=[address])
        assert not registry_answers(address=f"{address}/v2/")


def shake_hands(server: ssl.SSLSocket) -> None:
    """Accept until the socket is closed; whoever does not trust the certificate hangs up."""
    while True:
        try:
            server.accept()
        except ssl.SSLError:
            continue
        except OSError:
            return


def test_what_speaks_no_http_is_no_registry() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=lambda: other.accept()[0].sendall(b"220 mail.example\r\n\r\n"), daemon=True).start()
        assert not registry_answers(address=f"http://127.0.0.1:{other.getsockname()[1]}/v2/")


def test_packagist_has_to_answer_properly(server: Callable[[int], str]) -> None:
    assert packagist_answers(address=server(200))
    assert not packagist_answers(address=server(403))


def test_a_refused_connection_and_an_unknown_name_mean_that_there_is_none() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert not registry_answers(address=f"http://127.0.0.1:{unused.getsockname()[1]}/v2/")
    assert not registry_answers(address="http://registry.invalid/v2/")


def test_silence_ends_with_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        assert not registry_answers(0.2, address=f"http://127.0.0.1:{silent.getsockname()[1]}/v2/")
        assert time.monotonic() - started < 2


def test_the_proxy_of_the_environment_is_used(server: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", server(401))
    assert registry_answers(address="http://registry.invalid/v2/")
