"""HTTP with the engine: answers of every form, and connections that end too early."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.engine.exec.wire import Wire

pytestmark = pytest.mark.unit


def answered(content: bytes) -> tuple[Wire, socket.socket]:
    ours, theirs = socket.socketpair()
    theirs.sendall(content)
    return Wire(ours), theirs


def test_two_requests_go_over_one_connection() -> None:
    wire, engine = answered(
        b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"
    )
    assert wire.request("POST", "/a", b"{}") == (201, b"body")
    assert wire.request("GET", "/b") == (204, b"")
    sent = engine.recv(4096)
    assert sent.startswith(b"POST /a HTTP/1.1\r\n") and b"Content-Length: 2\r\n\r\n{}GET /b" in sent


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5))
def test_a_chunked_answer_is_put_together(chunks: list[bytes]) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    wire, _engine = answered(b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + body)
    assert wire.request("GET", "/containers/json") == (200, b"".join(chunks))


def test_an_upgrade_keeps_what_came_behind_it() -> None:
    wire, engine = answered(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nfirst bytes")
    assert wire.upgrade("/exec/e/start", b"{}") == (101, b"first bytes")
    assert b"Connection: Upgrade\r\nUpgrade: tcp\r\n" in engine.recv(4096)


def test_a_refused_upgrade_gives_the_reason() -> None:
    wire, _engine = answered(b"HTTP/1.1 409 Conflict\r\nContent-Length: 6\r\n\r\npaused")
    assert wire.upgrade("/exec/e/start", b"{}") == (409, b"paused")


@pytest.mark.parametrize("content", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
def test_an_engine_that_ends_in_the_middle_is_an_error(content: bytes) -> None:
    wire, engine = answered(content)
    engine.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionError):
        wire.request("GET", "/")


def test_what_speaks_no_http_is_no_engine() -> None:
    wire, _engine = answered(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    with pytest.raises(ConnectionError, match="no container engine"):
        wire.request("GET", "/")
