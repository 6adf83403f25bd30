"""Tunnels through the person's own tool. Only the tool itself is a stand-in here: a script that says what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.project import Project
from devkit.setup.sharing import Tunnel, plan_tunnel, share

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    state = tmp_path / ".devkit"
    state.mkdir()
    (state / "ports.json").write_text('{"app": {"wanted": 8000, "chosen": 8003}}')
    docker = Docker(Path("/usr/bin/docker"), Endpoint("unix:///nowhere.sock", "default"))
    return Project(ProjectPaths(tmp_path), Settings("shop"), docker)


def installed(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in names else None


@pytest.mark.parametrize(
    ("tool", "host", "present", "command"),
    [
        (None, None, ("cloudflared", "ngrok", "ssh"), "cloudflared tunnel --no-autoupdate --url http://localhost:8003"),
        (None, None, ("ngrok", "ssh"), "ngrok http 8003 --log stdout --log-format logfmt"),
        ("ngrok", None, ("cloudflared", "ngrok"), "ngrok http 8003 --log stdout --log-format logfmt"),
        (
            None,
            "me@example.com",
            ("cloudflared", "ssh"),
            "ssh -T -o ServerAliveInterval=30 -o ExitOnForwardFailure=yes -R 80:localhost:8003 me@example.com",
        ),
    ],
)
def test_the_tool_is_the_one_named_or_the_first_that_is_installed(
    tool: str | None, host: str | None, present: tuple[str, ...], command: str, project: Project
) -> None:
    tunnel = plan_tunnel(project, tool, host, installed(*present))
    assert " ".join(tunnel.command).removeprefix("/usr/bin/") == command
    assert tunnel.target == "http://localhost:8003"


@pytest.mark.parametrize(
    ("tool", "host", "present", "message"),
    [
        (None, None, ("ssh",), "no tunnel tool is installed"),
        ("ngrok", None, ("ssh",), "ngrok is not installed"),
        ("ssh", None, ("ssh",), "ssh needs a host"),
        ("ssh", "-oProxyCommand=id", ("ssh",), "ssh needs a host"),
    ],
)
def test_what_cannot_be_is_refused(
    tool: str | None, host: str | None, present: tuple[str, ...], message: str, project: Project
) -> None:
    with pytest.raises(UsageError, match=message):
        plan_tunnel(project, tool, host, installed(*present))


@pytest.mark.parametrize(
    ("tool", "line", "address"),
    [
        ("cloudflared", "INF |  https://blue-fox-runs.trycloudflare.com  |", "https://blue-fox-runs.trycloudflare.com"),
        ("cloudflared", "INF see https://www.cloudflare.com/website-terms/ first", None),
        ("cloudflared", "ERR https://api.trycloudflare.com/tunnel failed", None),
        (
            "ngrok",
            'lvl=info msg="started tunnel" addr=http://localhost:8003 url=https://1a2b.ngrok-free.app',
            "https://1a2b.ngrok-free.app",
        ),
        ("ngrok", 'err="sign up: https://dashboard.ngrok.com/signup"', None),
        ("ssh", "ab12.lhr.life tunneled with tls termination, https://ab12.lhr.life", "https://ab12.lhr.life"),
        ("ssh", "forwarding to http://localhost:8003", None),
        ("ssh", "http://[broken", None),
    ],
)
def test_the_public_address_is_told_from_the_others_that_a_tool_prints(
    tool: str, line: str, address: str | None
) -> None:
    assert Tunnel(tool, (tool,), "http://localhost:8003").public_address(line) == address


def stand_in(directory: Path, body: str) -> Tunnel:
    script = directory / "cloudflared"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return Tunnel("cloudflared", (str(script),), "http://localhost:8003")


def test_a_tool_that_ends_by_itself_is_an_error_with_its_last_line(tmp_path: Path) -> None:
    told: list[str] = []
    tunnel = stand_in(tmp_path, "echo INF https://a-b.trycloudflare.com; echo ERR no quota left >&2; exit 3")
    with pytest.raises(CommandError, match="ended with status 3: ERR no quota left"):
        share(tunnel, directory=tmp_path, on_line=lambda _line: None, on_address=told.append)
    assert told == ["https://a-b.trycloudflare.com"]


def test_a_tool_that_cannot_be_started_is_one_line(tmp_path: Path) -> None:
    tunnel = Tunnel("ngrok", (str(tmp_path / "ngrok"),), "http://localhost:8003")
    with pytest.raises(CommandError, match="cannot be started"):
        share(tunnel, directory=tmp_path, on_line=print, on_address=print)


_SHARES = """
import sys
from collections.abc import Callable
from pathlib import Path
from devkit.cli.front import signals_raise
from devkit.setup.sharing import Tunnel, share
tunnel = Tunnel("cloudflared", (sys.argv[1],), "http://localhost:8003")
with signals_raise():
    share(tunnel, directory=Path.cwd(), on_line=lambda line: print(line, flush=True), on_address=lambda _a: None)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_tool_ends_with_devkit(number: int, tmp_path: Path) -> None:
    tunnel = stand_in(tmp_path, "echo $$; exec sleep 300")
    with subprocess.Popen(
        [sys.executable, "-c", _SHARES, tunnel.command[0]],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: [signal.signal(one, signal.SIG_DFL) for one in (signal.SIGINT, signal.SIGHUP)] and None,
    ) as child:
        assert child.stdout is not None
        pid = int(child.stdout.readline())
        child.send_signal(number)
        child.wait(20)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_tool_that_reads_its_input_sees_the_end_even_where_devkit_is_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ended")
    tunnel = stand_in(tmp_path, "echo ready; cat > /dev/null; echo ended > ended")
    with subprocess.Popen(
        [sys.executable, "-c", _SHARES, tunnel.command[0]], cwd=tmp_path, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
    assert (tmp_path / "ended").read_text() == "ended\n"
