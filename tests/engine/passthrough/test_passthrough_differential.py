"""The same command by `docker exec` and by devkit: the same bytes, the same status, the same processes left.

Where devkit is meant to differ, the case stands in DIFFERENCES or says so in its test's name.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from passthrough_stack import Stack

pytestmark = pytest.mark.engine

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SHARED = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])

SAYS_ALL = 'printf "%s\\0" "$@" >&2; cat; exit $0'
"""Arguments on stderr, stdin on stdout, and the status that is its name."""


def same(stack: Stack, *arguments: str | bytes, input: bytes = b"") -> tuple[int, bytes, bytes]:
    """Run it by both, see that nothing tells them apart, and give what happened."""
    by_docker, by_devkit = (
        stack.by_docker(*arguments, input=input),
        stack.devkit("exec", "app", *arguments, input=input),
    )
    docker = (by_docker.returncode, by_docker.stdout, by_docker.stderr)
    devkit = (by_devkit.returncode, by_devkit.stdout, by_devkit.stderr)
    assert devkit == docker
    return devkit


@SHARED
@given(st.lists(TEXT, max_size=5), st.binary(max_size=300), st.integers(0, 255))
@example(
    ["--help", "--", "", "-it", "a\nb\n", "$HOME `x` 'y' \"z\" \\", "*", "\x01\x1b[31m", "é✓𝄞"], b"\0\xff\r\n", 255
)
def test_arguments_stdin_and_status(stack: Stack, words: list[str], content: bytes, status: int) -> None:
    got = same(stack, "sh", "-c", SAYS_ALL, str(status), *words, input=content)
    assert got == (status, content, b"".join(f"{word}\0".encode() for word in words) or b"\0")


@SHARED
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40000)), max_size=4))
def test_stdout_and_stderr_are_kept_apart(stack: Stack, pieces: list[tuple[bool, int]]) -> None:
    script = "\n".join(f"head -c {size} /dev/zero {'' if out else '>&2'}" for out, size in pieces) or ":"
    _, out, err = same(stack, "sh", "-c", script)
    assert len(out) == sum(size for is_out, size in pieces if is_out)
    assert len(err) == sum(size for is_out, size in pieces if not is_out)


def test_what_a_command_sees_of_its_surroundings(stack: Stack) -> None:
    assert b"HOSTNAME=" in same(stack, "sh", "-c", "env | sort")[1]
    same(stack, "sh", "-c", "pwd; id; umask; ulimit -a; ls -l /proc/self/fd | wc -l; grep Sig[PBIC] /proc/self/status")
    same(stack, "sh", "-c", 'read -r stat < /proc/$$/stat; set -- $stat; [ "$1" = "$6" ] && echo leads its session')


@pytest.mark.parametrize("number", [1, 2, 3, 6, 9, 10, 11, 12, 13, 14, 15])
def test_a_command_that_a_signal_of_its_own_ends(stack: Stack, number: int) -> None:
    assert same(stack, "sh", "-c", f"kill -{number} $$; sleep 5")[0] == 128 + number


def test_a_command_without_output(stack: Stack) -> None:
    assert same(stack, "true") == (0, b"", b"")
    assert same(stack, "sh", "-c", "exec >&- 2>&-; exit 7") == (7, b"", b"")


def test_without_stdin_a_command_has_the_containers_dev_null(stack: Stack) -> None:
    words = ["sh", "-c", "readlink /proc/self/fd/0; wc -c"]
    docker = [stack.docker.binary, "exec", stack.container(), *words]
    devkit = [stack.launcher, "exec", "app", *words]
    seen = [
        subprocess.run(command, cwd=stack.directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        for command in (docker, devkit)
    ]
    for done in seen:
        assert (done.returncode, done.stdout, done.stderr) == (0, b"/dev/null\n0\n", b"")


def test_arguments_of_a_megabyte(stack: Stack) -> None:
    words = ["x" * 100_000] * 10
    assert same(stack, "sh", "-c", "cat /proc/$$/cmdline | wc -c; echo $#", "sh", *words)[1].endswith(b"\n10\n")


def test_a_background_process_is_left_alone_when_its_command_ends(stack: Stack) -> None:
    leaves = "sleep 31 > /dev/null 2>&1 < /dev/null &"
    assert same(stack, "sh", "-c", leaves) == (0, b"", b"")
    assert stack.processes() == ["sleep 31", "sleep 31"]


def test_a_background_process_that_holds_stdout_holds_neither_for_long(stack: Stack) -> None:
    assert same(stack, "sh", "-c", "sleep 32 & echo started; exit 4") == (4, b"started\n", b"")


# ------------------------------------------------------------ where devkit is meant to differ

DIFFERENCES = {
    "a command that is not there": (["no-such-command"], 126, 127, "no-such-command: not found"),
    "a path that is not there": (["./nothing/here"], 126, 127, "./nothing/here: not found"),
    "a file that is not executable": (["/etc/passwd"], 126, 126, "/etc/passwd: Permission denied"),
    "a directory": (["/tmp"], 126, 126, "/tmp: Permission denied"),
    "a script without a first line for the kernel": (["./script", "word"], None, 8, "ran as sh: word"),
}
"""Command, docker's status (None: its versions differ), devkit's, which is the shells', and devkit's words."""


@pytest.mark.parametrize("case", DIFFERENCES)
def test_what_cannot_be_started_has_the_status_and_the_words_that_a_shell_has(stack: Stack, case: str) -> None:
    script = stack.directory / "script"
    script.write_text("echo ran as sh: $1 >&2; exit 8\n")
    script.chmod(0o755)
    command, by_docker, by_devkit, said = DIFFERENCES[case]
    docker, devkit = stack.by_docker(*command), stack.devkit("exec", "app", *command)
    assert docker.returncode == by_docker or (by_docker is None and docker.returncode != by_devkit)
    assert docker.stdout.startswith(b"OCI runtime exec failed") or by_docker is None
    assert (devkit.returncode, devkit.stdout) == (by_devkit, b"")
    assert said in devkit.stderr.decode()
    assert devkit.stderr.count(b"\n") == 1


@SHARED
@given(st.lists(st.binary(max_size=12).filter(lambda word: b"\0" not in word), min_size=1, max_size=4))
@example([b"\xff", b"", b"line\n", b"\xfe\n\n"])
def test_every_byte_of_an_argument_arrives_where_docker_takes_text_only(stack: Stack, words: list[bytes]) -> None:
    done = stack.devkit("exec", "app", "printf", "%s\\0", *words)
    assert done.stdout == b"".join(word + b"\0" for word in words)
    by_docker = stack.by_docker("printf", "%s\\0", *words).stdout
    is_text = all(word.decode("utf-8", "replace").encode() == word for word in words)
    assert (by_docker == done.stdout) == is_text


def test_a_directory_whose_name_is_no_text_is_entered(stack: Stack) -> None:
    directory = Path(os.fsdecode(os.fsencode(stack.directory) + b"/d\xe9"))
    directory.mkdir(exist_ok=True)
    assert stack.devkit("exec", "app", "pwd", directory=directory).stdout == b"/app/d\xe9\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_the_client_ends_the_command_where_docker_leaves_it_running(stack: Stack, name: str) -> None:
    number = signal.Signals[name]
    command = [stack.docker.binary, "exec", stack.container(), "sh", "-c", "echo ready; exec sleep 33"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as docker:
        assert docker.stdout is not None
        assert docker.stdout.readline() == b"ready\n"
        docker.send_signal(number)
        docker.wait(30)
    assert stack.processes() == ["sleep 33"]
    stack.clear()
    with stack.start("exec", "app", "sh", "-c", "echo ready; exec sleep 34") as devkit:
        devkit.send_signal(number)
        assert devkit.wait(30) == 128 + number
    assert stack.processes() == []
