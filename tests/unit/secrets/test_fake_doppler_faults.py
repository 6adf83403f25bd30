"""Each fault is what it says it is, seen by a client that looks at the bytes; and nothing outlives the fake."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from fake_doppler import ME, PROJECTS, SECRETS, WATCH, FakeDoppler, faults, nobody_listening

pytestmark = pytest.mark.unit

PATIENCE = 30.0
PLACE = "?project=shop&config=dev"


@pytest.fixture
def doppler() -> Iterator[FakeDoppler]:
    with FakeDoppler() as running:
        running.add_config("shop", "dev", {"A": "1"})
        yield running


@contextmanager
def connected(doppler: FakeDoppler) -> Iterator[http.client.HTTPConnection]:
    """A connection that waits for as long as a test does."""
    with closing(http.client.HTTPConnection(urlsplit(doppler.url).netloc, timeout=PATIENCE)) as connection:
        yield connection


def asked(
    connection: http.client.HTTPConnection, token: str, target: str = ME, body: object = None
) -> http.client.HTTPResponse:
    content = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", target, content, {"Authorization": f"Bearer {token}"})
    return connection.getresponse()


def test_a_status_comes_in_dopplers_json_and_leaves_the_connection_open(doppler: FakeDoppler) -> None:
    token = doppler.personal_token()
    until = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    doppler.fail(faults.Status(429, "Slow down", retry_after=2, rate_limit=60), times=1)
    doppler.fail(faults.Status(503, retry_after=until), times=1)
    with connected(doppler) as connection:
        limited = asked(connection, token)
        assert (limited.status, limited.headers["Retry-After"], limited.headers["X-RateLimit-Limit"]) == (
            429,
            "2",
            "60",
        )
        assert json.loads(limited.read()) == {"messages": ["Slow down"], "success": False}
        port = connection.sock.getsockname()[1]
        away = asked(connection, token)
        assert (away.status, parsedate_to_datetime(away.headers["Retry-After"])) == (503, until)
        away.read()
        fine = asked(connection, token)
        assert (fine.status, connection.sock.getsockname()[1]) == (200, port)
        assert fine.headers["X-RateLimit-Limit"] == "480"
        assert int(fine.headers["X-RateLimit-Remaining"]) < 480


def test_faults_are_for_some_requests_in_turn_or_until_they_are_healed(doppler: FakeDoppler) -> None:
    token = doppler.personal_token()

    def status(target: str = ME) -> int:
        with connected(doppler) as connection:
            return asked(connection, token, target).status

    doppler.fail(faults.Status(500), path=ME, times=2)
    doppler.fail(faults.Status(502), path=ME)
    doppler.fail(faults.Status(409), method="POST")
    assert (status(PROJECTS), status(), status(), status(), status()) == (200, 500, 500, 502, 502)
    doppler.heal()
    assert status() == 200


@pytest.mark.parametrize(
    ("fault", "status", "kind", "body"),
    [
        (faults.Page(), 200, "text/html; charset=utf-8", b"<!doctype html><title>Sign in</title>"),
        (faults.Page(502), 502, "text/html; charset=utf-8", b"<!doctype html>"),
        (faults.NotAnObject("null"), 200, "application/json; charset=utf-8", b"null"),
        (faults.EmptyBody(), 200, "application/json; charset=utf-8", b""),
        (faults.WrongContentType(), 200, "text/plain", b'{"slug"'),
        (faults.Says(b"\xff", "text/plain", 418), 418, "text/plain", b"\xff"),
        (faults.Redirect("https://elsewhere.invalid/"), 301, None, b""),
        (faults.Redirect("https://elsewhere.invalid/", 302), 302, None, b""),
    ],
    ids=repr,
)
def test_something_else_is_said(
    doppler: FakeDoppler, fault: faults.Fault, status: int, kind: str | None, body: bytes
) -> None:
    doppler.fail(fault)
    with connected(doppler) as connection:
        answer = asked(connection, doppler.personal_token())
        assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
        assert answer.read().startswith(body)
        assert answer.headers["Location"] == (fault.to if isinstance(fault, faults.Redirect) else None)


def test_truncated_json_is_as_long_as_it_says_and_a_cut_body_is_not(doppler: FakeDoppler) -> None:
    token = doppler.personal_token()
    doppler.fail(faults.TruncatedJson(), times=1)
    doppler.fail(faults.CutShort(), times=1)
    with connected(doppler) as connection:
        with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
            json.loads(asked(connection, token).read())
        with pytest.raises(http.client.IncompleteRead) as cut:
            asked(connection, token).read()
    assert cut.value.partial.startswith(b'{"slug"')


@pytest.mark.parametrize("fault", [faults.DripHeaders(0.0001), faults.DripBody(0.0001), faults.Hang(0.01)], ids=repr)
def test_what_comes_slowly_comes_whole(doppler: FakeDoppler, fault: faults.Fault) -> None:
    doppler.fail(fault, times=1)
    with connected(doppler) as connection:
        assert json.loads(asked(connection, doppler.personal_token()).read())["type"] == "personal"


def test_connections_are_closed_reset_and_refused(doppler: FakeDoppler) -> None:
    token = doppler.personal_token()
    doppler.fail(faults.CloseAtOnce(), times=1)
    doppler.fail(faults.Reset(), times=1)
    with connected(doppler) as connection:
        with pytest.raises(http.client.RemoteDisconnected):
            asked(connection, token)
        with pytest.raises(ConnectionResetError):
            asked(connection, token)
        assert asked(connection, token).status == 200
    with nobody_listening() as url, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


@pytest.mark.parametrize(
    ("fault", "written"),
    [(faults.Reset(), "1"), (faults.Status(503), "1"), (faults.LostAnswer(), "2"), (faults.CutShort(), "2")],
    ids=repr,
)
def test_a_write_happened_where_its_own_answer_was_on_the_way(
    doppler: FakeDoppler, fault: faults.Fault, written: str
) -> None:
    doppler.fail(fault)
    with connected(doppler) as connection, suppress(ConnectionResetError, http.client.IncompleteRead):
        asked(connection, doppler.personal_token(), SECRETS + PLACE, {"secrets": {"A": "2"}}).read()
    assert doppler.secrets("shop", "dev")["A"] == written


def test_change_requests_are_held_to_what_they_expect(doppler: FakeDoppler) -> None:
    token = doppler.personal_token()

    def change(**request: object) -> int:
        with connected(doppler) as connection:
            return asked(connection, token, SECRETS + PLACE, {"change_requests": [request]}).status

    assert change(name="A", originalName="A", value="2", originalValue="other") == 409
    assert doppler.secrets("shop", "dev") == {"A": "1"}
    assert change(name="B", originalName="A", value=None, originalValue="1") == 200
    assert doppler.secrets("shop", "dev") == {"B": "1"}
    assert change(name="B", shouldDelete=True) == 200
    assert doppler.secrets("shop", "dev") == {}


def test_who_watches_is_told_until_the_stream_is_cut(doppler: FakeDoppler) -> None:
    doppler.ping_seconds = 0.01
    with connected(doppler) as connection:
        stream = asked(connection, doppler.service_token("shop", "dev"), WATCH)
        assert stream.headers["Content-Type"] == "text/event-stream"
        events = [stream.readline() + stream.readline() + stream.readline() for _ in range(2)]
        assert events == [b'event: message\ndata: {"type": "%b"}\n\n' % kind for kind in (b"connected", b"ping")]
        doppler.set_secrets("shop", "dev", {"A": "2"})
        assert b'data: {"type": "secrets.update"}\n' in iter(stream.readline, b"")
        doppler.wait_for_watchers(1)
        doppler.cut_watchers()
        with pytest.raises(http.client.IncompleteRead):
            stream.read()
        doppler.wait_for_watchers(0)


def test_a_stream_may_be_refused_and_a_client_that_leaves_is_noticed(doppler: FakeDoppler) -> None:
    token = doppler.service_token("shop", "dev")
    doppler.fail(faults.Status(403, "Not in your plan"), path=WATCH, times=1)
    with connected(doppler) as connection:
        assert asked(connection, token, WATCH).status == 403
    with connected(doppler) as connection, asked(connection, token, WATCH):
        doppler.wait_for_watchers(1)
    doppler.wait_for_watchers(0)


def test_everything_ends_with_the_fake() -> None:
    before = threading.active_count()
    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev")
        token = doppler.personal_token()
        doppler.fail(faults.Hang(), path=ME)
        doppler.fail(faults.DripBody(PATIENCE), path=PROJECTS)
        held = [http.client.HTTPConnection(urlsplit(doppler.url).netloc, timeout=PATIENCE) for _ in range(4)]
        for connection, target in zip(held, (ME, PROJECTS, WATCH + PLACE), strict=False):
            connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
        held[-1].connect()  # and says nothing
        doppler.wait_for_requests(3)
        doppler.wait_for_watchers(1)
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(doppler.url.rpartition(":")[2])))
    for connection in held:
        connection.close()


def test_a_handshake_that_never_comes_holds_nobody_up() -> None:
    with FakeDoppler(tls=True) as doppler:
        place = urlsplit(doppler.url)
        secure = http.client.HTTPSConnection(place.netloc, timeout=PATIENCE)
        with closing(secure), socket.create_connection((place.hostname, place.port)):
            with pytest.raises(ssl.SSLCertVerificationError):
                secure.connect()
            assert doppler.requests == []


def test_what_is_not_below_the_path_is_not_the_api() -> None:
    with FakeDoppler(prefix="/doppler/") as doppler, connected(doppler) as connection:
        assert doppler.url.endswith("/doppler")
        assert doppler.url_at("host.docker.internal").startswith("http://host.docker.internal:")
        token = doppler.personal_token()
        inside = asked(connection, token, f"/doppler{ME}")
        assert (inside.status, json.loads(inside.read())["type"]) == (200, "personal")
        assert asked(connection, token, ME).status == 404


def test_answers_wait_as_long_as_told(doppler: FakeDoppler) -> None:
    doppler.delay = PATIENCE * 10  # the end of the fake ends it
    with connected(doppler) as connection:
        connection.request("GET", ME)
        doppler.wait_for_requests(1, ME)
        connection.sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.sock.recv(1)
