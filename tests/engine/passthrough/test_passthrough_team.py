"""A team's lines behind `app:`: they end with devkit in the container too, and hand on all that pass-through does."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from passthrough_stack import Stack, as_from_a_shell

pytestmark = pytest.mark.engine

LONG = "app: sh -c 'sleep 92; true' & sh -c 'sleep 93; true' & sleep 0.2; echo ready; wait; true"
HOOK = """
import sys
from pathlib import Path
from devkit.cli.front import signals_raise
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.team_commands import run_hook
root = Path(sys.argv[1])
settings = Settings(sys.argv[2], hooks={"after-up": (sys.argv[3],)})
with signals_raise():
    run_hook(ProjectPaths(root), settings, "after-up", lambda text: print(text, flush=True))
"""


@pytest.fixture
def with_commands(stack: Stack) -> Iterator[Stack]:
    toml = stack.directory / "devkit.toml"
    kept = toml.read_text()
    commands = {"long": LONG, "say": "app: printf '<%s>' \"$PWD\"", "status": "true", "ends": "app: cat; exit"}
    lines = "".join(f"{name} = '''{line}'''\n" for name, line in commands.items())
    toml.write_text(f"{kept}[commands]\n{lines}")
    yield stack
    toml.write_text(kept)


def test_arguments_stdin_and_status_are_exact(with_commands: Stack) -> None:
    said = with_commands.devkit("say", "a b", "--help", b"\xff", "", directory=with_commands.directory / "app")
    assert (said.returncode, said.stdout, said.stderr) == (0, b"</app><a b><--help><\xff><>", b"")
    ends = with_commands.devkit("ends", "7", input=b"in\0\xff")
    assert (ends.returncode, ends.stdout) == (7, b"in\0\xff")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_what_a_command_runs_in_the_container(with_commands: Stack, name: str) -> None:
    with with_commands.start("long") as child:
        assert len(with_commands.processes()) >= 3
        child.send_signal(signal.Signals[name])
        assert child.wait(30) == 128 + signal.Signals[name]
    assert with_commands.is_empty()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_what_a_hook_runs_in_the_container(stack: Stack, name: str) -> None:
    command = [sys.executable, "-c", HOOK, str(stack.directory), stack.project, LONG]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, preexec_fn=as_from_a_shell, text=True, **pipes) as child:  # type: ignore[call-overload]
        while child.stdout.readline() != "ready\n":
            assert child.poll() is None
        assert len(stack.processes()) >= 3
        child.send_signal(signal.Signals[name])
        assert child.wait(30) != 0
    assert stack.is_empty()


def test_a_hook_starts_no_stack(stack: Stack) -> None:
    command = [sys.executable, "-c", HOOK, str(stack.directory), "devkit-test-nothing-of-this-name", "app: true"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "the hook after-up has a line for the service app, which does not run" in done.stderr
