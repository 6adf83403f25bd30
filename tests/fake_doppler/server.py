"""HTTP over the API: a thread for each connection, every one of which ends when the server does."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from fake_doppler.faults import Fault
from fake_doppler.line import EndedError, Line
from fake_doppler.messages import Answer, Request

_POLL = 0.02
_FAULTLESS = Fault()


class Behaviour(Protocol):
    """What a server asks about each request."""

    def seen(self, request: Request) -> Fault | None:
        """Note the request; what is to go wrong with it."""

    def answer(self, request: Request) -> Answer:
        """What the API answers."""

    def watch(self, line: Line, place: tuple[str, str]) -> None:
        """Tell a client of changes until that ends."""

    @property
    def delay(self) -> float:
        """Seconds before each answer."""

    @property
    def prefix(self) -> str:
        """What stands before the API's paths."""


class Server(ThreadingHTTPServer):
    """Serves from `start` to `stop`. What breaks in it, in `broken`, is a defect of the fake."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], behaviour: Behaviour, context: ssl.SSLContext | None) -> None:
        self.behaviour = behaviour
        self.ending = threading.Event()
        self.broken: list[BaseException] = []
        self._context = context
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(_POLL,), name="fake-doppler")
        super().__init__(address, _Handler)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody, and wait until all threads have ended."""
        self.ending.set()
        self.shutdown()
        self._thread.join()
        self.hang_up()
        self.server_close()

    def hang_up(self) -> None:
        """Shut all open connections down."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # closed by its own thread
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def server_bind(self) -> None:
        """Without asking what this machine is called, which may take seconds where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self._context is not None:  # the handshake is for the connection's own thread
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # that is a client which has gone
            self.broken.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        else:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        super().setup()

    def log_message(self, *_: object) -> None:
        """Nothing is said."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # every method is the API's to refuse
            return self._exchange
        raise AttributeError(name)

    def _exchange(self) -> None:
        request = self._request()
        behaviour, line = self.server.behaviour, Line(self.connection, self.server.ending)
        fault = behaviour.seen(request) or _FAULTLESS
        try:
            if behaviour.delay:
                line.pause(behaviour.delay)
            answer = fault.answer(lambda: behaviour.answer(request))
            fault.transmit(line, answer)
            if answer is not None and answer.watched is not None and not fault.ends_connection:
                behaviour.watch(line, answer.watched)
                self.close_connection = True
        except EndedError:
            self.close_connection = True
        self.close_connection = self.close_connection or fault.ends_connection

    def _request(self) -> Request:
        target = urlsplit(self.path)
        prefix = self.server.behaviour.prefix
        inside = target.path.startswith(f"{prefix}/")
        return Request(
            self.command,
            target.path.removeprefix(prefix) if inside else f"outside of {prefix}: {target.path}",
            dict(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
