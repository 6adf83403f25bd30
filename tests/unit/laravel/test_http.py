from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devkit.laravel.http import get, wait_for_answer
from devkit.laravel.workers import parse_threads
from devkit.project.errors import FailedError, UsageError

pytestmark = pytest.mark.unit


@contextmanager
def server(*answers: bytes) -> Iterator[str]:
    """A listener that gives one raw answer a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def test_status_and_body_are_given_and_redirects_not_followed() -> None:
    with server(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nhi") as url:
        assert get(f"{url}/up?a=b", timeout=5) == (302, b"hi")


def test_a_peer_that_hangs_up_is_a_connection_error() -> None:
    with server(b"") as url, pytest.raises(OSError):
        get(url, timeout=5)


def test_any_status_ends_the_wait_also_after_connections_without_an_answer() -> None:
    with server(b"", b"nonsense\r\n\r\n", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") as url:
        assert wait_for_answer(url, timeout=10) == 500


def test_the_wait_ends_with_the_reason_when_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FailedError, match=r"did not answer within 0\.3 s"):
        wait_for_answer(f"http://127.0.0.1:{port}", timeout=0.3)


@pytest.mark.parametrize("url", ["ftp://x", "localhost:8000", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        get(url)


def test_threads_are_read_from_the_admin_api() -> None:
    body = (
        b'{"ThreadDebugStates": [{"Index": 1, "Name": "Worker", "State": "ready", "IsBusy": true, '
        b'"CurrentURI": "/up", "CurrentMethod": "GET", "RequestCount": 7, "MemoryUsage": 2097152}, {"Index": 2}], '
        b'"ReservedThreadCount": 1}'
    )
    first, second = parse_threads(body)
    assert (first.uri, first.requests, first.busy) == ("/up", 7, True)
    assert (second.index, second.name) == (2, "")
    with pytest.raises(FailedError):
        parse_threads(b"404 page not found")
