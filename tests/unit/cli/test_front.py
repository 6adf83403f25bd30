"""Whole command lines, each in a process of its own: what stdout, stderr and the exit status say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import devkit, plain_environment

from devkit.cli.commands import COMMANDS

pytestmark = pytest.mark.unit


def test_help_offers_what_there_is_and_nothing_else(tmp_path: Path) -> None:
    said = devkit("--help", cwd=tmp_path)
    offered = {line.split()[0] for line in said.stdout.splitlines() if line.startswith("  ")}
    assert (said.returncode, said.stderr) == (0, "")
    assert set(COMMANDS) <= offered


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_of_its_own(command: str, tmp_path: Path) -> None:
    said = devkit(command, "--help", cwd=tmp_path)
    assert said.returncode == 0
    assert said.stdout.startswith(f"usage: devkit {command}")


@pytest.mark.parametrize("command", ["artisan", "up"])
def test_help_can_be_asked_for_by_name(command: str, tmp_path: Path) -> None:
    said = devkit("help", command, cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert f" {command} " in said.stdout.splitlines()[0]


def test_the_version_is_one_line_or_one_object(tmp_path: Path) -> None:
    assert devkit("--version", cwd=tmp_path).stdout.startswith("devkit 0.")
    assert set(json.loads(devkit("--json", "--version", cwd=tmp_path).stdout)) == {"version"}


@pytest.mark.parametrize(
    ("arguments", "status", "message", "hint"),
    [
        ((), 2, "devkit alone needs a terminal", "--help"),
        (("statsu",), 2, "unknown command 'statsu'", "did you mean status?"),
        (("--jsn", "status"), 2, "unknown flag --jsn", "did you mean --json?"),
        (("up", "--bulid"), 2, "unknown flag --bulid", "did you mean --build?"),
        (("artisan", "migrate", "--help"), 4, "not in a devkit project", "devkit init"),
        (("--project", "/nowhere", "artisan"), 2, "/nowhere: no such directory", "project"),
        (("exec", "app"), 2, "needs a service and a command", "devkit exec app"),
        (("help", "artisn"), 2, "unknown command 'artisn'", "did you mean artisan?"),
        (("deploy",), 2, "the following arguments are required: ENVIRONMENT", "--help"),
        (("deploy", "staging"), 4, "not in a devkit project", "devkit init"),
        (("--project", "/nowhere", "up"), 2, "/nowhere: no such directory", "project"),
        (("--project",), 2, "--project needs a directory", "DIR"),
        (("config", "set", "php.mode"), 2, "config set was given 1 words", "KEY VALUE"),
        (("logs", "--tail", "many"), 2, "'many' is not a whole number", "--help"),
        (("status",), 4, "not in a devkit project", "devkit init"),
        (("down", "--volumes"), 4, "not in a devkit project", "devkit init"),
        (("config", "list"), 4, "not in a devkit project", "devkit init"),
    ],
)
def test_an_error_is_one_line_with_a_hint_and_the_right_status(
    arguments: tuple[str, ...], status: int, message: str, hint: str, tmp_path: Path
) -> None:
    said = devkit(*arguments, cwd=tmp_path)
    first, second = said.stderr.splitlines()
    assert (said.returncode, said.stdout) == (status, "")
    assert first.startswith("devkit: ") and message in first
    assert second.startswith("  → ") and hint in second


@pytest.mark.parametrize("arguments", [("--json", "status"), ("status", "--json")])
def test_with_json_an_error_is_an_object_wherever_the_flag_stands(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = devkit(*arguments, cwd=tmp_path)
    assert said.returncode == 4
    error = json.loads(said.stdout)["error"]
    assert error["code"] == "not_a_project"
    assert set(error) == {"code", "message", "hint"}


def test_a_dry_run_without_a_terminal_is_one_object_and_writes_nothing(tmp_path: Path) -> None:
    said = devkit("init", "--dry-run", "--images", "local", "my shop", cwd=tmp_path)
    plan = json.loads(said.stdout)
    assert (said.returncode, plan["project"]) == (0, "my-shop")
    assert {step["status"] for step in plan["steps"]} == {"planned"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["CI", "CLAUDECODE", "CURSOR_AGENT"])
def test_ci_and_agents_get_json_and_no_prompt(name: str, tmp_path: Path) -> None:
    said = devkit("init", "--dry-run", "--images", "local", cwd=tmp_path, **{name: "1"})
    assert json.loads(said.stdout)["directory"] == str(tmp_path)


def test_a_refused_init_says_so_to_people_and_programs_and_writes_nothing(tmp_path: Path) -> None:
    said = devkit("init", "new", "--port", "0", cwd=tmp_path)
    assert said.returncode == 2
    assert json.loads(said.stdout)["error"]["code"] == "usage"
    assert said.stderr.startswith("devkit: port 0")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 300, "a:b", "line\nend", "file"])
def test_a_directory_that_cannot_be_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = devkit("init", "--yes", "--images", "local", "--", name, cwd=tmp_path)
    assert said.returncode in (1, 2)
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    said = devkit("init", "--yes", "--images", "local", "a", cwd=tmp_path)
    assert said.returncode in (1, 2)
    assert len(said.stderr.splitlines()) == 2


def test_a_reader_who_leaves_early_gets_no_complaint(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    child = subprocess.run(
        [sys.executable, "-m", "devkit.entry", "--help"],
        cwd=tmp_path,
        env=plain_environment(),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (child.returncode, child.stderr) == (141, b"")


_WAITS = """
import signal, sys, types, devkit.cli.status as status
from devkit import entry
def run(context, arguments):
    print("waiting", flush=True)
    while True:
        signal.pause()
status.run = run
sys.exit(entry.main(["status"]))
"""


def _as_from_a_shell() -> None:
    """Whoever runs the tests in the background, or under nohup, has these ignored; a child would inherit it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_devkit_with_128_and_its_number(number: int, status: int, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS],
        cwd=tmp_path,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_from_a_shell,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(number)
        try:
            _, said = child.communicate(timeout=20)
        finally:
            child.kill()
    assert child.returncode == status
    assert said.splitlines()[0] == "devkit: interrupted"


def test_a_fault_of_devkits_own_is_one_line_without_debug(tmp_path: Path) -> None:
    program = (
        "import sys, devkit.cli.status as status\n"
        "from devkit import entry\n"
        "def run(context, arguments): raise ZeroDivisionError('oh')\n"
        "status.run = run\n"
        "sys.argv = ['devkit', *sys.argv[1:]]\n"
        "sys.exit(entry.main())"
    )
    for flags, traced in ((["status"], False), (["--debug", "status"], True)):
        done = subprocess.run(
            [sys.executable, "-c", program, *flags],
            cwd=tmp_path,
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "devkit has a fault: ZeroDivisionError: oh" in done.stderr
        assert ("Traceback" in done.stderr) is traced
