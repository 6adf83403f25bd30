"""The application shown to others through a tunnel: the person's own tool is started, watched, and ended."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import urlsplit

from devkit.project.env_file import read_env
from devkit.project.errors import CommandError, FailedError, UsageError
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import APP
from devkit.setup.project import Project
from devkit.setup.stack import status

TOOLS = ("cloudflared", "ngrok", "ssh")
"""Tunnel tools that devkit can start, the first that is installed first; ssh only where a host is named."""

_STOP_SECONDS = 5.0
_KEPT_LINES = 10
_ADDRESS = re.compile(r"https?://[^\s\"'|<>]+")
_PUBLIC: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        # each tool prints other addresses too: its terms of service, its dashboard, the local one
        "cloudflared": lambda host: host.endswith(".trycloudflare.com") and host != "api.trycloudflare.com",
        "ngrok": lambda host: ".ngrok" in host and not host.startswith(("dashboard.", "api.")),
        "ssh": lambda host: host not in ("localhost", "127.0.0.1", "0.0.0.0"),
    }
)


@dataclass(frozen=True)
class Tunnel:
    """A tunnel that could be opened: the tool, its command, and what others would reach through it."""

    tool: str
    command: tuple[str, ...]
    target: str

    def public_address(self, line: str) -> str | None:
        """The address for others in a line that the tool wrote."""
        for found in _ADDRESS.findall(line):
            with suppress(ValueError):
                if _PUBLIC[self.tool](urlsplit(found).hostname or ""):
                    return str(found)
        return None


def plan_tunnel(project: Project, tool: str | None, host: str | None, which: Callable[[str], str | None]) -> Tunnel:
    """The tunnel for this project: the tool that was named, else ssh where a host was, else one that is installed.

    UsageError for a tool that is not there, and for ssh without a host.
    """
    ports = remembered_ports(project.paths)
    port, target = project.settings.port(ports), project.settings.plain_url(ports)
    name = tool or ("ssh" if host else next((one for one in TOOLS if one != "ssh" and which(one)), None))
    if name is None:
        raise UsageError(
            "no tunnel tool is installed",
            "install cloudflared or ngrok, or name a host that ssh reaches: devkit share --host USER@HOST",
        )
    path = which(name)
    if path is None:
        raise UsageError(f"{name} is not installed", f"install it, or take another: {', '.join(TOOLS)}")
    if name == "cloudflared":
        return Tunnel(name, (path, "tunnel", "--no-autoupdate", "--url", target), target)
    if name == "ngrok":
        return Tunnel(name, (path, "http", str(port), "--log", "stdout", "--log-format", "logfmt"), target)
    if not host or host.startswith("-"):
        raise UsageError("ssh needs a host to tunnel through", "devkit share --with ssh --host USER@HOST")
    keep = ("-o", "ServerAliveInterval=30", "-o", "ExitOnForwardFailure=yes")
    return Tunnel(name, (path, "-T", *keep, "-R", f"80:localhost:{port}", host), target)


def exposure(project: Project, tunnel: Tunnel) -> list[str]:
    """What others will be able to see and do, in sentences for the person who has to agree.

    FailedError where the application does not run: there is nothing to show.
    """
    states = {service.name: service.state for service in status(project).services}
    if states.get(APP) != "running":
        raise FailedError(f"{project.settings.name} does not run: there is nothing to share", "start it: devkit up")
    said = ["Everyone who learns the address reaches the application, with the data that it has here."]
    environment = read_env(project.paths.env) if project.paths.env.is_file() else {}
    if environment.get("APP_DEBUG", "").lower() in ("true", "1", "(true)"):
        said.append("APP_DEBUG is on: its error pages show code, queries and environment.")
    if (project.paths.root / "public" / "hot").exists():
        said.append("The Vite dev server is on: pages ask localhost for it; build first (npm run build), stop vite.")
    if tunnel.tool == "ssh":
        said.append("They reach it at port 80 of that host, or where it says, if its sshd allows that (GatewayPorts).")
    return said


def share(
    tunnel: Tunnel, *, directory: Path, on_line: Callable[[str], None], on_address: Callable[[str], None]
) -> NoReturn:
    """Run the tool until it ends or this is interrupted, which ends it; its first public address is told.

    CommandError where it ends by itself.
    """
    kept: list[str] = []
    told = False
    with _child(tunnel.command, directory) as child:
        assert child.stdout is not None
        for raw in child.stdout:
            line = raw.decode(errors="replace").rstrip()
            kept = [*kept[1 - _KEPT_LINES :], line]
            on_line(line)
            if not told and (address := tunnel.public_address(line)):
                told = True
                on_address(address)
        ended = child.wait()
    last = next((line for line in reversed(kept) if line.strip()), "it said nothing")
    command = shlex.join([tunnel.tool, *tunnel.command[1:]])
    raise CommandError(f"{tunnel.tool} ended with status {ended}: {last}", f"try it alone: {command}", returncode=ended)


@contextmanager
def _child(command: Sequence[str], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The tool, which ends with whoever started it.

    It stays in the terminal's group, where ssh may ask for a passphrase. Its stdin is a pipe of ours: ssh, and what
    it runs on the other side, see its end even where devkit was killed.
    """
    try:
        child = subprocess.Popen(
            command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        raise CommandError(f"{command[0]} cannot be started: {error.strerror}", "see that it runs by itself") from error
    with child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def find_tool(name: str) -> str | None:
    """A program on the PATH."""
    return shutil.which(name)
