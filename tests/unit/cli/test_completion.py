"""Completion as a shell asks for it, from a project's files alone: no engine is there to be asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import devkit_here, plain_environment

from devkit.cli.commands import COMMANDS
from devkit.cli.completion import SHELLS, split_line
from devkit.cli.words import PASS_THROUGH

pytestmark = pytest.mark.unit

_LIST = Path(__file__).parent.parent / "laravel" / "artisan_list.py"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    (root / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n[services]\nwith = ["redis", "mailpit"]\n')
    (root / "tests" / "Feature").mkdir(parents=True)
    (root / "tests" / "Feature" / "OrderTest.php").write_text("<?php\nit('sends a mail', fn () => true);\n")
    (root / "phpunit.xml").write_text('<testsuite name="Feature">')
    (root / "vendor" / "bin").mkdir(parents=True)
    (root / "vendor" / "bin" / "rector").touch()
    (root / "package.json").write_text('{"scripts": {"build": "vite build"}}')
    (root / "composer.json").write_text('{"scripts": {"lint": ["pint"]}}')
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from artisan_list import artisan_list\n"
        "from devkit.laravel.catalogue import fingerprint, keep, parse\n"
        "root = Path(sys.argv[2]); keep(root, parse(artisan_list(), fingerprint(root)))"
    )
    subprocess.run([sys.executable, "-c", program, str(_LIST.parent), str(root)], check=True, env=plain_environment())
    return root


def answers(project: Path, *words: str) -> list[str]:
    """What fish is told, without the descriptions."""
    said = devkit_here("completion", "answer", "fish", *words, cwd=project, DOCKER_HOST="unix:///nowhere.sock")
    assert (said.returncode, said.stderr) == (0, "")
    return [line.partition("\t")[0] for line in said.stdout.splitlines()]


def bash(project: Path, line: str, breaks: str = " \t\n\"'@><=;|&(:") -> list[str]:
    said = devkit_here("completion", "answer", "bash", line, str(len(line.encode())), breaks, cwd=project)
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("restart", ""), ["app", "redis", "mailpit"]),
        (("restart", "redis", ""), ["app", "mailpit"]),
        (("--json", "restart", ""), ["app", "redis", "mailpit"]),
        (("build", ""), ["base-runtime", "dependencies", "frontend-build", "app", "development"]),
        (("config", ""), ["list", "get", "set", "edit"]),
        (("open", ""), ["app", "mailpit"]),
        (("completion", ""), ["bash", "zsh", "fish", "refresh"]),
        (("init", "--database", ""), ["sqlite", "mysql", "mariadb", "pgsql"]),
        (("init", "--mode=w"), ["--mode=worker", "--mode=classic"]),
        (("init", "--answers", ""), []),
        (("--project", ""), []),
        (("nonsense", ""), []),
        (("artisan", "mi"), ["help", "migrate", "migrate:status", "make:model", "test"]),
        (("artisan", "help", ""), ["help", "migrate", "migrate:status", "make:model", "test"]),
        (("artisan", "migrate", "--"), ["--force", "--path", "--help", "--env"]),
        (("artisan", "-n", "migrate", "--"), ["--force", "--path", "--help", "--env"]),
        (("artisan", "migrate", ""), []),
        (("artisan", "test", "--filter", ""), ["it sends a mail"]),
        (("test", "--filter="), ["--filter=it sends a mail"]),
        (("test", "--testsuite", ""), ["Feature"]),
        (("test", "--"), ["--filter", "--testsuite", "--parallel"]),
        (("test", ""), ["tests/Feature/OrderTest.php"]),
        (("explain", "restart", ""), ["app", "redis", "mailpit"]),
        (("art", "test", "--filter", ""), ["it sends a mail"]),
        (("bin", ""), ["rector"]),
        (("npm", "run", ""), ["build"]),
        (("composer", "run", ""), ["lint"]),
    ],
)
def test_the_words_that_may_stand_there_are_offered(words: tuple[str, ...], expected: list[str], project: Path) -> None:
    assert answers(project, *words) == expected


def test_commands_come_with_their_one_line(project: Path) -> None:
    said = devkit_here("completion", "answer", "zsh", "", cwd=project)
    assert said.stdout.splitlines() == [f"{name}:{line}" for name, line in {**COMMANDS, **PASS_THROUGH}.items()]


def test_a_teams_own_commands_are_offered_too(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n[commands]\nlint = "vendor/bin/pint --test"\n')
    said = devkit_here("completion", "answer", "fish", "", cwd=tmp_path)
    assert "lint\tvendor/bin/pint --test" in said.stdout.splitlines()


def test_flags_are_those_of_the_form_that_fits(project: Path) -> None:
    assert "--build" in answers(project, "up", "-")
    assert "--build" not in answers(project, "down", "-")
    assert "--json" in answers(project, "down", "-")
    assert "--volumes" not in answers(project, "down", "--volumes", "-")


def test_a_subdirectory_and_another_directory_know_the_project(project: Path, tmp_path: Path) -> None:
    assert "redis" in answers(project / "tests", "restart", "")
    assert "redis" in answers(tmp_path, "--project", str(project), "restart", "")
    assert answers(tmp_path, "restart", "") == []


def test_descriptions_hold_no_tags_and_no_line_ends(project: Path) -> None:
    said = devkit_here("completion", "answer", "fish", "artisan", "migrate", "--", cwd=project)
    assert "--help\tDisplay help for the list command" in said.stdout.splitlines()


def test_zsh_gets_colons_in_names_escaped(project: Path) -> None:
    said = devkit_here("completion", "answer", "zsh", "artisan", "", cwd=project)
    assert "make\\:model:Create a new Eloquent model class" in said.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("devkit artisan mi", ["migrate", "migrate:status"]),
        ("devkit artisan migrate:", ["status"]),
        ("devkit artisan make:mo", ["model"]),
        ("devkit test --filter=it", ["it\\ sends\\ a\\ mail"]),
        ("devkit test --filter 'it s", ["it sends a mail"]),
        ("devkit  restart   re", ["redis"]),
    ],
)
def test_bash_gets_what_replaces_the_part_behind_a_word_break(line: str, expected: list[str], project: Path) -> None:
    assert bash(project, line) == expected


def test_bash_without_colons_as_breaks_gets_the_whole_word(project: Path) -> None:
    assert bash(project, "devkit artisan make:mo", " ") == ["make:model"]


@pytest.mark.parametrize(
    ("line", "words", "quote"),
    [
        ("devkit up ", ["devkit", "up", ""], ""),
        ("devkit a\\ b", ["devkit", "a b"], ""),
        ("devkit 'a b", ["devkit", "a b"], "'"),
        ('devkit "a\\"b" c', ["devkit", 'a"b', "c"], ""),
        ("", [""], ""),
    ],
)
def test_a_line_is_split_as_the_shell_would(line: str, words: list[str], quote: str) -> None:
    assert split_line(line) == (words, quote)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell: str, tmp_path: Path) -> None:
    said = devkit_here("completion", shell, cwd=tmp_path)
    assert said.returncode == 0
    assert f"completion answer {shell}" in said.stdout


def test_a_shell_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    said = devkit_here("completion", "tcsh", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")


def test_a_broken_settings_file_is_no_line_on_the_prompt(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text("[")
    assert answers(tmp_path, "restart", "") == []


def test_answers_need_none_of_what_commands_need(project: Path) -> None:
    program = (
        "import sys, contextlib, io\n"
        "from devkit import entry\n"
        "with contextlib.redirect_stdout(io.StringIO()) as said:\n"
        "    entry.main(['completion', 'answer', 'zsh', 'artisan', 'mi'])\n"
        "assert 'migrate' in said.getvalue()\n"
        "slow = {'argparse', 'subprocess', 'asyncio', 'jinja2', 'yaml', 'tomlkit', 'tomllib', 'http', 'docker'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=project, env=plain_environment())
