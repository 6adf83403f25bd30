"""What the doctor says of .env, and what it puts right there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from devkit.doctor import env_checks
from devkit.doctor.check import Check, Examined, apply_fix
from devkit.doctor.env_checks import ENV_QUESTIONS
from devkit.project.env_file import read_env
from devkit.secrets.dotenv import begin_env, set_values

pytestmark = pytest.mark.unit

KEY = "base64:" + "A" * 43 + "="
QUESTIONS = {question.id: question for question in ENV_QUESTIONS}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with an .env that nothing is wrong with."""
    begin_env(tmp_path / ".env", f"APP_ENV=local\nAPP_KEY={KEY}\n".encode())
    return tmp_path


def check(project: Path, name: str) -> Check:
    return QUESTIONS[name].check(Examined(project))


def modes(project: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in project.glob(".env*")}


def test_a_missing_key_is_made_and_one_that_is_there_stays(project: Path) -> None:
    (project / ".env").write_text("# mine\nAPP_KEY=\nB=1\n")
    found = check(project, "app_key")
    assert (found.status, found.fixable) == ("problem", True)
    apply_fix(found)
    assert check(project, "app_key").status == "ok"
    key = read_env(project / ".env")["APP_KEY"]
    apply_fix(found)
    assert read_env(project / ".env")["APP_KEY"] == key
    assert (project / ".env").read_text() == f"# mine\nAPP_KEY={key}\nB=1\n"


@pytest.mark.parametrize("key", ["base64:AAAA", "base64:%%%%", "short"])
def test_a_key_that_no_cipher_takes_is_named_and_not_replaced(project: Path, key: str) -> None:
    (project / ".env").write_text(f"APP_KEY={key}\n")
    found = check(project, "app_key")
    assert (found.status, found.fixable) == ("problem", False)
    assert key not in found.why + found.fix


def test_a_line_of_env_that_only_laravel_cannot_read_is_a_problem(project: Path) -> None:
    (project / ".env").write_text(f"APP_KEY={KEY}\n\nAPP_NAME=my secret\n")
    found = check(project, "env")
    assert found.status == "problem" and "line 3" in found.why and "secret" not in found.why


def test_a_file_that_is_not_utf8_is_a_problem(project: Path) -> None:
    (project / ".env").write_bytes(b"A=\xe9\n")
    found = check(project, "env")
    assert found.status == "problem" and "line 1 is not UTF-8" in found.why


@pytest.mark.parametrize("name", [".env", ".env.previous"])
def test_what_others_can_read_is_made_private(project: Path, name: str) -> None:
    set_values(project / ".env", {"A": "1"})
    assert check(project, "env_mode").status == "ok"
    (project / name).chmod(0o640)
    found = check(project, "env_mode")
    assert (found.status, found.fixable) == ("warning", True)
    assert found.why.startswith(f"{name} can be read")
    apply_fix(found)
    assert modes(project) == {0o600}
    assert check(project, "env_mode").status == "ok"


def test_both_that_others_can_read_are_named_and_made_private(project: Path) -> None:
    set_values(project / ".env", {"A": "1"})
    for path in project.glob(".env*"):
        path.chmod(0o644)
    found = check(project, "env_mode")
    assert found.why.startswith(".env and .env.previous can be read")
    apply_fix(found)
    assert modes(project) == {0o600}


def test_a_file_that_the_app_reads_as_others_do_is_not_taken_from_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".env").chmod(0o644)
    monkeypatch.setattr(env_checks, "owner_of", lambda _root: (12345, 12345))
    found = check(project, "env_mode")
    assert (found.status, found.fixable) == ("warning", False)
    assert found.fix.startswith("sudo chown 12345 .env")


def test_who_may_not_change_the_mode_is_told_who_may(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    found = check(project, "env_mode")
    assert (found.fixable, found.fix) == (False, "sudo chmod 600 .env")


def test_names_of_the_example_that_are_missing_are_named(project: Path) -> None:
    (project / ".env.example").write_text("APP_ENV=local\nB=secret\nC=\nDB_HOST=127.0.0.1\n# E=\n")
    set_values(project / ".env", {"DB_HOST": "x"})
    set_values(project / ".env", {}, comment_out=["DB_HOST"])
    found = check(project, "env_names")
    assert (found.status, found.fix) == ("warning", "devkit env check")
    assert found.why == ".env.example has names that .env lacks: B, C"
    set_values(project / ".env", {"B": "", "C": ""})
    assert check(project, "env_names").status == "ok"


def test_many_missing_names_are_counted(project: Path) -> None:
    (project / ".env.example").write_text("".join(f"N{number}=\n" for number in range(20)))
    assert check(project, "env_names").why.endswith("N6, N7 and 12 more")


def test_without_an_example_or_an_env_nothing_is_missing(project: Path) -> None:
    assert check(project, "env_names").status == "ok"
    (project / ".env").unlink()
    assert {name: check(project, name).status for name in QUESTIONS} == {
        "env": "problem",
        "env_mode": "ok",
        "env_names": "skipped",
        "app_key": "skipped",
    }
