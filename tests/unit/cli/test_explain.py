"""The plain commands that devkit's stand for, as the command line says them: nothing is run, no engine is asked."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from command_line import devkit, plain_environment

from devkit.cli.commands import COMMANDS
from devkit.cli.plain import Place, is_explained, plain_commands
from devkit.project.errors import UsageError
from devkit.project.settings import NodeSettings, Settings

pytestmark = pytest.mark.unit

ROOT = Path("/srv/my shop")
SETTINGS = Settings("shop", services=("mailpit", "rabbitmq", "queue"), node=NodeSettings(version="24"))
WITHOUT = {
    "ui",
    *("config", "mode", "xdebug", "upgrade", "report", "poweroff", "db", "env"),
    *("cache", "deploy", "explain", "completion", "help", "share", "scaffold"),
}
"""Commands that no single docker command stands behind."""


def plain(*words: str, here: Path = ROOT, terminal: bool = False, settings: Settings = SETTINGS) -> list[str]:
    return plain_commands(Place(ROOT, settings, here, terminal), words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("up", ["docker compose up --detach --wait", "docker compose exec -T app php artisan migrate --force"]),
        ("up --build mailpit", ["docker compose up --detach --wait --build mailpit"]),
        ("down", ["docker compose --profile '*' down --remove-orphans"]),
        ("down -v --yes", ["docker compose --profile '*' down --remove-orphans --volumes"]),
        ("stop queue", ["docker compose stop queue"]),
        ("restart", ["docker compose restart"]),
        ("status --json", ["docker compose ps --all"]),
        ("logs app -f --since=10m -n 3", ["docker compose logs --follow --since 10m --tail 3 app"]),
        ("build", ["docker compose build app"]),
        ("build app", ["docker buildx build --load --target app --tag shop-app:app ."]),
        ("build --no-cache", ["docker compose build --no-cache app"]),
        (
            "build --push --tag registry.example/shop:1.2",
            [
                "docker buildx build --load --target app --tag shop-app:app --tag registry.example/shop:1.2 .",
                "docker push registry.example/shop:1.2",
            ],
        ),
        (
            "build --push --tag registry.example/shop --platform linux/amd64,linux/arm64",
            [
                "docker buildx build --platform linux/amd64,linux/arm64 --push --target app"
                " --tag registry.example/shop ."
            ],
        ),
        ("open", ["docker compose port app 8080"]),
        ("open mailpit", ["docker compose port mailpit 8025"]),
        ("open rabbitmq", ["docker compose port rabbitmq 15672"]),
        ("config list", []),
        ("tinker", ["docker compose exec -T app php artisan tinker"]),
        ("pint --dirty", ["docker compose exec -T app vendor/bin/pint --dirty"]),
        ("bin rector process", ["docker compose exec -T app vendor/bin/rector process"]),
        ("exec mailpit ls -l", ["docker compose exec -T mailpit ls -l"]),
        ("artisan up --help --json", ["docker compose exec -T app php artisan up --help --json"]),
    ],
)
def test_each_command_is_what_a_person_would_type(words: str, expected: list[str]) -> None:
    assert plain(*words.split()) == expected


def test_every_command_is_explained_or_known_to_have_no_single_command() -> None:
    assert {name for name in COMMANDS if not is_explained(name)} <= WITHOUT


@pytest.mark.parametrize("word", ["a b", "", "it's", '"', "$HOME", "`id`", "a\nb", "*", "--", "ä", "\\"])
def test_what_is_printed_can_be_pasted(word: str) -> None:
    (command,) = plain("artisan", "x", word, "y")
    assert shlex.split(command)[-3:] == ["x", word, "y"]


def test_in_a_subdirectory_the_matching_one_is_named_and_artisan_stays_at_the_root() -> None:
    below = ROOT / "packages" / "a b"
    assert "--workdir '/app/packages/a b' app composer install" in plain("composer", "install", here=below)[0]
    assert "--workdir" not in plain("artisan", "about", here=below)[0]
    assert "--workdir" not in plain("exec", "mailpit", "ls", here=below)[0]  # it does not mount the project
    assert plain("build", "app", here=below)[0].endswith(" ../..")


def test_elsewhere_the_project_is_named() -> None:
    assert plain("status", here=Path("/tmp")) == ["docker compose --project-directory '/srv/my shop' ps --all"]


def test_at_a_terminal_the_command_gets_one() -> None:
    assert plain("artisan", "tinker", terminal=True) == ["docker compose exec app php artisan tinker"]


def test_node_runs_in_vites_container_or_in_one_of_its_own(tmp_path: Path) -> None:
    with_vite = Settings("shop", services=("vite",))
    assert plain("npm", "run", "build", settings=with_vite) == ["docker compose exec -T vite npm run build"]
    place = Place(tmp_path, SETTINGS, tmp_path, terminal=True)
    (command,) = plain_commands(place, ["npx", "vite"])
    owner = f"{tmp_path.stat().st_uid}:{tmp_path.stat().st_gid}"
    assert shlex.split(command)[:5] == ["docker", "run", "--rm", "--interactive", "--tty"]
    assert f"--user {owner}" in command
    assert f"--volume {tmp_path}:/app" in command
    assert command.endswith(" npx vite")


def test_without_collision_the_tests_are_run_by_their_own_program(tmp_path: Path) -> None:
    program = tmp_path / "vendor" / "bin" / "pest"
    program.parent.mkdir(parents=True)
    program.touch()
    place = Place(tmp_path, SETTINGS, tmp_path, terminal=False)
    assert plain_commands(place, ["test", "--parallel"]) == ["docker compose exec -T app vendor/bin/pest --parallel"]


@pytest.mark.parametrize("words", ["logs --bad", "build nothing", "down x", "bin", "exec app"])
def test_what_the_command_would_refuse_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        plain(*words.split())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    return tmp_path


def test_flags_before_the_command_are_devkits_and_those_behind_it_the_commands(project: Path) -> None:
    said = devkit("--json", "explain", "artisan", "list", "--help", cwd=project)
    (command,) = json.loads(said.stdout)["plain"]
    assert command.endswith("exec -T app php artisan list --help")


def test_a_word_of_sails_is_explained_as_devkits(project: Path) -> None:
    said = devkit("explain", "a", "about", cwd=project)
    assert said.stdout.endswith("app php artisan about\n")


def test_bytes_that_are_no_text_stay_what_they_are(project: Path) -> None:
    command = [sys.executable, "-m", "devkit.entry", "explain", "php", b"\xff\xfe"]
    done = subprocess.run(command, cwd=project, env=plain_environment(), capture_output=True, check=True)
    assert done.stdout.endswith(b"app php '\xff\xfe'\n")


def test_a_person_at_a_terminal_gets_commands_for_a_terminal(project: Path) -> None:
    said, status = pexpect.run(
        f"{sys.executable} -m devkit.entry explain shell",
        cwd=str(project),
        env=plain_environment(),
        withexitstatus=True,
    )
    assert status == 0
    assert b"exec app sh -c" in said


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["explain"], 2, "needs a command"),
        (["explain", "frobnicate"], 2, "unknown command"),
        (["explain", "root-shell"], 2, "no command for Sail's"),
    ],
)
def test_what_cannot_be_explained_is_one_line(words: list[str], status: int, message: str, project: Path) -> None:
    said = devkit(*words, cwd=project)
    assert said.returncode == status
    assert message in said.stderr.splitlines()[0]


def test_outside_a_project_there_is_nothing_to_explain(tmp_path: Path) -> None:
    assert devkit("explain", "up", cwd=tmp_path).returncode == 4
