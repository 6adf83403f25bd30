"""What the Doppler CLI knows is asked of it; one that is not there, hangs or fails knows nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_doppler import cli_environment

from devkit.secrets.doppler.cli_login import chosen_config, login_token

pytestmark = pytest.mark.unit


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """For the real CLI, with a home of its own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    return {"PATH": path, **cli_environment(tmp_path / "home", "http://127.0.0.1:9")}


def doppler(environ: dict[str, str], *arguments: str, said: str = "") -> None:
    subprocess.run(["doppler", *arguments], env=environ, input=said, text=True, check=True, capture_output=True)


def test_the_real_clis_login_and_choice_hold_for_a_directory_and_those_below(
    environ: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "projects" / "shop"
    project.mkdir(parents=True)
    doppler(environ, "configure", "set", "token", "--scope", str(project.parent), said="dp.ct.login\n")
    doppler(environ, "configure", "set", "project=shop", "config=dev_me", "--scope", str(project))
    assert login_token(environ, project) == "dp.ct.login"
    assert chosen_config(environ, project) == ("shop", "dev_me")
    assert login_token(environ, tmp_path) is None
    assert chosen_config(environ, project.parent) == ("", "")


def program(directory: Path, script: str) -> dict[str, str]:
    """An environment whose doppler is this script."""
    path = directory / "doppler"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{directory}{os.pathsep}{os.defpath}"}


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo 'Doppler Error: no token' >&2; exit 1",
        "echo",
        "printf 'dp.ct.hal'",  # a line that it never ends
        "kill -9 $$",
    ],
)
def test_a_cli_that_fails_knows_nothing(tmp_path: Path, script: str) -> None:
    assert login_token(program(tmp_path, script), tmp_path) is None
    assert chosen_config(program(tmp_path, script), tmp_path) == ("", "")


def test_without_the_cli_nothing_is_known(tmp_path: Path) -> None:
    assert login_token({"PATH": str(tmp_path)}, tmp_path) is None
    assert chosen_config({"PATH": str(tmp_path)}, tmp_path) == ("", "")


def test_a_file_that_cannot_be_run_is_no_cli(tmp_path: Path) -> None:
    environ = program(tmp_path, "echo dp.ct.login")
    (tmp_path / "doppler").write_bytes(b"\x00\x01")
    assert login_token(environ, tmp_path) is None


def test_a_cli_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    environ = program(tmp_path, f"sleep 600 & echo $! >{tmp_path}/child; wait")
    assert login_token(environ, tmp_path, seconds=1) is None
    child = int((tmp_path / "child").read_text())
    assert not is_running(child)


def is_running(pid: int) -> bool:
    """Whether it does anything any more: a child that nobody collects keeps its number."""
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return status.strip()[:1] not in ("", "Z")


def test_a_line_is_taken_although_the_cli_goes_on(tmp_path: Path) -> None:
    environ = program(tmp_path, "echo dp.ct.login; exec sleep 600")
    assert login_token(environ, tmp_path, seconds=60) == "dp.ct.login"


@pytest.mark.parametrize("said", ["[]", "{}", "dp.ct.login", '{"enclave.project": 1, "enclave.config": "dev"}'])
def test_a_choice_of_another_shape_is_none(tmp_path: Path, said: str) -> None:
    assert chosen_config(program(tmp_path, f"echo '{said}'"), tmp_path) == ("", "")


def test_what_the_cli_says_on_stderr_is_not_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    environ = program(tmp_path, "echo dp.ct.rosebud >&2; echo dp.ct.login")
    assert login_token(environ, tmp_path) == "dp.ct.login"
    assert "rosebud" not in "".join(capfd.readouterr())
