"""The scripted path on a real application: what is down is started, and each word does what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import Project

pytestmark = pytest.mark.e2e


@pytest.fixture
def project(default_stack: Project) -> Project:
    return default_stack


def test_each_word_runs_what_it_says(project: Project) -> None:
    assert project.devkit("artisan", "--version").stdout.startswith("Laravel Framework ")
    assert project.devkit("php", "-r", "echo PHP_SAPI;").stdout == "cli"
    assert project.devkit("composer", "--version", "--no-ansi").stdout.startswith("Composer version ")
    assert "3" in project.devkit("tinker", "--execute", "echo 1 + 2;").stdout
    assert project.devkit("exec", "app", "pwd").stdout == "/app\n"
    assert project.devkit("bin", "nothing-here").status == 127
    assert project.devkit("artisan", "no:such-command").status == 1


def test_the_applications_tests_are_run_with_their_status(project: Project) -> None:
    done = project.devkit("test")
    assert done.status == 0, done.stdout + done.stderr
    project.write("tests/Unit/FailsTest.php", FAILS)
    try:
        assert project.devkit("test", "--filter", "FailsTest").status == 1
    finally:
        (project.directory / "tests/Unit/FailsTest.php").unlink()


FAILS = """<?php
namespace Tests\\Unit;
class FailsTest extends \\PHPUnit\\Framework\\TestCase
{
    public function test_fails(): void { $this->assertTrue(false); }
}
"""


def test_what_is_down_is_started_once_by_ten_commands_at_once(project: Project) -> None:
    assert project.devkit("down").status == 0
    command = [sys.executable, "-m", "devkit.entry", "artisan", "--version"]
    children = [
        subprocess.Popen(
            command,
            cwd=project.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]
    told = [child.communicate(timeout=300) for child in children]
    assert all(out.startswith("Laravel Framework ") for out, _ in told), told
    said = "".join(err for _, err in told)
    assert "service app is not there: starting the stack" in said
    assert said.count("app healthy") == 1


def test_a_stopped_service_is_started_quietly_where_quiet_is_asked_for(project: Project) -> None:
    subprocess.run(["docker", "compose", "stop", "app"], cwd=project.directory, capture_output=True, check=True)
    done = project.devkit("--quiet", "artisan", "--version")
    assert done.stdout.startswith("Laravel Framework ")
    assert done.stderr == ""


def test_migrations_are_left_to_whoever_calls_artisan(project: Project) -> None:
    name = "2020_01_01_000000_wait.php"
    project.write(
        f"database/migrations/{name}",
        "<?php return new class extends Illuminate\\Database\\Migrations\\Migration {};\n",
    )
    try:
        assert project.devkit("down").status == 0
        done = project.devkit("artisan", "migrate:status", "--no-ansi")
        assert any("_wait" in line and "Pending" in line for line in done.stdout.splitlines()), done.stdout
    finally:
        (project.directory / "database/migrations" / name).unlink()
