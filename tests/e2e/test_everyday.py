"""Everyday commands on one running stack. What this machine remembers is kept apart: `poweroff` stops all it knows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from support import Project, devkit, running

from devkit.cli.context import AGENT_VARIABLES

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("e2e") / "everyday"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        with running(directory, "--with", "queue", "--port", "21730") as made:
            compose = directory / "compose.yaml"
            compose.write_text(compose.read_text().replace("queue:listen", "queue:work"))  # keeps its code
            assert made.devkit("up").status == 0
            yield made


def test_reload_says_how_long_the_new_code_took_and_that_it_is_broken(project: Project) -> None:
    done = project.devkit("--json", "reload")
    assert (done.status, done.json["mode"], done.json["status"]) == (0, "worker", 200)
    assert 0 < done.json["seconds"] < 30


def test_a_queue_worker_that_keeps_its_code_begins_anew(project: Project) -> None:
    def started() -> str:
        command = ["docker", "inspect", "-f", "{{.State.StartedAt}}", "everyday-queue-1"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    first = started()

    def saved_and_told() -> bool:
        project.write("app/Fresh.php", "<?php\n")
        return "Queue worker's code: queue" in project.devkit("doctor").stderr

    assert project.until(saved_and_told)
    assert project.devkit("reload", "--json").json["services"] == ["queue"]
    assert project.until(lambda: started() != first)
    second = started()
    assert project.until(saved_and_told)
    project.devkit("--yes", "doctor", "--fix")
    assert project.until(lambda: started() != second)
    assert "Queue worker's code: queue" not in project.devkit("doctor").stderr


def test_containers_follow_their_files_until_interrupted(project: Project, tmp_path: Path) -> None:
    said = tmp_path / "said"

    def reactions() -> dict[str, Any]:
        lines = [json.loads(line) for line in said.read_text().splitlines()]
        return {one["reaction"]: one for one in lines if "reaction" in one}

    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "devkit.entry", "--json", "reload", "--watch"],
            cwd=project.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
        )
    try:
        for path, reaction in (("app/Fresh.php", "code"), ("docker/Caddyfile", "caddyfile"), ("Dockerfile", "rebuild")):

            def saved_and_seen(path: str = path, reaction: str = reaction) -> bool:
                """A watch says nothing when it is set up: saved until it is seen."""
                with (project.directory / path).open("a") as file:
                    file.write("#\n")
                return reaction in reactions()

            assert project.until(saved_and_seen), reaction
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
    assert status == 128 + signal.SIGINT
    assert not any(one["failed"] for one in reactions().values())
    assert '"new code answered 200; queue restarted"' in said.read_text()
    assert reactions()["rebuild"]["offer"]


def test_a_yes_at_the_terminal_builds_what_a_changed_dockerfile_asks_for(project: Project) -> None:
    hidden = {"CI", *AGENT_VARIABLES}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry", "reload", "--watch"],
        cwd=str(project.directory),
        env={**{name: value for name, value in os.environ.items() if name not in hidden}, "TERM": "xterm"},
        encoding="utf-8",
        timeout=120,
    )
    try:
        child.expect("following")
        with (project.directory / "Dockerfile").open("a") as stream:
            stream.write("# once more\n")
        child.expect("y and Enter does it now")
        child.sendline("y")
        child.expect("built and started")
        child.sendintr()
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert child.exitstatus == 128 + signal.SIGINT


def editor(directory: Path, old: str, new: str) -> dict[str, str]:
    """An editor that replaces one text by another."""
    program = directory / "editor.py"
    program.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        f"path.write_text(path.read_text().replace({old!r}, {new!r}))\n"
    )
    return {"VISUAL": f"{sys.executable} {program}"}


def test_without_a_person_nothing_is_changed_unless_yes_is_said(project: Project) -> None:
    before = (project.directory / "devkit.toml").read_text()
    done = project.devkit("config", "set", "php.workers", "2")
    assert done.status == 5
    assert "+workers = 2" in done.stderr
    assert (project.directory / "devkit.toml").read_text() == before


def test_a_bad_edit_changes_nothing_and_is_opened_again(project: Project, tmp_path: Path) -> None:
    file = project.directory / "devkit.toml"
    before = file.read_text()
    bad = devkit("--yes", "config", "edit", directory=project.directory, env=editor(tmp_path, "= 4", "= 400 # kept"))
    assert bad.status == 2
    assert "php.workers is 400" in bad.stderr and ".devkit/devkit.toml.edited" in bad.stderr
    assert file.read_text() == before
    good = devkit("--yes", "--json", "config", "edit", directory=project.directory, env=editor(tmp_path, "400", "4"))
    assert (good.status, good.json["applied"]) == (0, True)
    assert "workers = 4 # kept" in file.read_text()
    assert not (project.directory / ".devkit" / "devkit.toml.edited").exists()


def test_breakpoints_switch_to_classic_mode_and_back_and_are_refused_without_xdebug(
    project: Project, tmp_path: Path
) -> None:
    before = (project.directory / "devkit.toml").read_text()
    refused = project.devkit("--yes", "xdebug", "on")
    assert (refused.status, refused.stdout) == (1, "")
    assert "has no Xdebug" in refused.stderr
    assert (project.directory / "devkit.toml").read_text() == before
    # No image here has Xdebug: one whose `php -m` names it goes the rest of the way.
    (tmp_path / "php").write_text("#!/bin/sh\necho Xdebug\n")
    (tmp_path / "php").chmod(0o755)
    (tmp_path / "Dockerfile").write_text(
        "FROM everyday-app:development\nCOPY php /usr/local/sbin/php\nENV PATH=/usr/local/sbin:$PATH\n"
    )
    subprocess.run(
        ["docker", "build", "-q", "-t", "everyday-app:development", str(tmp_path)], check=True, capture_output=True
    )
    on = project.devkit("--yes", "--json", "xdebug", "on")
    assert (on.status, on.json["xdebug"], on.json["mode"]) == (0, True, "classic")
    assert on.json["ide"]["vscode"]["pathMappings"] == {"/app": "${workspaceFolder}"}
    assert environment(project)["XDEBUG_MODE"] == "debug"
    assert project.get("/up")[0] == 200
    assert "nothing to restart" in project.devkit("reload").stdout
    off = project.devkit("--yes", "--json", "xdebug", "off")
    assert (off.status, off.json["xdebug"], off.json["mode"]) == (0, False, "worker")
    assert environment(project)["XDEBUG_MODE"] == "off"
    assert project.get("/up")[0] == 200


def environment(project: Project) -> dict[str, str]:
    command = ["docker", "compose", "exec", "-T", "app", "env"]
    said = subprocess.run(command, cwd=project.directory, capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def test_logs_have_laravels_own_records_with_the_trace_folded(project: Project) -> None:
    for code in ("Log::warning('\x1b]0;owned\x07careful', ['order' => 7]);", "report(new RuntimeException('Oops'));"):
        project.artisan("tinker", "--execute", code)
    assert project.get("/?asked=1")[0] == 200
    said = project.devkit("logs", "laravel.log", "--level", "warning").stdout
    assert "\x1b" not in said and "WARNING careful" in said
    assert "RuntimeException at" in said and "frames of packages" in said
    records = [json.loads(line) for line in project.devkit("logs", "--json", "--since", "1h").stdout.splitlines()]
    oops = next(one for one in records if one["message"] == "Oops")
    assert (oops["service"], oops["stream"], oops["level"]) == ("laravel.log", "file", "error")
    assert oops["context"]["exception"]["class"] == "RuntimeException" and len(oops["context"]["trace"]) > 3
    access = [one for one in records if one["context"].get("path") == "/?asked=1"]
    assert access and {"method", "status", "milliseconds"} <= set(access[0]["context"])
    assert [one["time"] for one in records] == sorted(one["time"] for one in records)
    assert project.devkit("logs", "--grep", "no such text anywhere").stdout == ""


def test_hooks_and_the_teams_own_commands_run_here_and_in_the_app(project: Project) -> None:
    toml = project.directory / "devkit.toml"
    kept = toml.read_text()
    toml.write_text(
        kept
        + "\n[hooks]\nbefore-up = 'devkit_root=$PWD; echo host $devkit_root'\n"
        + "after-up = ['app: echo inside $PWD', 'exit 4']\n"
        + "[commands]\nwhere = 'app: printf %s-%s $PWD'\n"
    )
    done = project.devkit("up")
    assert done.status == 1
    assert f"host {project.directory}" in done.stderr and "inside /app" in done.stderr
    assert "the hook after-up failed with status 4: exit 4" in done.stderr
    assert project.devkit("where", "a b").stdout == "/app-a b"
    toml.write_text(kept)


def test_a_report_holds_no_secret_wherever_one_shows_up(project: Project) -> None:
    secrets = {
        "STRIPE_SECRET": "whsec-Zx81-stripe",
        "LEGACY": "pässwort/with $igns",
        "DATABASE_URL": "mysql://root:h4rd-to-guess@db/shop",
    }
    env = project.directory / ".env"
    text = env.read_text()
    (project.directory / ".env.previous").write_text(text + "LEGACY='former-0ne-9'\n")
    env.write_text(text + "".join(f"{name}='{value}'\n" for name, value in secrets.items()))
    key = next(line.partition("base64:")[2] for line in text.splitlines() if line.startswith("APP_KEY="))
    toml = project.directory / "devkit.toml"
    kept = toml.read_text()
    toml.write_text(kept + "\n[hooks]\nafter-up = 'curl -H \"X: whsec-Zx81-stripe\" former-0ne-9'\n")
    said = " ".join([*secrets.values(), key, "former-0ne-9", "Bearer abcdefgh12345678"])
    project.write("storage/logs/laravel.log", f"[2026-01-31 10:00:00] local.ERROR: {said} {json.dumps({'a': said})}\n")
    command = ["docker", "compose", "exec", "-T", "app", "sh", "-c", f"echo '{said}' > /proc/1/fd/2"]
    subprocess.run(command, cwd=project.directory, check=True, capture_output=True)
    hidden = ("whsec", "sswort", "h4rd", key[:20], "former-0ne", "abcdefgh1234", "pr0xy-pw", "c0mposer-pw")
    more = {
        "HTTPS_PROXY": "http://me:pr0xy-pw@127.0.0.1:9",
        "COMPOSER_AUTH": json.dumps({"http-basic": {"repo.test": {"username": "me", "password": "c0mposer-pw"}}}),
    }
    for flags in ((), ("--json",)):
        done = devkit(*flags, "report", directory=project.directory, env=more)
        assert done.status == 0
        assert not [part for part in hidden if part in done.stdout + done.stderr]
    assert set(done.json) >= {"devkit", "machine", "engine", "doctor", "settings", "status", "logs", "missing"}
    assert done.json["logs"]["laravel.log"][-1]["message"].startswith("***STRIPE_SECRET***")
    assert any("***STRIPE_SECRET***" in one["message"] for one in done.json["logs"]["app"])
    env.write_text('BROKEN="whsec-Zx81-stripe\n' + text)
    assert "whsec" not in project.devkit("report").stdout
    env.write_text(text)
    toml.write_text(kept)


def test_all_projects_are_listed_and_stopped(project: Project) -> None:
    (shown,) = project.devkit("list", "--json").json["projects"]
    assert (shown["name"], shown["running"], shown["containers"]) == ("everyday", 2, 2)
    assert shown["url"] == "http://localhost:21730"
    assert project.devkit("poweroff", "--json").json == {"stopped": ["everyday"]}
    assert project.devkit("list", "--json").json["projects"][0]["running"] == 0
    assert project.devkit("poweroff", "--json").json == {"stopped": []}


def test_a_project_is_deleted_but_for_its_files(project: Project) -> None:
    before = sorted(path.relative_to(project.directory) for path in project.directory.glob("*"))
    refused = project.devkit("delete")
    assert refused.status == 5
    assert "everyday-app-1" in refused.stderr and "everyday_devkit-caddy-data" in refused.stderr
    (project.directory / "compose.yaml").write_text("broken: [\n")
    done = project.devkit("--yes", "--json", "delete")
    assert (done.status, done.json["volumes"]) == (0, ["everyday_devkit-caddy-config", "everyday_devkit-caddy-data"])
    left = project.devkit("--yes", "--json", "delete").json
    assert not any(left[kind] for kind in ("containers", "volumes", "networks", "images"))
    assert sorted(path.relative_to(project.directory) for path in project.directory.glob("*")) == before
    assert project.devkit("list", "--json").json == {"projects": []}
