"""Writers of .env that are killed, find no room, or are several at once: the file is always one text, whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.project.env_file import read_env
from devkit.project.errors import FailedError
from devkit.project.file_lock import directory_locked
from devkit.project.files import is_temporary
from devkit.secrets import dotenv
from devkit.secrets.dotenv import change_env, set_values

pytestmark = pytest.mark.unit

KILLS = 80

# Forks a writer for each line that it is given, which says its number and then a dot for each thing that it does with
# a file; and says when that is gone. A Python that starts anew would take longer than all its writing.
FORKING = """
import json, os, sys
from pathlib import Path
from devkit.secrets.dotenv import set_values

def tell(event, _arguments):
    if event.startswith(("open", "os.", "fcntl.")):
        os.write(1, b".")

sets = json.loads(sys.stdin.readline())
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        print(os.getpid(), flush=True)
        sys.addaudithook(tell)
        while True:
            sets.reverse()
            set_values(Path(sys.argv[1]), sets[0])
    os.waitpid(pid, 0)
    print("gone".rjust(99), flush=True)
"""
ONE_WRITE = 20
"""About as many dots as one write says."""

SETS = [{f"NAME_{number}": f"{word} {number} $" for number in range(300)} for word in ("old", "new")]

# Kills a writer before the first thing that it asks of the system, the next one before the second, and so on until one
# ends by itself; says what each left.
AT_EVERY_CALL = """
import json, os, signal, sys
from pathlib import Path
from devkit.project.files import clear_left_overs
from devkit.secrets.dotenv import set_values

env, calls = Path(sys.argv[1]), set(sys.argv[2].split())
previous = env.with_name(".env.previous")

def write(left):
    def count(_frame, event, function):
        nonlocal left
        if event == "c_call" and function.__name__ in calls:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    set_values(env, {"A": "new" * 9000})
    os._exit(0)

set_values(env, {"A": "old"})  # imports what it needs
found, status = [], signal.SIGKILL
while status == signal.SIGKILL:
    env.write_text("A=old\\n")
    previous.write_text("A=older\\n")
    clear_left_overs(env.parent)
    pid = os.fork()
    if pid == 0:
        write(len(found) + 1)
    _, status = os.waitpid(pid, 0)
    found.append([env.read_text(), previous.read_text()])
print(json.dumps([status, found]))
"""
CALLS = (
    "open fdopen write flush fsync fchmod fchown chmod replace rename unlink close flock listdir stat fstat truncate"
)

# Sets names one after the other, once it is told to begin.
SETTING = """
import sys
from pathlib import Path
from devkit.secrets.dotenv import set_values

print("ready", flush=True)
sys.stdin.readline()
for number in range(12):
    set_values(Path(sys.argv[1]), {f"{sys.argv[2]}_{number}": "x y"})
"""

# A limit on the size of a file ends a write half-way, as a full disk does.
NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from devkit.secrets.dotenv import set_values

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    set_values(Path(sys.argv[1]), {"B": "secret" * 1000})
except OSError as error:
    print(error)
"""


def left_overs(directory: Path) -> list[str]:
    return [name for name in os.listdir(directory) if is_temporary(name)]  # noqa: PTH208


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_writer_killed_at_any_moment_leaves_one_of_two_texts_whole(tmp_path: Path) -> None:
    env, previous = tmp_path / ".env", tmp_path / ".env.previous"
    env.write_text("# mine\n")
    moments = random.Random(20)
    texts = {change_env(env.read_text(), values) for values in SETS}
    set_values(env, SETS[0])
    cut_short = 0
    with start(FORKING, str(env)) as writers:
        assert writers.stdin is not None and writers.stdout is not None
        print(json.dumps(SETS), file=writers.stdin)
        for _ in range(KILLS):
            print("one more", file=writers.stdin, flush=True)
            pid = int(writers.stdout.readline())
            writers.stdout.read(moments.randint(1, ONE_WRITE + 4))
            os.kill(pid, signal.SIGKILL)
            assert writers.stdout.readline().endswith("gone\n")
            assert env.read_text() in texts
            assert previous.read_text() in {"# mine\n", *texts}
            left = left_overs(tmp_path)
            assert len(left) <= 1  # what the writer before left is gone
            cut_short += len(left)
        writers.stdin.close()
    assert cut_short > 0
    assert not set_values(env, {})
    assert sorted(os.listdir(tmp_path)) == [".env", ".env.previous"]  # noqa: PTH208


def test_a_writer_killed_between_any_two_calls_of_the_system_leaves_whole_texts(tmp_path: Path) -> None:
    old, new = "A=old\n", f"A={'new' * 9000}\n"
    with start(AT_EVERY_CALL, str(tmp_path / ".env"), CALLS) as writers:
        status, found = json.loads(writers.communicate()[0])
    assert status == 0
    assert {env for env, _ in found} == {old, new}
    assert {previous for _, previous in found} == {"A=older\n", old}
    assert not [env for env, previous in found if (env, previous) == (new, "A=older\n")]
    assert len(found) > 30


def test_writers_at_the_same_time_lose_no_change_of_each_other(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    writers = [start(SETTING, str(env), name) for name in ("ONE", "TWO", "THREE")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        print("go", file=writer.stdin, flush=True)
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(read_env(env)) == 36


def test_where_there_is_no_room_nothing_has_changed_and_no_value_is_said(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\n")
    done = subprocess.run([sys.executable, "-c", NO_ROOM, str(env)], capture_output=True, text=True, check=False)
    assert str(env) in done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert env.read_text() == (tmp_path / ".env.previous").read_text() == "A=1\n"
    assert not left_overs(tmp_path)


def test_who_has_the_directory_locked_for_good_is_told_of_and_nothing_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\n")
    monkeypatch.setattr(dotenv, "_LOCK_SECONDS", 0.05)
    with directory_locked(tmp_path, seconds=0), pytest.raises(FailedError, match="locked by another program"):
        set_values(env, {"A": "2"})
    assert env.read_text() == "A=1\n"
    assert set_values(env, {"A": "2"})


def test_a_link_is_written_under_the_lock_of_the_file_that_it_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "project").mkdir()
    env = tmp_path / "project" / ".env"
    env.symlink_to("../shared/env")
    monkeypatch.setattr(dotenv, "_LOCK_SECONDS", 0.05)
    with directory_locked(tmp_path / "shared", seconds=0), pytest.raises(FailedError):
        set_values(env, {"A": "2"})
    with directory_locked(tmp_path / "project", seconds=0):
        assert set_values(env, {"A": "2"})
    assert (tmp_path / "shared" / "env").read_text() == "A=2\n"


def test_where_no_lock_can_be_had_it_is_written_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_descriptor: int, _operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", unknown)
    assert set_values(tmp_path / ".env", {"A": "1"})
    assert os.listdir(tmp_path) == [".env"]  # noqa: PTH208
