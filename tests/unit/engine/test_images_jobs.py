import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from devkit.engine.images.jobs import Job, run_jobs
from devkit.project.errors import CommandError

pytestmark = pytest.mark.unit


def job(name: str, program: str, on_line: Callable[[str], None] = lambda _: None, after: tuple[str, ...] = ()) -> Job:
    """A job that runs a line of Python."""
    return Job(
        name,
        (sys.executable, "-u", "-c", program),
        on_line,
        lambda status: CommandError(f"{name} failed", returncode=status),
        after=frozenset(after),
    )


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_two_jobs_run_side_by_side_and_a_third_waits_for_a_place() -> None:
    lines: list[str] = []
    wait = "import time, sys; print(sys.argv); time.sleep(.5)"
    started = time.monotonic()
    run_jobs([job(name, wait, lambda _, name=name: lines.append(name)) for name in "abc"], at_once=2)  # type: ignore[misc]
    assert 1.0 <= time.monotonic() - started < 1.5 + 1
    assert sorted(lines[:2]) == ["a", "b"]
    assert lines[2] == "c"


def test_a_job_waits_for_what_it_needs() -> None:
    lines: list[str] = []
    run_jobs([job("b", "print('b')", lines.append, ("a",)), job("a", "print('a')", lines.append)], at_once=2)
    assert lines == ["a", "b"]


def test_the_first_failure_is_raised_and_ends_the_others() -> None:
    pids: list[int] = []
    endless = job("endless", "import os, time; print(os.getpid()); time.sleep(600)", lambda s: pids.append(int(s)))
    # Fails only once the other one is there.
    failing = job("failing", "import time; time.sleep(.5); print('why'); raise SystemExit(3)")
    with pytest.raises(CommandError, match="failing failed") as error:
        run_jobs([endless, failing], at_once=2)
    assert error.value.returncode == 3
    assert not any(alive(pid) for pid in pids)


def test_an_interrupt_ends_every_child() -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_jobs([job("a", "import os, time; print(os.getpid()); time.sleep(600)", interrupt)], at_once=1)
    assert len(pids) == 1
    assert not alive(pids[0])


def test_a_second_interrupt_kills_what_does_not_stop() -> None:
    pids: list[int] = []

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def begun(line: str) -> None:
        pids.append(int(line))
        if len(pids) == 2:
            signal.setitimer(signal.ITIMER_REAL, 0.3)  # the second one, while the first is being obeyed
            raise KeyboardInterrupt

    deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid()); time.sleep(600)"
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_jobs([job("a", deaf, begun), job("b", deaf, begun)], at_once=2)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not any(alive(pid) for pid in pids)


def test_a_last_line_without_an_end_is_handed_over() -> None:
    lines: list[str] = []
    run_jobs([job("a", "print('one\\ntwo', end='')", lines.append)], at_once=1)
    assert lines == ["one", "two"]


def test_a_program_that_is_missing_is_an_error_of_ours() -> None:
    missing = Job("a", ("/nonexistent/program",), print, lambda status: CommandError("x", returncode=status))
    with pytest.raises(CommandError, match="could not be started"):
        run_jobs([missing], at_once=1)


def test_jobs_that_wait_for_each_other_are_a_mistake_and_not_a_hang() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        run_jobs([job("a", "", after=("b",)), job("b", "", after=("a",))], at_once=2)
