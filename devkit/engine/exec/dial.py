"""Connections to an engine that is no Unix socket here: the docker command carries the bytes."""

from __future__ import annotations

import _socket
import os

from devkit.engine.docker import find_docker


def dial() -> _socket.socket:
    """A connection through `docker system dial-stdio`, which is what the docker command itself uses over ssh.

    The child ends with the connection; where it cannot reach the engine that is at once (`Docker.ping` says why:
    here it is silenced, for it complains of every end). EngineError where there is no docker command.
    """
    docker = find_docker()
    ours, theirs = _socket.socketpair()
    ends: list[tuple[object, ...]] = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), descriptor) for descriptor in (0, 1)]
    ends.append((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0))
    command = [str(docker.binary), "system", "dial-stdio"]
    # A group of its own: Ctrl-C at the terminal is for the command, not for its connection.
    os.posix_spawn(docker.binary, command, docker.environment(), file_actions=ends, setpgroup=0)
    theirs.close()
    return ours
