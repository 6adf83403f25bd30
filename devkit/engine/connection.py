"""Where the container engine listens: found as the docker command finds it, and then beyond.

The order is the docker command's own (https://docs.docker.com/engine/manage-resources/contexts/):
DOCKER_HOST, DOCKER_CONTEXT, the current context of ~/.docker/config.json, /var/run/docker.sock. Where nothing
listens there, the sockets of rootless Docker, Docker Desktop, Colima, OrbStack, Rancher Desktop and Podman
are tried.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.project.errors import EngineError

DEFAULT_SOCKET = Path("/var/run/docker.sock")
_CONNECT_SECONDS = 1.0


@dataclass(frozen=True)
class Endpoint:
    """An engine's address (`unix:///…`, `tcp://…`, `ssh://…`) and what named it, in words for a person."""

    host: str
    source: str

    @property
    def socket_path(self) -> Path | None:
        """The Unix socket's path, or None where the engine is reached another way."""
        return Path(self.host.removeprefix("unix://")) if self.host.startswith("unix://") else None

    @property
    def found_by_docker(self) -> bool:
        """Whether the docker command finds this endpoint without being told."""
        return self.source == "default" or self.source.startswith("context ")


def find_endpoint(
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
    *,
    default: Path = DEFAULT_SOCKET,
) -> Endpoint:
    """The endpoint that the docker command would use, or else the first known socket with a listener.

    Where nothing listens anywhere it is the default socket, for the caller's error message.
    Raises EngineError where a context is named that does not exist or cannot be read.
    """
    environment = os.environ if environ is None else environ
    user = home or Path(environment.get("HOME") or Path.home())
    if host := environment.get("DOCKER_HOST", "").strip():
        return Endpoint(_with_scheme(host), "DOCKER_HOST")
    config = config_directory(environment, user)
    context = environment.get("DOCKER_CONTEXT", "").strip() or _current_context(config)
    if context and context != "default":
        return Endpoint(_context_host(config, context), f"context {context}")
    if _listening(default):
        return Endpoint(f"unix://{default}", "default")
    for path, source in _other_sockets(environment, user):
        if _listening(path):
            return Endpoint(f"unix://{path}", source)
    return Endpoint(f"unix://{default}", "default")


def deciding_files(
    environ: Mapping[str, str] | None = None, home: Path | None = None, *, default: Path = DEFAULT_SOCKET
) -> tuple[Path, ...]:
    """What `find_endpoint` looks at, there or not: as long as it and the variables stay, so does the answer."""
    environment = os.environ if environ is None else environ
    user = home or Path(environment.get("HOME") or Path.home())
    if environment.get("DOCKER_HOST", "").strip():
        return ()
    config = config_directory(environment, user)
    context = environment.get("DOCKER_CONTEXT", "").strip() or _current_context(config)
    if context and context != "default":
        return (config / "config.json", _context_file(config, context))
    return (config / "config.json", default, *(path for path, _ in _other_sockets(environment, user)))


def _with_scheme(host: str) -> str:
    """DOCKER_HOST may be `HOST:PORT`, which the docker command takes as tcp."""
    if "://" in host:
        return host
    return f"unix://{host}" if host.startswith("/") else f"tcp://{host}"


def config_directory(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Path:
    """Where the docker client keeps its settings, and this user's plugins."""
    environment = os.environ if environ is None else environ
    return Path(environment.get("DOCKER_CONFIG") or (home or Path.home()) / ".docker")


def _current_context(config: Path) -> str:
    try:
        content = json.loads((config / "config.json").read_bytes())
    except (OSError, ValueError):
        return ""  # the docker command warns about a broken file, and goes on without it
    name = content.get("currentContext") if isinstance(content, dict) else None
    return name if isinstance(name, str) else ""


def _context_file(config: Path, name: str) -> Path:
    """A context's metadata: contexts/meta/SHA256(name)/meta.json."""
    import hashlib  # OpenSSL, for what few need

    return config / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"


def _context_host(config: Path, name: str) -> str:
    """The address in a context's metadata."""
    path = _context_file(config, name)
    try:
        host = json.loads(path.read_bytes())["Endpoints"]["docker"]["Host"]
    except FileNotFoundError as error:
        raise EngineError(
            f"the Docker context {name!r} does not exist", "docker context ls, then docker context use NAME"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"the Docker context {name!r} cannot be read: {path}",
            "docker context inspect says more; docker context use default goes back",
        ) from error
    return str(host) or f"unix://{DEFAULT_SOCKET}"


def _other_sockets(environ: Mapping[str, str], home: Path) -> Iterator[tuple[Path, str]]:
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    colima = Path(environ.get("COLIMA_HOME") or home / ".colima")
    yield runtime / "docker.sock", "rootless Docker"
    yield home / ".docker" / "run" / "docker.sock", "Docker Desktop"
    yield home / ".docker" / "desktop" / "docker.sock", "Docker Desktop"
    yield home / ".orbstack" / "run" / "docker.sock", "OrbStack"
    yield colima / environ.get("COLIMA_PROFILE", "default") / "docker.sock", "Colima"
    yield home / ".config" / "colima" / "default" / "docker.sock", "Colima"
    yield home / ".rd" / "docker.sock", "Rancher Desktop"
    yield runtime / "podman" / "podman.sock", "Podman"
    yield home / ".local" / "share" / "containers" / "podman" / "machine" / "podman.sock", "Podman"
    yield Path("/run/podman/podman.sock"), "Podman"


def _listening(path: Path) -> bool:
    """Whether this user may connect, and something accepts: a socket file alone outlives its engine."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_CONNECT_SECONDS)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def why_unreachable(endpoint: Endpoint, error: Exception, seconds: float) -> EngineError:
    """What keeps this user from a Unix socket's engine (told from the attempt's error), and what to do."""
    where = f"{endpoint.socket_path} ({endpoint.source})"
    idle = "the container engine is not started"
    if isinstance(error, PermissionError):
        return EngineError(
            f"this user may not use the container engine at {where}: permission denied",
            'sudo usermod -aG docker "$USER", then log in again; or use rootless Docker',
        )
    if isinstance(error, FileNotFoundError):
        return EngineError(f"{idle}: {where} does not exist", start_hint(endpoint))
    if isinstance(error, ConnectionRefusedError):
        return EngineError(f"{idle}: nothing listens on {where}", start_hint(endpoint))
    if isinstance(error, TimeoutError):
        return EngineError(
            f"the container engine at {where} does not answer within {seconds:g} s",
            f"it hangs or is still starting; {start_hint(endpoint).replace('start', 'restart', 1)}",
        )
    return EngineError(f"the container engine at {where} cannot be reached: {error}", start_hint(endpoint))


def start_hint(endpoint: Endpoint) -> str:
    """How the engine behind an endpoint is started, on this machine."""
    named = {
        "rootless Docker": "start it: systemctl --user start docker",
        "Docker Desktop": "start Docker Desktop",
        "OrbStack": "start it: orb start",
        "Colima": "start it: colima start",
        "Rancher Desktop": "start Rancher Desktop",
        "Podman": "start it: systemctl --user start podman.socket",
    }
    if endpoint.source in named:
        return named[endpoint.source]
    if endpoint.source.startswith("context "):
        for name, hint in named.items():
            if name.partition(" ")[0].lower() in endpoint.source.lower():
                return hint
        return f"start the engine of that {endpoint.source}, or: docker context use default"
    if endpoint.source == "DOCKER_HOST":
        return "start the engine there, or unset DOCKER_HOST"
    if sys.platform == "darwin":
        return "start Docker Desktop, or: colima start, orb start"
    if Path("/run/systemd/system").is_dir():
        return "start it: sudo systemctl start docker"
    if Path("/etc/debian_version").exists():
        return "devkit init --install-docker starts it"
    return "start it: sudo service docker start"
