"""What `devkit doctor` takes; on a machine whose engine does not answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import devkit

pytestmark = pytest.mark.unit


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    (tmp_path / ".env").write_text("APP_KEY=\n")
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "hot").write_text("http://127.0.0.1:1")
    return tmp_path


def nowhere(directory: Path) -> dict[str, str]:
    return {"DOCKER_HOST": f"unix://{directory}/no.sock", "XDG_STATE_HOME": str(directory / "state")}


def test_lines_are_one_object_for_each_check(shop: Path) -> None:
    said = devkit("doctor", "--lines", cwd=shop, **nowhere(shop))
    checks = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.returncode == 1
    assert checks[0]["id"] == "docker" and checks[0]["status"] == "problem"
    assert {check["id"] for check in checks} >= {"env", "app_key", "hot", "ports"}
    assert said.stderr == ""


def test_only_what_is_named_is_put_right(shop: Path) -> None:
    said = devkit("--yes", "--json", "doctor", "--fix", "app_key", cwd=shop, **nowhere(shop))
    statuses = {check["id"]: check["status"] for check in json.loads(said.stdout)["checks"]}
    assert statuses["app_key"] == "ok"
    assert statuses["hot"] == "warning"
    assert (shop / "public" / "hot").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fix", "app_kye"), "there is no check 'app_kye'\n  → did you mean app_key?"),
        (("app_key",), "checks are named for --fix only\n  → devkit doctor --fix app_key"),
        (("--fix", "--lines"), "not allowed with argument"),
    ],
)
def test_wrong_words_are_said_and_nothing_is_put_right(shop: Path, words: tuple[str, ...], said: str) -> None:
    done = devkit("--yes", "doctor", *words, cwd=shop, **nowhere(shop))
    assert done.returncode == 2
    assert said in done.stderr
    assert (shop / ".env").read_text() == "APP_KEY=\n"


@pytest.mark.parametrize("flag", [("--port", "8000"), ("--no-browser",)])
def test_flags_of_the_browser_need_web(shop: Path, flag: tuple[str, ...]) -> None:
    done = devkit("ui", *flag, cwd=shop)
    assert done.returncode == 2
    assert "--port and --no-browser are for --web" in done.stderr
