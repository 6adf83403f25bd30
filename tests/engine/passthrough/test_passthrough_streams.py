"""Bytes through devkit: all of them, apart, at once, in little memory, and ended when they should be."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from passthrough_stack import Stack

pytestmark = pytest.mark.engine

MANY = 64 * 1024 * 1024


def test_binary_data_goes_both_ways_unchanged(stack: Stack) -> None:
    content = b"".join(hashlib.sha512(b"%d" % number).digest() for number in range(1 << 16))
    done = stack.devkit("exec", "app", "cat", input=content)
    assert done.stdout == content
    assert (done.returncode, done.stderr) == (0, b"")


def test_much_data_takes_little_memory(stack: Stack) -> None:
    """Children's peak: the largest of all that this process has waited for, in KiB on Linux."""
    command = f"{stack.launcher} exec app head -c {MANY} /dev/zero | {stack.launcher} exec app sh -c 'sleep 1; wc -c'"
    program = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(['sh', '-c', sys.argv[1]], capture_output=True, check=True)\n"
        "print(int(done.stdout), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, command],
        cwd=stack.directory,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    size, peak = map(int, told.stdout.split())
    assert size == MANY
    assert peak < 40 * 1024


def test_output_comes_as_it_is_written(stack: Stack) -> None:
    with stack.start(
        "exec", "app", "sh", "-c", "printf 'no line end'; cat", ready=None, stdin=subprocess.PIPE
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.read(11) == b"no line end"
        for word in (b"one", b"two\n", b"\0"):
            child.stdin.write(word)
            child.stdin.flush()
            assert child.stdout.read(len(word)) == word
        child.stdin.close()
        assert child.wait(20) == 0


def test_the_end_of_stdin_reaches_the_command_while_it_writes_on(stack: Stack) -> None:
    done = stack.devkit("exec", "app", "sh", "-c", "cat; sleep 0.5; echo after", input=b"before\n")
    assert done.stdout == b"before\nafter\n"


def test_a_command_that_ends_while_stdin_is_open_ends_devkit(stack: Stack) -> None:
    with stack.start("exec", "app", "sh", "-c", "echo ready; exit 3", stdin=subprocess.PIPE) as child:
        assert child.wait(20) == 3


def test_stdin_that_is_never_read_does_not_keep_devkit(stack: Stack) -> None:
    line = f"yes | {stack.launcher} exec app sh -c 'sleep 0.5; exit 9'"
    done = subprocess.run(["bash", "-c", line], cwd=stack.directory, timeout=60, check=False)
    assert done.returncode == 9


@pytest.mark.parametrize("kind", ["file", "null", "socket", "append"])
def test_stdout_may_be_anything(stack: Stack, kind: str, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    target = tmp_path / "out"
    target.write_bytes(b"before" if kind == "append" else b"")
    with ours, theirs, target.open("ab") as file, Path("/dev/null").open("wb") as null:
        given = {"socket": theirs, "null": null}.get(kind, file)
        with stack.start("exec", "app", "head", "-c", "100000", "/dev/zero", ready=None, stdout=given) as child:
            received = b""
            while kind == "socket" and len(received) < 100_000:
                received += ours.recv(65536)
            assert child.wait(30) == 0
    assert len(received) == (100_000 if kind == "socket" else 0)
    assert target.stat().st_size == {"file": 100_000, "append": 100_006}.get(kind, 0)


def test_both_outputs_in_one_file_stand_behind_one_another(stack: Stack, tmp_path: Path) -> None:
    says = "echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three"
    line = f"{stack.launcher} exec app sh -c '{says}' > {tmp_path}/all 2>&1"
    subprocess.run(["sh", "-c", line], cwd=stack.directory, check=True, timeout=60)
    assert (tmp_path / "all").read_text() == "one\ntwo\nthree\n"
