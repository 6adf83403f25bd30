"""A team's own commands are called like devkit's: arguments, stdin and exit status are the program's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest
from command_line import devkit, plain_environment

pytestmark = pytest.mark.unit

TOML = """\
schema = 1
[project]
name = "shop"
[commands]
show = "printf '<%s>' \\"$PWD\\""
count = "sh -c 'exit 7'"
status = "echo never"
echo = "cat -; printf '[%s]'"
tree = "sh -c 'echo $$; exec sleep 300' & sh -c 'echo $$; exec sleep 301'; true"
finishes = "trap 'echo finished; exit 5' TERM; echo ready; sleep 302 & wait; true"
stubborn = "trap '' TERM; echo $$; sh -c 'echo $$; exec sleep 303'; true"
counts = "trap 'n=$((n+1)); echo INT $n' INT; echo ready; sleep 304; sleep 0.3; echo end; exit 6"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text(TOML)
    (tmp_path / "app").mkdir()
    return tmp_path


def test_a_line_runs_in_the_projects_root_with_arguments_behind_untouched(project: Path) -> None:
    said = devkit("show", "a b", "--help", "$HOME", "", "--", cwd=project / "app")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"<{project}><a b><--help><$HOME><><-->"


def test_the_exit_status_is_the_programs(project: Path) -> None:
    assert devkit("count", cwd=project).returncode == 7


def test_stdin_is_the_programs(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devkit.entry", "echo", "x"],
        cwd=project,
        input=b"\x00\xff in ",
        env=plain_environment(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"\x00\xff in [x]"


@contextmanager
def started(project: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "devkit.entry", name]
    environment = plain_environment()
    with subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def ended(pid: int) -> bool:
    """Whether it is gone within a while: nothing tells of a process that is not one's own child."""
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_program_with_all_that_it_has_started(project: Path, number: signal.Signals) -> None:
    with started(project, "tree") as child:
        assert child.stdout is not None
        pids = [int(child.stdout.readline()) for _ in range(2)]
        child.send_signal(number)
        assert child.wait(timeout=20) == -number
        assert all(ended(pid) for pid in pids)
        assert child.stdout.read() == ""  # nobody is left who could write: the sleeps have gone too


def test_a_program_that_handles_a_signal_is_waited_for(project: Path) -> None:
    with started(project, "finishes") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.terminate()
        assert child.wait(timeout=20) == 5
        assert child.stdout.read() == "finished\n"


def test_the_second_signal_kills(project: Path) -> None:
    with started(project, "stubborn") as child:
        assert child.stdout is not None
        pids = [int(child.stdout.readline()) for _ in range(2)]
        child.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.5)
        child.terminate()
        assert child.wait(timeout=20) == -signal.SIGKILL
        assert all(ended(pid) for pid in pids)


def test_the_terminals_ctrl_c_arrives_once(project: Path) -> None:
    words = [sys.executable, "-m", "devkit.entry", "counts"]
    child = pexpect.spawn(words[0], words[1:], cwd=str(project), env=plain_environment(), encoding="utf-8", timeout=20)
    child.expect_exact("ready")
    child.send("\x03")
    child.expect_exact("end")
    assert child.before.count("INT") == 1
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 6


def test_help_names_them_in_their_project_and_devkits_own_win(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = devkit("--help", cwd=project / "app").stdout
    own = said.partition("of this project")[2]
    assert "count" in own and "exit 7" in own
    assert "echo never" not in said
    assert "of this project" not in devkit("--help", cwd=tmp_path_factory.mktemp("elsewhere")).stdout
    (project / "devkit.toml").write_text("broken [")
    assert devkit("--help", cwd=project).returncode == 0


def test_a_name_that_nobody_has_is_told_as_everywhere(project: Path) -> None:
    said = devkit("--json", "statsu", cwd=project)
    assert said.returncode == 2
    assert json.loads(said.stdout)["error"]["hint"] == "did you mean status?"


def test_a_reader_that_goes_ends_the_program_as_it_does_without_devkit(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n[commands]\nmany = "exec yes"\n')
    command = [sys.executable, "-m", "devkit.entry", "many"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=plain_environment(), stdout=pipe, stderr=pipe) as many:
        assert many.stdout is not None and many.stderr is not None
        assert many.stdout.readline() == b"y\n"
        many.stdout.close()
        assert many.wait(timeout=30) == -signal.SIGPIPE
        assert many.stderr.read() == b""
