"""The way to Doppler's API: one connection, this machine's proxies and certificates, no redirects, an end any time."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fake_doppler import SECRETS, FakeDoppler, faults
from scripted_server import answer, scripted_server

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.address import address_of
from devkit.secrets.doppler.client import Doppler
from devkit.secrets.doppler.connection import Connection
from devkit.secrets.doppler.exchange import NoAnswerError
from devkit.secrets.doppler.failures import PassingError
from devkit.secrets.doppler.proxy import proxy_for
from devkit.secrets.doppler.retries import Backoff

pytestmark = pytest.mark.unit

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One without settings of its own."""
    for name in (*PROXIES, *map(str.lower, PROXIES), *TRUST):
        monkeypatch.delenv(name, raising=False)


def connection_to(url: str) -> Connection:
    return Connection(address_of(url), Token("dp.pt.secret", "typed"), lambda: 60.0)


def fetch(fake: FakeDoppler, url: str = "") -> dict[str, str]:
    access = Access(Token(fake.personal_token(), "typed"), "shop", "dev", url or fake.url)
    return dict(Doppler(access, seconds=60, backoff=Backoff(first=0.001)).secrets().values)


@pytest.fixture(scope="module")
def with_tls() -> Iterator[FakeDoppler]:
    with FakeDoppler(tls=True, prefix="/api") as running:
        running.add_config("shop", "dev", {"A": "a"})
        yield running


@pytest.fixture
def secure(with_tls: FakeDoppler) -> FakeDoppler:
    """One that nobody has asked anything."""
    with_tls.forget_requests()
    return with_tls


def test_one_connection_serves_question_after_question() -> None:
    with scripted_server(answer(200, {"n": 1}), answer(200, {"n": 2})) as server:
        connection = connection_to(f"{server.url}/base/")
        for number in (1, 2):
            connection.send("GET", f"/v3/{number}")
            assert connection.receive().status == 200
        connection.close()
    assert server.targets == ["GET /base/v3/1", "GET /base/v3/2"]
    assert server.connections == 1


def test_the_token_goes_into_the_authorization_header_and_nowhere_else() -> None:
    with scripted_server(answer(200)) as server:
        connection = connection_to(server.url)
        connection.send("GET", "/v3/me")
        connection.receive()
    (request,) = server.requests
    assert "\r\nAuthorization: Bearer dp.pt.secret\r\n" in request
    assert request.count("secret") == 1


def test_what_changes_something_goes_over_a_connection_of_its_own() -> None:
    with scripted_server(answer(200)) as server:
        connection = connection_to(server.url)
        for body in (None, b"{}", b"{}"):
            connection.send("POST" if body else "GET", "/v3/x", body)
            connection.receive()
    assert server.connections == 3


def test_a_connection_that_the_server_closed_is_opened_again() -> None:
    with scripted_server(answer(200, b"", {"Connection": "close"}), answer(200)) as server:
        connection = connection_to(server.url)
        for _ in range(2):
            connection.send("GET", "/v3/x")
            connection.receive()
    assert server.connections == 2


def test_an_answer_is_taken_that_came_long_before_it_was_read() -> None:
    with scripted_server(answer(200, b"x" * 1_000_000)) as server:
        connection = connection_to(server.url)
        connection.send("GET", "/v3/x")
        assert server.answered.wait(60)
        assert len(connection.receive().body) == 1_000_000


def test_an_answer_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devkit.secrets.doppler.connection.LARGEST", 1000)
    with scripted_server(answer(200, b"x" * 1001)) as server:
        connection = connection_to(server.url)
        connection.send("GET", "/v3/x")
        with pytest.raises(NoAnswerError, match="no end"):
            connection.receive()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with scripted_server(answer(200)) as other, scripted_server(answer(status, b"", {"Location": other.url})) as server:
        connection = connection_to(server.url)
        connection.send("GET", "/v3/x")
        assert connection.receive().status == status
    assert other.connections == 0


def test_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with FakeDoppler() as fake:
        fake.add_config("shop", "dev", {"A": "a"})
        assert fetch(fake) == {"A": "a"}


def test_what_waits_for_an_answer_ends_when_it_is_cut() -> None:
    with FakeDoppler() as fake:
        fake.fail(faults.Hang())
        connection = connection_to(fake.url)
        raised: list[NoAnswerError] = []

        def ask() -> None:
            try:
                connection.send("GET", SECRETS)
                connection.receive()
            except NoAnswerError as error:
                raised.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        fake.wait_for_requests(1)
        connection.cut()
        asking.join(60)
        assert [error.kind for error in raised] == ["broken"]
        with pytest.raises(NoAnswerError):
            connection.send("GET", SECRETS)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_a_certificate_is_trusted_that_this_machine_is_told_to_trust(
    secure: FakeDoppler, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(secure.certificate))
    assert fetch(secure) == {"A": "a"}


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_token_is_sent(
    secure: FakeDoppler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOPPLER_VERIFY_TLS", "false")
    with pytest.raises(SecretsError, match="is not trusted here: self-signed certificate") as raised:
        fetch(secure)
    assert "SSL_CERT_FILE=" in raised.value.hint
    assert secure.requests == []


def test_a_certificate_for_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeDoppler(tls=True, hosts=["other.example"]) as fake:
        monkeypatch.setenv("SSL_CERT_FILE", str(fake.certificate))
        with pytest.raises(SecretsError, match="is not valid for"):
            fetch(fake)


def test_a_file_of_certificates_that_is_none_is_named(
    secure: FakeDoppler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(SecretsError, match=r"ca\.pem holds no certificates to trust"):
        fetch(secure)


def test_a_server_without_tls_is_told_of() -> None:
    with FakeDoppler() as fake, pytest.raises(SecretsError, match="speaks no TLS that is understood here"):
        fetch(fake, fake.url.replace("http:", "https:"))


@contextmanager
def tunnelling_proxy(port: int, refusal: bytes = b"") -> Iterator[tuple[str, list[str]]]:
    """A proxy that leads a CONNECT to this port of this machine, or refuses it; its address, and what it was sent."""
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                client, _ = listening.accept()
                with client, socket.create_connection(("127.0.0.1", port)) as server:
                    heads.append(_head(client))
                    client.sendall(refusal or b"HTTP/1.1 200 Connection established\r\n\r\n")
                    if not refusal:
                        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                        back.start()
                        _copy(client, server)
                        back.join()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", heads
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


def _head(client: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    return head.decode()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine counts as another one: for itself no proxy is asked."""
    monkeypatch.setattr("devkit.secrets.doppler.proxy._is_loopback", lambda _host: False)


@pytest.mark.usefixtures("elsewhere")
def test_https_goes_through_a_tunnel_of_the_proxy_and_the_token_is_not_for_the_proxy(
    secure: FakeDoppler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
    with tunnelling_proxy(address_of(secure.url).port) as (proxy, heads):
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss@{proxy}")
        assert fetch(secure) == {"A": "a"}
    (head,) = heads
    assert head.startswith(f"CONNECT {address_of(secure.url).shown} ")
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}\r\n" in head
    assert "Bearer" not in head


@pytest.mark.usefixtures("elsewhere")
def test_http_is_asked_of_the_proxy_by_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(answer(200, {"secrets": {"A": {"computed": "a"}}})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://me:pass@"))
        access = Access(Token("dp.pt.secret", "typed"), "shop", "dev", "http://doppler.internal/api")
        assert Doppler(access).secrets().values == {"A": "a"}
    assert proxy.targets == [f"GET http://doppler.internal/api{SECRETS}?project=shop&config=dev"]
    assert "Proxy-Authorization: Basic " in proxy.requests[0]
    assert "Host: doppler.internal\r\n" in proxy.requests[0]


@pytest.mark.usefixtures("elsewhere")
def test_a_proxy_that_refuses_is_told_of_without_its_password(
    secure: FakeDoppler, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tunnelling_proxy(address_of(secure.url).port, b"HTTP/1.1 407 Who are you\r\n\r\n") as (proxy, _):
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@{proxy}")
        with pytest.raises(SecretsError, match=f"through the proxy {proxy}: .*407 Who are you") as raised:
            fetch(secure)
    assert not isinstance(raised.value, PassingError)
    assert "HTTPS_PROXY" in raised.value.hint
    assert "hunter2" not in str(raised.value)


@pytest.mark.usefixtures("elsewhere")
def test_a_proxy_that_is_not_there_is_told_of(secure: FakeDoppler, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(PassingError, match=r"through the proxy 127\.0\.0\.1:\d+: nothing listens there"):
            fetch(secure)


@pytest.mark.parametrize(
    ("environ", "host", "proxy"),
    [
        ({}, "api.doppler.com", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "api.doppler.com", "proxy:3128"),
        ({"https_proxy": "proxy:3128"}, "api.doppler.com", "proxy:3128"),
        ({"ALL_PROXY": "http://proxy"}, "api.doppler.com", "proxy:80"),
        ({"HTTP_PROXY": "http://proxy:3128"}, "api.doppler.com", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.com, .doppler.com"}, "api.doppler.com", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, "api.doppler.com", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/8"}, "10.1.2.3", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/8, x/y"}, "11.1.2.3", "proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "127.0.0.1", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "doppler.localhost", None),
    ],
)
def test_the_proxy_is_the_machines(
    environ: dict[str, str], host: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(address_of(f"https://{host}"))
    assert (found.shown if found else None) == proxy


@pytest.mark.parametrize("url", ["socks5://proxy:1080", "https://proxy:3128", "http://proxy:x"])
def test_a_proxy_of_a_kind_that_is_not_spoken_is_told_of(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(NoAnswerError):
        proxy_for(address_of("https://api.doppler.com"))


def test_a_proxys_password_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy:3128")
    found = repr(proxy_for(address_of("https://api.doppler.com")))
    assert base64.b64encode(b"me:hunter2").decode() not in found
