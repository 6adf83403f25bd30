"""Two processes and one project: one works, the other says for whom it waits, and then goes on."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.project.errors import FailedError
from devkit.project.lock import at_work, held_locks, only_one, project_lock
from devkit.project.paths import ProjectPaths

pytestmark = pytest.mark.unit

PATIENCE = 20.0

# Says what it is told to say, holds the lock until a line comes, and starts a child that holds it too if asked to.
HOLD = """
import subprocess, sys
from pathlib import Path
from devkit.project.errors import FailedError
from devkit.project.lock import held_locks, project_lock
from devkit.project.paths import ProjectPaths

root, command, *rest = sys.argv[1:]
say = lambda text: print(text, flush=True)
with project_lock(ProjectPaths(Path(root)), command, say, create="create" in rest):
    if "child" in rest:
        child = subprocess.Popen(["cat"], stdin=sys.stdin, stdout=subprocess.DEVNULL, pass_fds=held_locks())
        say(child.pid)
    say("holds")
    sys.stdin.readline()
say("done")
"""


class Other:
    """A second process that takes the lock."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @property
    def pid(self) -> int:
        return self.process.pid

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def lets_go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.says() == "done"
        assert self.process.wait(PATIENCE) == 0


@contextmanager
def other(root: Path, command: str, *rest: str) -> Iterator[Other]:
    arguments = [sys.executable, "-c", HOLD, str(root), command, *rest]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Other(process)
        finally:
            process.kill()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "x"\n')
    return tmp_path


def test_one_waits_says_for_whom_and_since_when_and_then_goes_on(root: Path) -> None:
    with other(root, "up") as first:
        assert first.says() == "holds"
        with other(root, "down") as second:
            said = second.says()
            waiting = r"waiting for devkit up \(pid (\d+), since \d\d:\d\d:\d\d\), which works on this project"
            found = re.fullmatch(waiting, said)
            assert found is not None, said
            assert int(found[1]) == first.pid
            first.lets_go()
            assert second.says() == "holds"
            second.lets_go()


def test_the_lock_of_a_killed_holder_is_free(root: Path) -> None:
    with other(root, "up") as first:
        assert first.says() == "holds"
        first.process.kill()
        first.process.wait(PATIENCE)
        with other(root, "up") as second:
            assert second.says() == "holds"


def test_what_a_killed_holder_left_running_is_waited_for(root: Path) -> None:
    with other(root, "up", "child") as first:
        child = int(first.says())
        assert first.says() == "holds"
        first.process.kill()
        first.process.wait(PATIENCE)
        with other(root, "restart") as second:
            said = second.says()
            assert said.startswith(f"waiting for what devkit up (pid {first.pid}, since ")
            assert said.endswith("left running when it was ended")
            os.kill(child, signal.SIGKILL)
            assert second.says() == "holds"


def test_an_interrupted_wait_ends(root: Path) -> None:
    with other(root, "up") as first:
        assert first.says() == "holds"
        with other(root, "down") as second:
            assert second.says().startswith("waiting for devkit up")
            second.process.send_signal(signal.SIGINT)
            assert second.process.wait(PATIENCE) == -signal.SIGINT
        first.lets_go()


def test_where_no_project_came_of_it_nothing_stays_and_those_who_waited_lock_anew(tmp_path: Path) -> None:
    root = tmp_path / "new" / "shop"
    with other(root, "init", "create") as first:
        assert first.says() == "holds"
        with other(root, "init", "create") as second:
            assert second.says().startswith("waiting for devkit init")
            first.lets_go()
            assert second.says() == "holds"
            with other(root, "init", "create") as third:
                assert third.says().startswith(f"waiting for devkit init (pid {second.pid},")
                second.lets_go()
                assert third.says() == "holds"
                third.lets_go()
    assert list(tmp_path.iterdir()) == []


def test_a_project_keeps_its_lock_file(root: Path) -> None:
    with other(root, "init", "create") as only:
        assert only.says() == "holds"
        only.lets_go()
    assert (root / ".devkit" / "lock").read_bytes() == b""


def test_a_missing_directory_is_made_only_where_that_is_asked_for(tmp_path: Path) -> None:
    with project_lock(ProjectPaths(tmp_path / "gone"), "down", pytest.fail):
        assert not (tmp_path / "gone").exists()


def test_a_command_that_the_holder_started_does_not_wait_for_it(root: Path) -> None:
    with project_lock(ProjectPaths(root), "up", pytest.fail):
        with other(root, "restart") as hook:
            assert hook.process.wait(PATIENCE) == 1
        with pytest.raises(FailedError, match="would wait for it"), project_lock(ProjectPaths(root), "up", pytest.fail):
            pass


def test_what_a_holder_started_and_left_behind_may_work_later(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with project_lock(ProjectPaths(root), "up", pytest.fail):
        inherited = os.environ["DEVKIT_WORKS_ON"]
    monkeypatch.setenv("DEVKIT_WORKS_ON", inherited)
    with other(root, "restart") as later:
        assert later.says() == "holds"
        later.lets_go()


def test_children_are_handed_the_lock_only_while_it_is_held(root: Path) -> None:
    assert held_locks() == ()
    with project_lock(ProjectPaths(root), "up", pytest.fail):
        assert len(held_locks()) == 1
    assert held_locks() == ()


def test_a_child_that_lives_on_does_not_keep_the_lock_of_a_command_that_ended(root: Path) -> None:
    with project_lock(ProjectPaths(root), "up", pytest.fail):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=held_locks())
    try:
        with project_lock(ProjectPaths(root), "up", pytest.fail):
            pass
    finally:
        child.communicate()


def test_where_nothing_can_be_locked_work_goes_on_and_only_a_second_command_is_a_word_worth(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other(root, "up") as first:
        assert first.says() == "holds"

        def no_locks(_descriptor: int, _operation: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", no_locks)
        said: list[str] = []
        with project_lock(ProjectPaths(root), "down", said.append):
            pass
        assert len(said) == 1
        assert said[0].startswith(f"devkit up (pid {first.pid}, since ")
        assert os.strerror(errno.ENOLCK) in said[0]
        first.lets_go()
    with project_lock(ProjectPaths(root), "down", pytest.fail):
        pass


def test_only_one_process_does_it_and_the_other_is_told_which(tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    with only_one(paths, "following.lock", "ui") as first, only_one(paths, "following.lock", "reload --watch") as other:
        assert first is None
        assert other is not None and (other.command, other.pid) == ("ui", os.getpid())
    with only_one(paths, "following.lock", "reload --watch") as freed:
        assert freed is None


def test_where_no_lock_can_be_had_it_is_done_all_the_same(tmp_path: Path) -> None:
    (tmp_path / ".devkit").touch()
    with only_one(ProjectPaths(tmp_path), "following.lock", "ui") as holder:
        assert holder is None


def test_who_is_at_work_is_known_without_waiting(root: Path) -> None:
    paths = ProjectPaths(root)
    assert at_work(paths) is None
    with other(root, "up") as found:
        assert found.says() == "holds"
        holder = at_work(paths)
        assert holder is not None and (holder.command, holder.pid) == ("up", found.pid)
        found.lets_go()
        assert at_work(paths) is None
