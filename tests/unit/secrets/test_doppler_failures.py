"""Whatever goes wrong between devkit and Doppler: a message that says which, a hint that helps, nothing given away."""

from __future__ import annotations

import json
import socket
import threading
import traceback
from collections.abc import Iterator
from typing import get_args

import pytest
from fake_doppler import FakeDoppler, faults, nobody_listening
from scripted_server import scripted_server

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.access import Access, Origin, Token
from devkit.secrets.doppler.client import Doppler
from devkit.secrets.doppler.failures import PassingError
from devkit.secrets.doppler.retries import Backoff

pytestmark = pytest.mark.unit

VALUE = "sesame"
SHORT = 0.5
"""Seconds that are given to what has no end of its own."""


@pytest.fixture
def fake() -> Iterator[FakeDoppler]:
    with FakeDoppler() as running:
        running.add_config("shop", "dev", {"A": VALUE, "B": VALUE * 1000})
        yield running


def raised_by(
    url: str, token: str = "dp.pt.rosebud0123", *, origin: Origin = "DOPPLER_TOKEN", seconds: float = 60.0
) -> SecretsError:
    """The failure of a fetch, which gives nothing away; retries take no time worth speaking of."""
    access = Access(Token(token, origin), "shop", "dev", url)
    with pytest.raises(SecretsError) as raised:
        Doppler(access, seconds=seconds, backoff=Backoff(first=0.001)).secrets()
    error = raised.value
    for text in (error.message, error.hint, error.detail, str(error), repr(error), *traceback.format_exception(error)):
        assert token not in text
        assert VALUE not in text
    assert error.message and error.message.isprintable()
    assert error.hint and error.hint.isprintable()
    return error


STATUS_PAGE = "https://www.dopplerstatus.com"
HTML = f"<!DOCTYPE html><title>HotelNet</title>Your room: {VALUE}"

CASES: dict[str, tuple[faults.Fault, str, str]] = {
    "301": (
        faults.Redirect(f"https://elsewhere.example/v3?t={VALUE}"),
        "redirects requests (301), to https://elsewhere.example, and a token is not sent after them",
        "set DOPPLER_API_HOST",
    ),
    "302 to nowhere": (faults.Redirect(f"/login?t={VALUE}", 302), "redirects requests (302), and", "browser"),
    "302 to a trap": (faults.Redirect(f"https://\x1b]0;{VALUE}", 302), "redirects requests (302), and", "browser"),
    "400": (faults.Status(400, "Bad"), "Doppler refuses the request (400): Bad", "project and config"),
    "401": (
        faults.Status(401, "Invalid Auth token"),
        "Doppler does not take the token from DOPPLER_TOKEN (401): Invalid Auth token",
        "set DOPPLER_TOKEN to a valid one",
    ),
    "403": (faults.Status(403, "No"), "DOPPLER_TOKEN may not read shop/dev (403): No", "have it allowed in Doppler"),
    "404 of the project": (
        faults.Status(404, "Could not find requested project 'shop'"),
        "Doppler has no project shop that the token may see (404)",
        "devkit config set secrets.project NAME;",
    ),
    "404 of the config": (
        faults.Status(404, "Could not find requested config 'dev'"),
        "Doppler's project shop has no config dev (404)",
        "devkit config set secrets.config NAME (or --config NAME)",
    ),
    "404 of something": (faults.Status(404, "Nope"), "does not find shop/dev (404): Nope", "devkit config list"),
    "404 of a web server": (faults.Page(404), "has nothing under this address (404)", "DOPPLER_API_HOST"),
    "407": (faults.Page(407), "the proxy wants to know who asks (407)", "HTTPS_PROXY"),
    "409": (faults.Status(409, "Conflict"), "Doppler refuses the request (409): Conflict", "try again"),
    "422": (faults.Status(422, "Unprocessable"), "Doppler refuses the request (422): Unprocess", "devkit config list"),
    "429": (faults.Status(429), "Doppler asks to wait: it had too many requests", "in a minute"),
    "429 for long": (faults.Status(429, retry_after=137), "Doppler asks to wait 137 s: it had", "again in 137 s"),
    "500": (faults.Status(500, "Oops"), "Doppler has a fault of its own (500): Oops", STATUS_PAGE),
    "502": (faults.Page(502, HTML), "Doppler has a fault of its own (502)", STATUS_PAGE),
    "503": (faults.Status(503, "Down"), "Doppler has a fault of its own (503): Down", STATUS_PAGE),
    "503 for long": (faults.Status(503, "Down", 137), "fault of its own (503): Down", "it asks to wait 137 s: try"),
    "204": (faults.Says(b"", status=204), "Doppler refuses the request (204)", "project and config"),
    "a web page": (faults.Page(200, HTML), "gave a web page and no secrets", "login page"),
    "a web page that says it is JSON": (faults.Says(HTML.encode()), "gave a web page and no secrets", "login page"),
    "nothing at all": (faults.EmptyBody(), "Doppler gave an empty answer (200)", STATUS_PAGE),
    "a list": (faults.NotAnObject(), "is not what Doppler's API gives: it is no object", "DOPPLER_API_HOST"),
    "JSON that is cut short": (faults.TruncatedJson(), "Doppler's answer is no whole JSON", STATUS_PAGE),
    "an answer that is cut short": (faults.CutShort(), "the answer is shorter than it says", STATUS_PAGE),
    "a connection that is closed": (faults.CloseAtOnce(), "the connection ended before the answer did", STATUS_PAGE),
    "a connection that is reset": (faults.Reset(), "the connection ended before the answer did", STATUS_PAGE),
    "an empty config": (faults.Says(b'{"secrets": {}}'), "shop/dev holds no secrets in Doppler: nothing was", "config"),
}

PASSING = {
    *("429", "429 for long", "500", "502", "503", "503 for long", "a web page", "a web page that says it is JSON"),
    *("nothing at all", "JSON that is cut short", "an answer that is cut short"),
    *("a connection that is closed", "a connection that is reset"),
}
"""What waiting may mend."""


@pytest.mark.parametrize("case", CASES)
def test_every_answer_that_is_none_has_its_message(fake: FakeDoppler, case: str) -> None:
    fault, message, hint = CASES[case]
    fake.fail(fault)
    error = raised_by(fake.url, fake.personal_token())
    assert message in error.message
    assert hint in error.hint
    assert isinstance(error, PassingError) == (case in PASSING)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"220 mail.example ESMTP\r\n\r\n", "is no API of Doppler's: it does not speak HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "is no API of Doppler's: it does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n", "ended before the answer did"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{", "ended before the answer did"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n", "the answer is shorter than it says"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, "is no API of Doppler's: it does not speak HTTP"),
    ],
)
def test_what_is_no_http_is_told_of(said: bytes, message: str) -> None:
    def say(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_RDWR)

    with scripted_server(say) as server:
        assert message in raised_by(server.url).message


@pytest.mark.parametrize("fault", [faults.Hang(), faults.DripHeaders(), faults.DripBody()], ids=repr)
def test_a_server_without_an_end_is_left_at_the_deadline_and_nothing_stays_behind(
    fake: FakeDoppler, fault: faults.Fault
) -> None:
    fake.fail(fault)
    error = raised_by(fake.url, fake.personal_token(), seconds=SHORT)
    assert "sent none that was whole within 0.5 s" in error.message
    for thread in threading.enumerate():
        if thread.name == "devkit-doppler":
            thread.join(60)  # its sockets are closed: it ends, although the server does not
            assert not thread.is_alive()


def test_a_name_that_nobody_looks_up_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> None:
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "over")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        error = raised_by("https://api.doppler.com", seconds=SHORT)
    finally:
        over.set()
    assert "api.doppler.com took no connection within 0.5 s" in error.message
    assert "finds names" in error.hint


def test_a_name_that_is_not_known_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def look_up(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    error = raised_by("https://api.doppler.com")
    assert error.message == "Doppler cannot be reached: api.doppler.com: its name is not known"
    assert error.hint == "see whether this machine is online"
    assert asked == ["api.doppler.com"]


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_cannot_be_one_is_not_known(host: str) -> None:
    assert raised_by(f"http://{host}").message == f"Doppler cannot be reached: {host}: its name is not known"


def test_a_refused_connection_names_the_address_and_what_sets_it() -> None:
    with nobody_listening() as url:
        error = raised_by(url)
    assert error.message == f"Doppler cannot be reached: {url.removeprefix('http://')}: nothing listens there"
    assert "DOPPLER_API_HOST" in error.hint


def test_a_fault_is_told_of_and_not_the_silence_after_it(fake: FakeDoppler) -> None:
    fake.fail(faults.Status(503, "Down for maintenance"), times=1)
    fake.fail(faults.Hang())
    assert "(503): Down for maintenance" in raised_by(fake.url, seconds=SHORT).message


def test_a_fault_that_passes_is_never_told_of(fake: FakeDoppler) -> None:
    for fault in (faults.Status(503), faults.Status(429, retry_after=0), faults.Reset()):
        fake.fail(fault, times=1)
    access = Access(Token(fake.personal_token(), "DOPPLER_TOKEN"), "shop", "dev", fake.url)
    assert Doppler(access, seconds=60, backoff=Backoff(first=0.001)).secrets().values["A"] == VALUE


ORIGINS: dict[Origin, tuple[str, str]] = {
    "DOPPLER_TOKEN": ("DOPPLER_TOKEN", "set DOPPLER_TOKEN"),
    "keyring": ("this machine's keyring", "devkit init --doppler"),
    "doppler CLI": ("the Doppler CLI's login", "doppler login"),
    "typed": ("your input", "copy it once more"),
}


@pytest.mark.parametrize("origin", get_args(Origin))
def test_a_token_that_is_not_taken_is_mended_where_it_came_from(fake: FakeDoppler, origin: Origin) -> None:
    error = raised_by(fake.url, origin=origin)
    named, hint = ORIGINS[origin]
    assert f"does not take the token from {named} (401)" in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        (["Two", "lines"], ": Two, lines"),
        (["\x1b[31mred\x07\x1b]0;title\x07", "\x9b1m"], ": [31mred ]0;title , 1m"),
        (["a\r\nb\u2028c\u202ed"], ": a b c d"),
        (["x" * 500], ": " + "x" * 159 + "…"),
        (["1", "2", "3"], ": 1, 2"),
        (["dp.pt.rosebud0123 is no token"], ""),
        (["the token dp.pt.rose... is none"], ""),
        ([{"token": "dp.pt.rosebud0123"}], ""),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_what_the_server_says_is_one_short_printable_line_without_the_token(
    fake: FakeDoppler, messages: object, shown: str
) -> None:
    fake.fail(faults.Says(json.dumps({"messages": messages}).encode(), status=422))
    assert raised_by(fake.url).message == f"Doppler refuses the request (422){shown}"
