"""NO_COLOR, --quiet and --debug: what holds for every command, whichever it is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pexpect
import pytest
from command_line import devkit_here, plain_environment
from terminal import answering

from devkit.cli.commands import COMMANDS
from devkit.cli.narration import Narrator

pytestmark = pytest.mark.unit

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
NEEDS_A_PROJECT = {
    "down": [],
    "stop": [],
    "restart": [],
    "status": [],
    "logs": [],
    "build": [],
    "up": [],
    "config": [],
    "open": [],
    "trust": [],
    "share": [],
    "scaffold": ["devcontainer"],
    "explain": ["up"],
}
"""Commands that end with exit status 4 outside a project, with the words that they need to get so far."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    return tmp_path


def on_a_terminal(project: Path, *arguments: str, **environment: str) -> bytes:
    said, status = pexpect.run(
        f"{sys.executable} -m devkit.entry {' '.join(arguments)}",
        cwd=str(project),
        env=plain_environment(TERM="xterm-256color", **environment),
        withexitstatus=True,
    )
    assert status == 0, said
    return bytes(said)


@pytest.mark.parametrize("command", NEEDS_A_PROJECT)
def test_a_traceback_comes_with_debug_and_only_then(command: str, tmp_path: Path) -> None:
    words = [command, *NEEDS_A_PROJECT[command]]
    plain = devkit_here(*words, cwd=tmp_path)
    assert (plain.returncode, plain.stdout, len(plain.stderr.splitlines())) == (4, "", 2)
    for arguments in (["--debug", *words], [command, "--debug", *NEEDS_A_PROJECT[command]]):
        if command == "explain" and arguments[0] == command:
            continue  # what stands behind it is another command's
        traced = devkit_here(*arguments, cwd=tmp_path)
        assert traced.returncode == 4
        assert traced.stderr.startswith("Traceback")
        assert traced.stderr.endswith(plain.stderr)


@pytest.mark.parametrize("command", NEEDS_A_PROJECT)
def test_an_error_is_said_with_quiet_as_well(command: str, tmp_path: Path) -> None:
    said = devkit_here("--quiet", command, *NEEDS_A_PROJECT[command], cwd=tmp_path)
    assert said.returncode == 4
    assert "not in a devkit project" in said.stderr


@pytest.mark.parametrize(
    ("words", "stdout"),
    [
        (("scaffold", "devcontainer"), False),
        (("open",), True),
        (("open", "--list"), True),
        (("config", "list"), True),
        (("explain", "config"), False),
        (("help",), True),
        (("completion", "bash"), True),
    ],
)
def test_with_quiet_there_are_results_and_nothing_else(words: tuple[str, ...], stdout: bool, project: Path) -> None:
    for arguments in (("--quiet", *words), (*words, "--quiet")):
        if words[0] == "explain" and arguments[0] == "explain":
            continue
        said = devkit_here(*arguments, cwd=project)
        assert (said.returncode, said.stderr) == (0, "")
        assert bool(said.stdout) is stdout


def test_colour_is_for_terminals_that_want_it(project: Path) -> None:
    words = ("scaffold", "devcontainer")
    assert COLOUR.search(on_a_terminal(project, *words))
    assert COLOUR.search(on_a_terminal(project, *words, NO_COLOR=""))  # https://no-color.org: not when empty
    assert not COLOUR.search(on_a_terminal(project, *words, NO_COLOR="1"))
    assert "\x1b" not in devkit_here(*words, cwd=project).stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_on_a_terminal_has_no_colour_where_none_is_wanted(command: str, project: Path) -> None:
    assert not COLOUR.search(on_a_terminal(project, command, "--help", NO_COLOR="1"))


def test_the_wizard_has_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry", "init", "--images", "local"],
        cwd=str(tmp_path),
        env=plain_environment(TERM="xterm-256color", NO_COLOR="1"),
        encoding="utf-8",
        timeout=30,
    )
    try:
        answering(child).expect("Directory")
        said = str(child.before)
        child.sendcontrol("c")
        child.expect(pexpect.EOF)
        said += str(child.before)
    finally:
        child.close(force=True)
    painted = [found for found in COLOUR.findall(said.encode()) if re.search(rb"[\[;](3[0-9]|4[0-9]|9[0-7])", found)]
    assert painted == []


@pytest.mark.parametrize(
    "words", [("config", "list"), ("open", "--list"), ("scaffold", "devcontainer"), ("explain", "up")]
)
def test_json_is_one_object_whatever_else_is_asked_for(words: tuple[str, ...], project: Path) -> None:
    said = devkit_here("--json", "--quiet", "--debug", *words, cwd=project)
    assert isinstance(json.loads(said.stdout), dict)


def test_a_quiet_narrator_says_nothing_of_any_kind(capsys: pytest.CaptureFixture[str]) -> None:
    said = Narrator(sys.stderr, quiet=True)
    said.say("a")
    said.mark("done", "b")
    said.warning("c")
    said.progress("d")
    said.step_started("e", "f")
    said.step_ended("e", "done", 1.0)
    said.clear()
    assert capsys.readouterr().err == ""
