import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

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
        assert not registry_answers(0.2, f"http://127.0.0.1:{silent.getsockname()[1]}/v2/")
        assert time.monotonic() - started < 2


def test_the_proxy_of_the_environment_is_used(server: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", server(401))
    assert registry_answers(address="http://registry.invalid/v2/")
