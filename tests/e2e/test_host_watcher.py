"""The watcher on the host, in a stack whose own watch is off: a save is answered all the same."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from support import Project, running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("watched") / "from-the-host"
    with running(directory, "--set", "php.watch=host", "--port", "21710") as made:
        yield made


def watcher(project: Project) -> Any:
    return project.devkit("status", "--json").json["watcher"]


def saves_are_answered(project: Project, answer: str) -> bool:
    """Whether a route with this answer, once saved, is answered by every worker."""
    routes = project.directory / "routes" / "web.php"
    kept = [line for line in routes.read_text().splitlines() if "'/saved'" not in line]
    routes.write_text("\n".join([*kept, f"Route::get('/saved', fn () => '{answer}');"]) + "\n")
    return project.until(lambda: all(project.get("/saved") == (200, answer) for _ in range(12)))


def test_the_first_run_starts_it_and_a_save_is_answered(project: Project) -> None:
    caddyfile = (project.directory / "docker" / "development.caddyfile").read_text()
    assert not any(line.startswith("watch") for line in caddyfile.splitlines())
    assert watcher(project)["pid"] > 0
    assert saves_are_answered(project, "first")
    assert f"seen by the host's watcher (pid {watcher(project)['pid']})" in project.devkit("doctor").stderr


def test_without_it_nothing_is_answered_and_up_starts_another(project: Project) -> None:
    pid = watcher(project)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert project.until(lambda: watcher(project) is None)
    routes = project.directory / "routes" / "web.php"
    routes.write_text(routes.read_text() + "Route::get('/unseen', fn () => 'seen');\n")
    assert "the host's watcher does not run" in project.devkit("doctor").stderr
    assert project.get("/unseen")[0] == 404
    assert project.devkit("up").status == 0
    assert watcher(project)["pid"] != pid
    assert saves_are_answered(project, "second")
    assert project.get("/unseen")[0] == 200


def test_who_follows_the_files_leaves_the_restart_to_it(project: Project, tmp_path: Path) -> None:
    def restarts() -> int:
        said = subprocess.run(
            ["docker", "compose", "exec", "-T", "app", "curl", "-s", "localhost:2019/metrics"],
            cwd=project.directory,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return sum(int(count) for count in re.findall(r'^caddy_admin_http_req.*workers/restart"\} (\d+)$', said, re.M))

    command = [sys.executable, "-m", "devkit.entry", "--json", "reload", "--watch"]
    with subprocess.Popen(
        command, cwd=project.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as following:
        try:
            assert following.stderr is not None and following.stdout is not None
            assert b"following" in following.stderr.readline()
            before = restarts()
            project.write("app/Fresh.php", "<?php\n")
            one = json.loads(following.stdout.readline())
            assert (one["files"], one["outcome"]) == (["app/Fresh.php"], "new code answered 200")
            assert restarts() == before + 1
        finally:
            following.terminate()


def test_a_second_up_and_a_restart_leave_it_alone(project: Project) -> None:
    before = watcher(project)
    assert project.devkit("up").status == 0
    assert project.devkit("restart", "app").status == 0
    assert watcher(project) == before
    assert saves_are_answered(project, "after a restart")


def test_it_outlives_the_terminal_that_started_it(project: Project) -> None:
    assert project.devkit("down").status == 0
    assert watcher(project) is None
    command = [sys.executable, ["-m", "devkit.entry", "up"]]
    environment = {**os.environ, "WATCHFILES_FORCE_POLLING": "1"}
    with pexpect.spawn(*command, cwd=project.directory, env=environment, timeout=300) as terminal:  # type: ignore[arg-type]
        terminal.expect(pexpect.EOF)  # comes once nobody holds the terminal any more
        name = os.ttyname(terminal.child_fd)
    assert terminal.exitstatus == 0
    pid = watcher(project)["pid"]
    held = [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]  # noqa: PTH115
    assert name not in held
    assert "anon_inode:inotify" not in held  # it polls, as on a mount without events
    assert saves_are_answered(project, "polled")


def test_it_has_ended_when_down_returns(project: Project) -> None:
    pid = watcher(project)["pid"]
    assert project.devkit("down").status == 0
    command = Path(f"/proc/{pid}/cmdline")
    assert not command.exists() or command.read_bytes() == b""  # ended, and at most not yet reaped by process 1
