"""HTTP/1.1 with the engine on a socket that is open already: short requests, and the upgrade to a raw stream."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

_CHUNK = 65536
_SWITCHING, _OK = 101, 200


class Wire:
    """One connection; requests follow one another on it. OSError passes through: it means that the engine went."""

    __slots__ = ("_held", "socket")

    def __init__(self, connected: socket) -> None:
        self.socket = connected
        self._held = b""

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request, its answer read to the end: status and body."""
        self._send(method, target, body, "")
        status, headers = self._head()
        if b"\r\ntransfer-encoding: chunked" in headers:
            return status, self._chunked()
        return status, self._exactly(_length(headers))

    def upgrade(self, target: str, body: bytes) -> tuple[int, bytes]:
        """A POST that turns the connection into a stream of bytes: 101, and those of the stream that came along.

        Any other status is a refusal; the bytes are its body.
        """
        self._send("POST", target, body, "Connection: Upgrade\r\nUpgrade: tcp\r\n")
        status, headers = self._head()
        if status in (_SWITCHING, _OK):  # Podman's older versions say 200
            held, self._held = self._held, b""
            return _SWITCHING, held
        return status, self._exactly(_length(headers))

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def _send(self, method: str, target: str, body: bytes, more: str) -> None:
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
            f"{more}Content-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall(head.encode("ascii") + body)

    def _head(self) -> tuple[int, bytes]:
        """Status, and the headers in small letters."""
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        words = head.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise ConnectionError("what answers is no container engine")
        return int(words[1]), head.lower()

    def _exactly(self, length: int) -> bytes:
        while len(self._held) < length:
            self._more()
        body, self._held = self._held[:length], self._held[length:]
        return body

    def _chunked(self) -> bytes:
        parts = []
        while True:
            while b"\r\n" not in self._held:
                self._more()
            size, _, self._held = self._held.partition(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            parts.append(self._exactly(length + 2)[:length])
            if length == 0:
                return b"".join(parts)

    def _more(self) -> None:
        received = self.socket.recv(_CHUNK)
        if not received:
            raise ConnectionError("the engine ended the connection")
        self._held += received


def _length(headers: bytes) -> int:
    """The value of Content-Length; 0 where there is none."""
    value = headers.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
    return int(value) if value.isdigit() else 0
