"""HTTP to Doppler's API over sockets of our own: no redirect is followed, no ~/.netrc read, and it can be cut any time.

The SDK's own way out, requests, has no limit, lets ~/.netrc replace the token, and hides the socket, so that nobody
can end a wait. It also takes 0.1 s to be loaded, in which a question is long on its way from here.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from devkit import __version__
from devkit.secrets.doppler.exchange import Answer, NoAnswerError
from devkit.secrets.doppler.proxy import proxy_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.secrets.doppler.access import Token
    from devkit.secrets.doppler.address import Address
    from devkit.secrets.doppler.proxy import Proxy

CONNECT_SECONDS = 4.0
"""For each address that the server's name has, TLS included: time for two lost packets."""

_GRACE = 0.5
"""Seconds that a read lasts longer than anybody waits: whoever waits ends it, and tells why."""

LARGEST = 32 * 1024 * 1024
"""Bytes of an answer that are read. A config of Doppler's is a hundredth of that."""


class Connection:
    """Sends one question after another and reads their answers, in one thread; `cut` is for any other.

    `left` gives the seconds that may still be waited: the limit of a single read, not of an answer. A server that
    sends a byte a second is ended by `cut`. All that can go wrong is a NoAnswerError.
    """

    def __init__(self, address: Address, token: Token, left: Callable[[], float]) -> None:
        self._address = address
        self._token = token
        self._left = left
        self._proxy: Proxy | None = None
        self._http: http.client.HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._is_cut = threading.Event()
        self.was_taken = False
        """Whether somebody has ever taken the connection."""

    def send(self, method: str, target: str, body: bytes | None = None, *, accept: str = "application/json") -> None:
        """Ask. `target` is what follows the base URL. The answer may be read later: the system keeps it.

        What changes something goes over a connection of its own: of one that the server closes in that moment nobody
        could say whether it has read the question.
        """
        if self._http is None or self._http.sock is None or body is not None:
            self.close()
            self._http = self._connected()
        headers = {
            "Accept": accept,
            "Authorization": f"Bearer {self._token.value}",
            "User-Agent": f"devkit/{__version__}",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        path = self._address.path + target
        if self._proxy is not None and self._address.scheme == "http":  # https has a tunnel
            path = f"http://{self._address.shown}{path}"
            if self._proxy.authorization:
                headers["Proxy-Authorization"] = self._proxy.authorization
        try:
            self._http.request(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswerError("broken", _words(error), sent=True) from None

    def receive(self) -> Answer:
        """The whole answer to what was sent last."""
        return self.rest(self.begun())

    def rest(self, answer: http.client.HTTPResponse) -> Answer:
        """The whole of an answer that has begun."""
        try:
            body = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _while_reading(error) from None
        headers = {name.lower(): value for name, value in answer.getheaders()}
        promised = answer.length
        answer.close()
        if len(body) > LARGEST:
            self.close()
            raise NoAnswerError("gibberish", "its answer has no end", sent=True)
        if promised:  # read(amount) gives what came, also where more was to come
            self.close()
            raise NoAnswerError("broken", "the answer is shorter than it says", sent=True)
        return Answer(answer.status, headers, body)

    def begun(self) -> http.client.HTTPResponse:
        """The answer to what was sent last as soon as its headers are there: for streams, which have no end."""
        assert self._http is not None, "nothing was sent"
        try:
            if self._socket is not None:
                self._socket.settimeout(self._left() + _GRACE)
            return self._http.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _while_reading(error) from None

    def patience(self, seconds: float) -> None:
        """From now on a read may last so long: for streams."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def cut(self) -> None:
        """End what another thread waits for here, at once; nothing can be asked any more.

        Only the look-up of a name and the few seconds of connecting end by themselves.
        """
        self._is_cut.set()
        opening = self._http.sock if self._http is not None else None  # while a proxy makes a tunnel
        for open_socket in (self._socket, opening):
            if open_socket is not None:
                with suppress(OSError):  # closed meanwhile
                    socket.socket.shutdown(open_socket, socket.SHUT_RDWR)  # SSLSocket's own would change its state

    def close(self) -> None:
        """Close the connection, in the thread that uses it; the next question opens another."""
        if self._http is not None:
            self._http.close()
        self._http = self._socket = None

    def _connected(self) -> http.client.HTTPConnection:
        connection = self._made()
        self._http = connection  # where `cut` finds it
        self._check()
        try:
            connection.connect()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            connection.close()
            self._http = None
            trouble = _while_connecting(error)
            if self._proxy is not None and trouble.kind not in ("certificate", "tls"):
                refuses = trouble.why.startswith("Tunnel connection failed")  # http.client's words for it
                trouble = NoAnswerError("proxy" if refuses else "no proxy", f"{self._proxy.shown}: {trouble.why}")
            raise trouble from None
        self._socket, self.was_taken = connection.sock, True
        self._check()
        return connection

    def _made(self) -> http.client.HTTPConnection:
        self._proxy = proxy = proxy_for(self._address)
        host, port = (proxy.host, proxy.port) if proxy else (self._address.host, self._address.port)
        timeout = max(min(CONNECT_SECONDS, self._left()), 0.001)
        if self._address.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        from devkit.secrets.doppler.tls import tls_context  # here: nobody else needs it

        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=tls_context())
        if proxy:
            headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            connection.set_tunnel(self._address.host, self._address.port, headers)
        return connection

    def _check(self) -> None:
        if self._is_cut.is_set():
            self.close()
            raise NoAnswerError("broken", "it was cut")


def _while_connecting(error: OSError | http.client.HTTPException | UnicodeError) -> NoAnswerError:
    match error:
        case socket.gaierror() | UnicodeError():  # the latter for what IDNA has no form of: a..b
            return NoAnswerError("name", "its name is not known")
        case ConnectionRefusedError():
            return NoAnswerError("refused", "nothing listens there")
        case ssl.SSLCertVerificationError():
            return NoAnswerError("certificate", error.verify_message)
        case ssl.SSLEOFError() | ConnectionError():
            return NoAnswerError("unreachable", "it hangs up")
        case ssl.SSLError():
            return NoAnswerError("tls", (error.reason or "no TLS").replace("_", " ").lower())
        case TimeoutError():
            return NoAnswerError("unreachable", "it does not take the connection")
    return NoAnswerError("unreachable", _words(error))


def _while_reading(error: OSError | http.client.HTTPException) -> NoAnswerError:
    match error:
        case TimeoutError():
            return NoAnswerError("silent", "it stays silent", sent=True)
        case OSError() | http.client.IncompleteRead():
            return NoAnswerError("broken", "the connection ended before the answer did", sent=True)
    return NoAnswerError("gibberish", "it does not speak HTTP", sent=True)


def _words(error: OSError | http.client.HTTPException | UnicodeError) -> str:
    """The system's own words, or the proxy's (`Tunnel connection failed: 407 ...`)."""
    words = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    return "".join(character if character.isprintable() else " " for character in words)[:120]
