"""The wizard on a real terminal: what is typed is what is asked for, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest
from laravel_application import laravel
from terminal import answering

from devkit.cli.context import AGENT_VARIABLES

pytestmark = pytest.mark.unit  # needs no engine: every run here ends before one is asked for

UP, DOWN, ENTER, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x03"
PROMPTS = ("Directory", "Database", "Cache", "Extras", "Secrets from", "Delivery files", "Go on")


@contextmanager
def wizard(directory: Path, *flags: str, rows: int = 40, columns: int = 100) -> Iterator[pexpect.spawn[str]]:
    hidden = {"CI", "NO_COLOR", *AGENT_VARIABLES}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry", "init", "--images", "local", *flags],
        cwd=str(directory),
        env={**environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        timeout=30,
        dimensions=(rows, columns),
    )
    try:
        yield answering(child)
    finally:
        child.close(force=True)


def until_end(child: pexpect.spawn[str]) -> str:
    child.expect(pexpect.EOF)
    child.wait()
    return str(child.before)


def test_the_defaults_are_the_default_stack(tmp_path: Path) -> None:
    with wizard(tmp_path, "--dry-run") as child:
        for prompt in PROMPTS[:6]:
            child.expect(prompt)
            child.send(ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    assert "SQLite" in said
    assert list(tmp_path.iterdir()) == []


def test_what_is_chosen_is_what_the_summary_says(tmp_path: Path) -> None:
    with wizard(tmp_path, "--dry-run") as child:
        child.expect("Directory")
        child.send("\x15./shop" + ENTER)
        child.expect("Database")
        child.send(DOWN + ENTER)
        child.expect("Cache")
        child.send(DOWN + ENTER)
        child.expect("Not offered: .*MongoDB")
        child.expect("Extras")
        child.send(" " + DOWN + " " + ENTER)
        child.expect("Secrets from")
        child.send(ENTER)
        child.expect("Delivery files for")
        child.send(" " + DOWN + DOWN + " " + ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    for path in (".github/workflows/delivery.yml", "kubernetes/base/deployment.yaml"):
        assert f"written  {path}" in said
    assert ".gitlab-ci.yml" not in said
    assert "shop: a new Laravel app" in said
    assert "MySQL" in said
    assert "Redis, Mailpit, Queue worker" in said


def test_a_directory_that_cannot_be_used_is_said_at_once_and_asked_again(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("hello")
    with wizard(tmp_path, "--dry-run") as child:
        child.expect("Directory")
        child.send("\x15./full" + ENTER)
        child.expect("holds no Laravel")
        child.send("\x15./other" + ENTER)
        child.expect("Database")
        child.send(CTRL_C)
        until_end(child)


@pytest.mark.parametrize("last", range(len(PROMPTS)))
def test_ctrl_c_at_any_question_ends_with_130_and_nothing_written(last: int, tmp_path: Path) -> None:
    with wizard(tmp_path) as child:
        for prompt in PROMPTS[:last]:
            child.expect(prompt)
            child.send(ENTER)
        child.expect(PROMPTS[last])
        child.send(CTRL_C)
        said = until_end(child)
        assert child.exitstatus == 130
    assert "devkit: interrupted" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_sigterm_at_a_question_ends_with_143(tmp_path: Path) -> None:
    with wizard(tmp_path) as child:
        child.expect("Directory")
        child.kill(signal.SIGTERM)
        said = until_end(child)
        assert child.exitstatus == 143
    assert "Traceback" not in said


def test_stopping_at_the_summary_writes_nothing(tmp_path: Path) -> None:
    with wizard(tmp_path, ".", "--database", "sqlite", "--with", "queue") as child:
        child.expect("Secrets from")
        child.send(ENTER)
        child.expect("Delivery files")
        child.send(ENTER)
        child.expect("compose.yaml")
        child.expect("Go on")
        child.send(UP + ENTER)
        said = until_end(child)
        assert child.exitstatus == 1
    assert "nothing was written" in said
    assert list(tmp_path.iterdir()) == []


def test_what_changes_in_an_adopted_apps_files_is_shown_before_it_is_asked_to_go_on(tmp_path: Path) -> None:
    (laravel(tmp_path) / "Dockerfile").write_text("FROM my-own-base\n")
    (tmp_path / "docker-compose.yml").write_text("services:\n  web:\n    image: nginx\n")
    with wizard(tmp_path, ".", "--database", "sqlite", "--with", "queue") as child:
        child.expect("Secrets from")
        child.send(ENTER)
        child.expect("Delivery files")
        child.send(ENTER)
        child.expect("-FROM my-own-base")
        child.expect("renamed  docker-compose.yml to docker-compose.yml.before-devkit")
        child.expect(r"replaced Dockerfile \(yours stays as Dockerfile.before-devkit\)")
        child.expect("Go on")
        child.send(CTRL_C)
        until_end(child)
    assert (tmp_path / "Dockerfile").read_text() == "FROM my-own-base\n"


def test_a_narrow_and_low_terminal_can_be_answered(tmp_path: Path) -> None:
    with wizard(tmp_path, "--dry-run", rows=10, columns=30) as child:
        for prompt in PROMPTS[:6]:
            child.expect(prompt)
            child.send(ENTER)
        until_end(child)
        assert child.exitstatus == 0


def test_yes_on_a_terminal_asks_nothing(tmp_path: Path) -> None:
    with wizard(tmp_path, "--yes", "--dry-run") as child:
        said = until_end(child)
        assert child.exitstatus == 0
    assert "Database" not in said
    assert "compose.yaml" in said
