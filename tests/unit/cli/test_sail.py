"""`alias sail=devkit`: every word of Sail's script is a command, or says in one line what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import devkit, devkit_here

from devkit.cli.commands import COMMANDS
from devkit.cli.sail import COMPOSE, INSTEAD, SAIL, translated
from devkit.cli.words import PASS_THROUGH

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["up", "-d"], ["up"]),
        (["up", "--detach", "--build"], ["up", "--build"]),
        (["ps"], ["status"]),
        (["a", "migrate"], ["artisan", "migrate"]),
        (
            ["debug", "queue:work", "-d"],
            ["exec", "app", "env", "XDEBUG_TRIGGER=1", "php", "artisan", "queue:work", "-d"],
        ),
        (["pest", "--filter", "a b"], ["bin", "pest", "--filter", "a b"]),
        (["dusk"], ["artisan", "dusk"]),
        (["mariadb"], ["db", "shell"]),
        (["redis"], ["exec", "redis", "redis-cli"]),
        (["bunx", "vite"], ["bun", "x", "vite"]),
        (["artisan", "up", "-d"], ["artisan", "up", "-d"]),
        (["logs", "-f", "mysql"], ["logs", "-f", "mysql"]),
        ([], []),
    ],
)
def test_a_word_of_sails_becomes_devkits_and_what_follows_stays(words: list[str], expected: list[str]) -> None:
    assert translated(words) == expected


def test_what_stands_in_the_place_of_a_word_is_a_command() -> None:
    assert {command[0] for command in SAIL.values()} <= {*COMMANDS, *PASS_THROUGH}


def test_no_command_of_devkits_is_hidden_by_a_word_of_sails() -> None:
    assert not {*SAIL, *INSTEAD, *COMPOSE} & {*COMMANDS, *PASS_THROUGH}


def test_a_translated_command_runs(tmp_path: Path) -> None:
    said = devkit_here("ps", cwd=tmp_path)
    assert said.returncode == 4  # as status does outside a project
    assert "usage: devkit up" in devkit_here("up", "-d", "--help", cwd=tmp_path).stdout


def test_a_teams_own_command_comes_before_a_word_of_sails(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n[commands]\nps = "echo ours"\n')
    assert devkit("ps", cwd=tmp_path).stdout == "ours\n"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("root-shell", "docker compose exec --user root app bash"),
        ("pull", "Docker Compose has it: docker compose pull"),
        ("stopp", "did you mean stop?"),
        ("frobnicate", "devkit --help lists the commands"),
    ],
)
def test_a_word_that_is_none_of_ours_says_what_to_do_instead(word: str, hint: str, tmp_path: Path) -> None:
    said = devkit_here(word, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.splitlines()[1].endswith(hint)
