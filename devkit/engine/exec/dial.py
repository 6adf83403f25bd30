"""Connections to an engine that is no Unix socket here: the docker command carries the bytes."""

from __future__ import annotations

import _socket
import os

from devkit.engine.docker import find_docker

DIAL = ("system", "dial-stdio")
"""The docker command's words for a connection on its standard streams: what it uses itself over ssh.

It complains of every end on stderr, of those that were wanted too.
"""


def dial() -> _socket.socket:
    """A connection through the docker command, for a program that ends soon after it.

    The child ends with the connection; where it cannot reach the engine that is at once (`Docker.ping` says why:
    here it is silenced). EngineError where there is no docker command.
    """
    docker = find_docker()
    ours, theirs = _socket.socketpair()
    ends: list[tuple[object, ...]] = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), descriptor) for descriptor in (0, 1)]
    ends.append((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0))
    command = [str(docker.binary), *DIAL]
    # A group of its own: Ctrl-C at the terminal is for the command, not for its connection.
    os.posix_spawn(docker.binary, command, docker.environment(), file_actions=ends, setpgroup=0)
    theirs.close()
    return ours
