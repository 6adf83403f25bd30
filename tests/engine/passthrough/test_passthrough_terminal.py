"""devkit at a real terminal: size, keys, job control, and the terminal as it was when it is over."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pexpect
import pytest
from passthrough_stack import TIMEOUT, Stack, as_from_a_shell

pytestmark = pytest.mark.engine

PROMPT = "ready> "


@contextmanager
def terminal(stack: Stack, *arguments: str, **options: Any) -> Iterator[pexpect.spawn[str]]:
    """devkit at a terminal of 33 lines of 101 signs, with an environment that says xterm."""
    environment = {**os.environ, "TERM": "xterm-256color", **options.pop("env", {})}
    child = pexpect.spawn(
        str(stack.launcher),
        list(arguments),
        cwd=str(stack.directory),
        timeout=TIMEOUT,
        encoding="utf-8",
        dimensions=(33, 101),
        env=environment,
        preexec_fn=as_from_a_shell,
        **options,
    )
    try:
        yield child
    finally:
        child.close(force=True)


@contextmanager
def shell(stack: Stack) -> Iterator[pexpect.spawn[str]]:
    """A shell in the container that has said its prompt."""
    with terminal(stack, "shell") as child:
        child.expect(r"[#$] $")
        child.sendline(f"PS1='{PROMPT[:5]}''{PROMPT[5:]}'; bind 'set enable-bracketed-paste off'")
        child.expect_exact(PROMPT)
        yield child


@contextmanager
def shell_on_the_host(stack: Stack) -> Iterator[pexpect.spawn[str]]:
    """A shell beside devkit, with job control, that has said its prompt."""
    environment = {**os.environ, "PS1": PROMPT, "TERM": "dumb"}
    child = pexpect.spawn(
        "bash", ["--norc", "-i"], cwd=str(stack.directory), timeout=TIMEOUT, encoding="utf-8", env=environment
    )
    try:
        child.expect_exact(PROMPT)
        yield child
    finally:
        child.close(force=True)


def ended(child: pexpect.spawn[str]) -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def mode(descriptor: int) -> list[Any]:
    return termios.tcgetattr(descriptor)[:4]


def test_a_shell_has_the_terminals_size_and_follows_it(stack: Stack) -> None:
    with shell(stack) as child:
        child.sendline("stty size; echo $TERM")
        child.expect_exact("33 101\r\nxterm-256color\r\n")
        child.sendline("trap 'stty size' WINCH; echo trap''ped")
        child.expect_exact("trapped\r\n")
        child.setwinsize(40, 120)
        child.expect_exact("40 120\r\n")
        child.sendline("exit 6")
        assert ended(child) == 6


def test_ctrl_c_ctrl_z_and_ctrl_d_are_the_containers(stack: Stack) -> None:
    with shell(stack) as child:
        child.sendline("sleep 61")
        child.expect_exact("sleep 61\r\n")
        time.sleep(0.3)  # bash does not say when it has handed its terminal over
        child.sendcontrol("c")
        child.expect_exact(PROMPT)
        child.sendline("echo status=$?; sleep 62")
        child.expect_exact("status=130\r\n")
        time.sleep(0.3)
        child.sendcontrol("z")
        child.expect("Stopped")
        # `wait` may come back before bash knows of the end, and a shell with stopped jobs does not end.
        child.sendline("kill -9 %1; while jobs %1; do sleep 0.05; done &> /dev/null; echo kil''led")
        child.expect_exact("killed\r\n")
        child.expect_exact(PROMPT)
        child.sendcontrol("p")  # the line before: the engine's own Ctrl-P Ctrl-Q would keep it back
        child.expect_exact("kill -9 %1")
        child.sendcontrol("u")
        child.sendcontrol("d")
        assert ended(child) == 0
    assert stack.processes() == []


def test_ctrl_c_ends_a_command_that_is_no_shell(stack: Stack) -> None:
    with terminal(
        stack, "exec", "app", "sh", "-c", "trap 'exit 44' INT; echo rea''dy; while :; do sleep 0.1; done"
    ) as child:
        child.expect_exact("ready\r\n")
        child.sendcontrol("c")
        assert ended(child) == 44
    assert stack.processes() == []


@pytest.mark.parametrize(
    ("name", "knows"), [("xterm-kitty", "xterm-256color"), ("screen", "screen"), ("foot", "xterm-256color")]
)
def test_a_terminal_that_images_do_not_know_is_told_as_one_that_they_do(stack: Stack, name: str, knows: str) -> None:
    with terminal(
        stack, "exec", "app", "sh", "-c", "echo [$TERM $NO_COLOR]", env={"TERM": name, "NO_COLOR": "1"}
    ) as child:
        child.expect_exact(f"[{knows} 1]")


RAW_LEFT = {
    "the command ends": ("exec app true", None, 0),
    "the command fails": ("exec app sh -c 'exit 4'", None, 4),
    "there is no such command": ("exec app no-such-command", None, 127),
    "devkit is ended": ("exec app sh -c 'echo ready; sleep 64'", signal.SIGTERM, 143),
    "devkit is hung up": ("exec app sh -c 'echo ready; sleep 65'", signal.SIGHUP, 129),
}


@pytest.mark.parametrize("case", RAW_LEFT)
def test_the_terminal_is_as_it_was(stack: Stack, case: str) -> None:
    line, number, status = RAW_LEFT[case]
    ours, theirs = pty.openpty()
    try:
        before = mode(theirs)
        command = ["sh", "-c", f"exec {stack.launcher} {line}"]
        child = subprocess.Popen(
            command, cwd=stack.directory, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=as_from_a_shell
        )
        if number is not None:
            said = b""
            while b"ready" not in said:
                said += os.read(ours, 1000)
            assert mode(theirs) != before
            child.send_signal(number)
        assert child.wait(30) == status
        assert mode(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)
    assert stack.processes() == []


def test_a_terminal_on_one_side_only_is_none_for_the_command(stack: Stack) -> None:
    says = "[ -t 0 ] && echo in; [ -t 1 ] && echo out; cat"
    line = f"{stack.launcher} exec app sh -c '{says}' | cat; echo | {stack.launcher} exec app sh -c '{says}'; echo over"
    child = pexpect.spawn("sh", ["-c", line], cwd=str(stack.directory), timeout=TIMEOUT, encoding="utf-8")
    try:
        child.sendline("typed")
        child.expect_exact("typed\r\n")  # the terminal's echo
        child.expect_exact("typed\r\n")  # what cat wrote
        child.sendcontrol("d")
        child.expect_exact("over\r\n")
        assert "in" not in child.before and "out" not in child.before
    finally:
        child.close(force=True)


def test_a_job_in_the_background_leaves_the_terminal_alone_until_fg(stack: Stack) -> None:
    with shell_on_the_host(stack) as child:
        child.sendline(f"{stack.launcher} exec app sh -c 'echo star''ted; read line; echo got $line' &")
        child.expect_exact("started")
        child.sendline("echo still''here; stty -a | grep -o ' icanon'")
        child.expect_exact("stillhere\r\n icanon")
        child.sendline("fg")
        child.expect_exact("exec app")
        child.sendline("words")
        child.expect_exact("got words")
        child.expect_exact(PROMPT)
        child.sendline("stty -a | grep -o ' icanon'; exit")
        child.expect_exact(" icanon")


def test_ctrl_z_without_a_terminal_in_the_container_stops_the_job(stack: Stack) -> None:
    with shell_on_the_host(stack) as child:
        child.sendline(f"{stack.launcher} exec app sh -c 'echo star''ted; sleep 2; echo over' | cat")
        child.expect_exact("started")
        child.sendcontrol("z")
        child.expect("Stopped")
        child.sendline("fg")
        child.expect_exact("over")
        child.expect_exact(PROMPT)
        child.sendline("exit")
