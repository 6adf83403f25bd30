"""What signals to devkit do to the command in the container, and that nothing of it stays there."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from passthrough_stack import Stack, as_from_a_shell

pytestmark = pytest.mark.engine

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


def until(met: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Look until it is so: what happens in a container sends no event to a test."""
    end = time.monotonic() + seconds
    while not (so := met()) and time.monotonic() < end:
        time.sleep(0.05)
    return so


def test_every_ending_signal_ends_the_command_its_children_and_their_sessions(stack: Stack) -> None:
    family = (
        "(sleep 41; sleep 42) & setsid sleep 43 & (trap '' INT TERM HUP QUIT; sleep 44; sleep 45) & echo ready; wait"
    )
    with ExitStack() as all_of_them:
        started = [
            (number, all_of_them.enter_context(stack.start("exec", "app", "sh", "-c", family))) for number in ENDING
        ]
        assert until(lambda: len(stack.processes()) >= 4 * len(ENDING))
        for number, child in started:
            child.send_signal(number)
        for number, child in started:
            assert child.wait(30) == 128 + number
    assert stack.processes() == []


def test_devkit_waits_for_a_command_that_handles_the_signal(stack: Stack) -> None:
    handles = "trap 'echo finishing; sleep 1.5; echo done; exit 5' TERM; echo ready; while :; do sleep 0.1; done"
    with stack.start("exec", "app", "sh", "-c", handles) as child:
        child.terminate()
        out, _ = child.communicate(timeout=30)
    assert (child.returncode, out) == (5, b"finishing\ndone\n")
    assert stack.processes() == []


def test_a_second_signal_kills_at_once_what_ignores_the_first(stack: Stack) -> None:
    with stack.start("exec", "app", "sh", "-c", "trap '' TERM INT; echo ready; sleep 46; sleep 47") as child:
        child.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(1.5)
        assert stack.processes() != []
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 137
    assert stack.processes() == []


def test_children_that_outlive_their_parent_get_a_moment_and_are_killed(stack: Stack) -> None:
    with stack.start("exec", "app", "sh", "-c", "(trap '' TERM; echo ready; sleep 48; sleep 49) & wait") as child:
        child.terminate()
        assert child.wait(30) == 143
    assert stack.processes() == []


def test_a_signal_before_the_command_runs_is_not_lost(stack: Stack) -> None:
    with stack.start("exec", "app", "sleep", "50", ready=None) as child:
        # Python ignores SIGPIPE as it starts: from then on devkit may be anywhere on its way.
        assert until(lambda: ignores(child.pid, signal.SIGPIPE))
        time.sleep(0.03)
        child.terminate()
        assert child.wait(30) in (143, -signal.SIGTERM)
    assert stack.is_empty()


def ignores(pid: int, number: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    (mask,) = [line.split()[1] for line in status if line.startswith("SigIgn")]
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_what_was_ignored_when_devkit_started_stays_ignored(stack: Stack) -> None:
    def under_nohup() -> None:
        as_from_a_shell()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with stack.start("exec", "app", "sh", "-c", "echo ready; sleep 1; echo all", prepare=under_nohup) as child:
        child.send_signal(signal.SIGHUP)
        out, _ = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, b"all\n")


def test_a_message_goes_to_the_first_process_alone(stack: Stack) -> None:
    script = "sh -c 'echo ready; sleep 1' & trap 'echo told' USR2; wait; wait; echo whole"
    with stack.start("exec", "app", "sh", "-c", script) as child:
        child.send_signal(signal.SIGUSR2)
        out, _ = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, b"told\nwhole\n")


def test_ctrl_z_stops_the_command_too_and_fg_lets_both_go_on(stack: Stack) -> None:
    waits = "echo ready; until [ -e /tmp/go ]; do sleep 0.05; done; rm /tmp/go; echo over"
    # Without a parent in its session, which here is the test, SIGTSTP would stop nothing.
    with stack.start("exec", "app", "sh", "-c", waits, process_group=0) as child:
        child.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert until(lambda: states(stack, waits) == {"T"})
        stack.by_docker("touch", "/tmp/go")
        assert states(stack, waits) == {"T"}
        child.send_signal(signal.SIGCONT)
        out, _ = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, b"over\n")


def states(stack: Stack, words: str) -> set[str]:
    rows = stack.docker.run("top", stack.container(), "-eo", "pid,stat,args").stdout.decode().splitlines()[1:]
    return {row.split()[1][0] for row in rows if words in row}


def test_a_reader_that_closes_early_ends_the_command(stack: Stack) -> None:
    for command in (["yes"], ["sh", "-c", "trap '' PIPE; while echo y; do :; done"]):
        with stack.start("exec", "app", *command, ready=b"y\n") as child:
            assert child.stdout is not None
            child.stdout.close()
            assert child.wait(30) == 141
        assert stack.is_empty()


def test_a_command_that_writes_nothing_more_is_not_ended_because_its_reader_left(stack: Stack) -> None:
    """As in a shell: a migration whose output goes through `head` is finished."""
    with stack.start("exec", "app", "sh", "-c", "echo ready; sleep 1; touch /tmp/finished; exit 6") as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.wait(30) == 6
    assert stack.by_docker("rm", "/tmp/finished").returncode == 0


def test_a_signal_ends_devkit_also_while_nobody_takes_its_output(stack: Stack) -> None:
    with stack.start("exec", "app", "yes", ready=b"y\n") as child:
        assert until(lambda: stack.processes() == ["yes"])
        child.terminate()
        assert child.wait(30) == 143
    assert stack.processes() == []
