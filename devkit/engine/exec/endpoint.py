"""The way to an engine whose address is known, and what tells whether that still is its address."""

from __future__ import annotations

import _socket
import posix

_UNIX = "unix://"
_VARIABLES = (b"DOCKER_HOST", b"DOCKER_CONTEXT", b"DOCKER_CONFIG", b"HOME")


def variables() -> bytes:
    """The variables that say where the engine is: an address that was found holds as long as they stay."""
    return b" ".join(b"%s=%s" % (name, posix.environ.get(name, b"")) for name in _VARIABLES)


def stamp(path: bytes) -> bytes:
    """What changes when a file does: `-` where there is none."""
    try:
        found = posix.stat(path)
    except OSError:
        return b"-"
    return b"%d.%d.%d" % (found.st_mtime_ns, found.st_size, found.st_ino)


def is_socket(host: str) -> bool:
    """Whether the address is a Unix socket's, which needs nothing but itself."""
    return host.startswith(_UNIX)


def connect(host: str) -> _socket.socket:
    """A connection to the engine at an address. OSError where nothing listens on its Unix socket.

    Other kinds of address (tcp, ssh) go through the docker command, which knows their keys and certificates.
    """
    if not is_socket(host):
        from devkit.engine.exec.dial import dial

        return dial()
    client = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        client.connect(host[len(_UNIX) :].encode("utf-8", "surrogateescape"))
    except BaseException:
        client.close()
        raise
    return client
