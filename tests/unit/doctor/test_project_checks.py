from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.doctor.check import Check, Examined, Question, Verdict, apply_fix
from devkit.doctor.checks import apply_fixes, run_checks
from devkit.doctor.project_checks import FILE_QUESTIONS, WRITABLE
from devkit.project.errors import FailedError, NotAProjectError, UsageError
from devkit.scaffold.manifest import Manifest
from devkit.secrets.dotenv import begin_env

pytestmark = pytest.mark.unit

KEY = "base64:" + "A" * 43 + "="
QUESTIONS = {question.id: question for question in FILE_QUESTIONS}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application that nothing is wrong with."""
    for name in (*WRITABLE, "public", "docker"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    for name in ("artisan", "compose.yaml", "Dockerfile", "docker/Caddyfile", "docker/entrypoint"):
        (tmp_path / name).write_text("# devkit\n")
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "doctor-unit"\n')
    begin_env(tmp_path / ".env", f"APP_ENV=local\nAPP_KEY={KEY}\n".encode())
    return tmp_path


def check(project: Path, name: str) -> Check:
    return QUESTIONS[name].check(Examined(project))


def test_a_sound_project_has_nothing_to_report(project: Path) -> None:
    assert {name: check(project, name).status for name in QUESTIONS} == dict.fromkeys(QUESTIONS, "ok")


def test_a_broken_env_is_told_by_line_and_stops_no_other_check(project: Path) -> None:
    (project / ".env").write_text('A="open secret\n')
    found = run_checks(project)
    assert any(one.id == "env" and "line 1" in one.why for one in found)
    assert not any("secret" in one.why for one in found)
    assert {"migrations", "queue_code"} <= {one.id for one in found}


def test_missing_scaffold_files_are_named(project: Path) -> None:
    (project / "Dockerfile").unlink()
    assert check(project, "scaffold").why == "missing: Dockerfile"


def test_a_pipeline_that_was_taken_away_again_is_not_missed(project: Path) -> None:
    Manifest(project).record(".github/workflows/delivery.yml", "on: push\n")
    assert check(project, "scaffold").status == "ok"


def test_missing_directories_are_made(project: Path) -> None:
    (project / "storage" / "logs").rmdir()
    found = check(project, "writable")
    assert found.status == "problem" and "storage/logs" in found.why
    apply_fix(found)
    assert check(project, "writable").status == "ok"


def test_a_cached_configuration_is_removed(project: Path) -> None:
    cached = project / "bootstrap" / "cache" / "config.php"
    cached.write_text("<?php return [];")
    apply_fix(check(project, "config_cache"))
    assert not cached.exists()


def test_a_stale_hot_file_is_removed(project: Path) -> None:
    hot = project / "public" / "hot"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    hot.write_text(f"http://0.0.0.0:{port}")
    apply_fix(check(project, "hot"))
    assert not hot.exists()


def test_a_hot_file_whose_server_answers_stays(project: Path) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        (project / "public" / "hot").write_text(f"http://0.0.0.0:{server.server_port}\n")
        assert check(project, "hot").status == "ok"
        thread.join(5)


@pytest.mark.parametrize("text", ["", "no address", "http://[", "http://localhost:99999"])
def test_a_hot_file_without_an_address_is_stale(project: Path, text: str) -> None:
    (project / "public" / "hot").write_text(text)
    assert check(project, "hot").status == "warning"


def test_a_broken_devkit_toml_is_a_problem_and_the_files_are_checked_all_the_same(project: Path) -> None:
    (project / "devkit.toml").write_text("[project\n")
    found = {one.id: one for one in run_checks(project / "storage")}
    assert found["settings"].status == "problem" and "line" in found["settings"].why
    assert found["env"].status == "ok"
    assert found["ports"].status == "skipped"


def test_without_an_engine_the_doctor_says_so_and_checks_the_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{project}/none.sock")
    seen: list[str] = []
    found = run_checks(project, lambda one: seen.append(one.id))
    by_id = {one.id: one for one in found}
    assert by_id["docker"].status == "problem" and by_id["docker"].fix
    assert {by_id[name].status for name in ("engine", "disk", "ports", "migrations")} == {"skipped"}
    assert by_id["app_key"].status == "ok"
    assert seen == [one.id for one in found]
    assert len(set(seen)) == len(seen)


def test_outside_a_project_only_the_machine_is_checked(tmp_path: Path) -> None:
    assert [one.id for one in run_checks(tmp_path)] == [
        *("docker", "engine", "compose", "buildx", "disk", "clock", "port")
    ]


def test_a_check_that_cannot_be_made_is_a_warning() -> None:
    def fails(_examined: Examined) -> Verdict:
        raise FailedError("no answer", "try again")

    found = Question("x", "X", fails).check(Examined(Path("/")))
    assert (found.status, found.why, found.fix) == ("warning", "could not be checked: no answer", "try again")


def test_a_program_that_answers_with_something_else_does_not_end_the_doctor() -> None:
    found = Question("user", "User", lambda _examined: Verdict("ok", str(int("id: not found")))).check(
        Examined(Path("/"))
    )
    assert found.status == "warning"
    assert "could not be checked: invalid literal" in found.why


def test_what_has_no_safe_fix_is_refused_and_a_refusal_of_the_system_is_told() -> None:
    def fails() -> None:
        raise PermissionError("denied")

    with pytest.raises(UsageError):
        apply_fix(Check("x", "X", "problem"))
    with pytest.raises(FailedError, match="denied"):
        apply_fix(Check("x", "X", "problem", apply=fails))


def test_the_json_has_the_contracts_keys() -> None:
    action: Callable[[], None] = lambda: None  # noqa: E731
    assert Check("x", "X", "problem", "why", "fix", action).to_json() == {
        "id": "x",
        "title": "X",
        "status": "problem",
        "why": "why",
        "fix": "fix",
        "fixable": True,
    }


def test_fixes_are_made_by_one_command_at_a_time(project: Path) -> None:
    seen: list[str] = []
    fix = Check("x", "X", "problem", apply=lambda: seen.append((project / ".devkit" / "lock").read_text()))
    apply_fixes(project, [fix], seen.append)
    assert [json.loads(text)["command"] for text in seen] == ["doctor --fix"]
    with pytest.raises(NotAProjectError):
        apply_fixes(project.parent, [fix], seen.append)
