"""A team's own commands are called like devkit's: arguments, stdin and exit status are the program's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

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
wait = "sleep 30; true"
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


def test_a_signal_ends_the_program(project: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "devkit.entry", "wait"], cwd=project, env=plain_environment())
    while Path(f"/proc/{process.pid}/comm").read_text().strip() != "sh":
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == -signal.SIGTERM


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
