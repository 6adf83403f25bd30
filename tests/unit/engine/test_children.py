"""Programs ended with whoever started them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.engine.children import close_pipes, end_children

pytestmark = pytest.mark.unit

_STUBBORN = "trap '' TERM; echo ready; while :; do read -r _ || sleep 300; done"
_LONG = 60.0


def started(script: str, *, leads: bool = True) -> subprocess.Popen[bytes]:
    """A shell that has said that it is ready."""
    child = subprocess.Popen(
        ["sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0 if leads else None,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for child in running:
        close_pipes(child)
        assert child.returncode is not None


def test_a_child_is_asked_and_what_it_started_with_it(children: list[subprocess.Popen[bytes]], tmp_path: Path) -> None:
    inner = f"trap 'echo asked > {tmp_path}/inner; exit' TERM; echo ready; sleep 300 & wait"
    children.append(started(f"trap 'wait; exit 3' TERM; sh -c \"{inner}\" & wait"))
    end_children(children, _LONG)
    assert children[0].returncode == 3
    assert (tmp_path / "inner").read_text() == "asked\n"


def test_children_that_do_not_end_in_time_are_killed_all_after_one_wait(
    children: list[subprocess.Popen[bytes]],
) -> None:
    children += [started(_STUBBORN), started(_STUBBORN)]
    end_children(children, 0.1)
    assert [child.returncode for child in children] == [-signal.SIGKILL, -signal.SIGKILL]


def test_a_child_of_this_process_own_group_is_ended_alone(children: list[subprocess.Popen[bytes]]) -> None:
    children.append(started("echo ready; exec sleep 300", leads=False))
    end_children(children, _LONG)  # its group is the one that the tests run in
    assert children[0].returncode == -signal.SIGTERM


def test_one_that_has_ended_is_left_as_it_is(children: list[subprocess.Popen[bytes]]) -> None:
    children.append(started("echo ready; exit 5"))
    children[0].wait()
    end_children(children, _LONG)
    assert children[0].returncode == 5


def test_an_interrupt_in_the_waiting_kills_at_once_and_passes_through(children: list[subprocess.Popen[bytes]]) -> None:
    children.append(started("trap 'kill -INT $PPID' TERM; echo ready; while :; do read -r _ || sleep 300; done"))
    with pytest.raises(KeyboardInterrupt):
        end_children(children, _LONG)
    assert children[0].returncode == -signal.SIGKILL


def test_what_nobody_reads_any_more_is_no_error() -> None:
    child = started("echo ready")
    assert child.stdin is not None
    child.wait()
    child.stdin.write(b"lost")
    close_pipes(child)
    assert child.stdin.closed
