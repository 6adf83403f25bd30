"""The shell that signals a command's processes: which it finds, by which shell, and with what in its way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.engine.exec.warden import SCRIPT

pytestmark = pytest.mark.unit

FAMILY = "setsid sleep 81 & sleep 82 & (exec -a 'odd ) name (' sleep 83) & (sleep 84; sleep 85) & echo ready; wait"


@contextmanager
def family() -> Iterator[int]:
    """A process that leads a session, as an exec does, with five below it."""
    with subprocess.Popen(["bash", "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"ready\n"
        try:
            yield leader.pid
        finally:
            ended = ask(leader.pid, "KILL", "-")
            leader.wait(10)
            assert ended


def ask(pid: int, *words: str, shell: str = "sh", path: str = "/usr/bin:/bin") -> list[set[int]]:
    """What the script answers to these words."""
    said = "".join(f"{word}\n" for word in words)
    program = shutil.which(shell)
    assert program is not None
    done = subprocess.run(
        [program, "-c", SCRIPT, "devkit", str(pid)],
        input=said,
        capture_output=True,
        text=True,
        env={"PATH": path},
        check=True,
    )
    return [{int(number) for number in line[1:].split()} for line in done.stdout.splitlines()]


def settled(pid: int, wanted: int) -> set[int]:
    """The processes, once so many are there: no event tells that a process has become another program."""
    end = time.monotonic() + 10
    while len(found := ask(pid, "-")[0]) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return found


def commands(pids: set[int]) -> list[str]:
    return sorted(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2].decode() for pid in pids)


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/nothing/with/a/cat"])
def test_it_finds_all_of_a_commands_processes_and_no_others(shell: str, path: str) -> None:
    with family() as leader:
        everyone = settled(leader, 6)
        assert leader in everyone
        assert commands(everyone - {leader})[:3] == ["81", "82", "83"]
        assert ask(leader, "-", "-", shell=shell, path=path) == [everyone, everyone]
        assert os.getpid() not in everyone


def test_a_signal_is_for_all_of_them_and_what_is_left_is_found_when_the_first_has_gone() -> None:
    stubborn = "trap '' TERM; sleep 88; sleep 89"
    script = f"(trap '' TERM; echo ready; sleep 86; sleep 87) & setsid bash -c \"{stubborn}\" & wait"
    with subprocess.Popen(
        ["bash", "-c", script],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"ready\n"
        settled(leader.pid, 5)
        talk = subprocess.Popen(
            ["sh", "-c", SCRIPT, "devkit", str(leader.pid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with talk:
            assert talk.stdin is not None and talk.stdout is not None
            talk.stdin.write("TERM\n")
            talk.stdin.flush()
            assert len(talk.stdout.readline().split()) == 6
            assert leader.wait(10) == -signal.SIGTERM
            talk.stdin.write("KILL\n")
            talk.stdin.flush()
            left = {int(pid) for pid in talk.stdout.readline()[1:].split()}
            assert len(left) >= 2  # of both sessions, though their parent has gone
            talk.stdin.close()
        assert settled(leader.pid, 0) == set()  # a kill is obeyed a moment later


def test_a_message_is_for_the_first_alone() -> None:
    script = "trap 'echo told' USR1; sleep 90 & echo ready; wait; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"ready\n"
        ask(leader.pid, "USR1 main")
        assert leader.stdout.readline() == b"told\n"
        assert len(ask(leader.pid, "KILL")[0]) == 2
        leader.wait(10)
