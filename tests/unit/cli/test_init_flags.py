from __future__ import annotations

from pathlib import Path

import pytest

from devkit.cli.context import Context, Wizard
from devkit.cli.init_flags import InitOptions, read
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def no_wizard() -> Wizard:
    raise AssertionError("flags are read without a wizard")


def options(*arguments: str, project: str | None = None) -> InitOptions:
    return read(Context(no_wizard, lambda _project: 0, lambda *_: 0, project=project), arguments)[1]


def test_every_flag_of_the_contract_is_an_answer(tmp_path: Path) -> None:
    read_options = options(
        *(str(tmp_path), "--yes", "--dry-run", "--json", "--install-docker", "--images", "local"),
        *("--with", "redis,queue", "--database", "pgsql", "--mode", "classic", "--php", "8.3", "--port", "8123"),
        *("--https", "--set", "php.jit=tracing", "--no-start", "--name", "shop"),
    )
    answers = read_options.answers
    assert read_options.dry_run and read_options.directory_given
    assert (answers.directory, answers.name, answers.database) == (tmp_path, "shop", "pgsql")
    assert (answers.services, answers.php, answers.mode) == (("redis", "queue"), "8.3", "classic")
    assert (answers.port, answers.https, answers.images) == (8123, True, "local")
    assert answers.install_docker and not answers.start
    assert dict(answers.sets) == {"php.jit": "tracing"}


def test_what_no_flag_names_is_left_to_detection() -> None:
    answers = options().answers
    assert (answers.database, answers.services, answers.php, answers.mode, answers.port) == (None,) * 5


def test_a_flag_wins_over_the_answers_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('database = "mysql"\nmode = "classic"\n[set]\nphp.jit = "off"\nphp.workers = 2\n')
    answers = options("--answers", str(file), "--database", "pgsql", "--set", "php.jit=function").answers
    assert (answers.database, answers.mode) == ("pgsql", "classic")
    assert dict(answers.sets) == {"php.jit": "function", "php.workers": "2"}


def test_a_name_with_a_leading_dash_stands_behind_two_dashes() -> None:
    assert options("--yes", "--", "-app").answers.directory.name == "-app"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "0"), "port 0"),
        (("--port", "99999"), "port 99999"),
        (("--port", "-1"), "--port"),
        (("--port", "8o"), "'8o' is not a port"),
        (("--with", "redsi"), "unknown service 'redsi'"),
        (("--with", "sqlite"), "sqlite is a file"),
        (("--with", "mysql,pgsql"), "two databases"),
        (("--with", "pgsql", "--database", "mysql"), "two databases"),
        (("--with", "redis,valkey"), "two caches"),
        (("--php", "7.4"), "PHP '7.4'"),
        (("--php", ""), "PHP ''"),
        (("--name", "Mein Café"), "project name"),
        (("--name", ""), "project name"),
        (("--mode", "fast"), "--mode"),
        (("--images", "mine"), "--images"),
        (("--set", "jit"), "no KEY=VALUE"),
        (("--set", "php.jitt=on"), "php.jitt"),
        (("--set", "php.jit=on"), "php.jit is 'on'"),
        (("--set", "ports.app=0"), "port 0"),
        (("--set", "secrets.source=vault"), "secrets.source is 'vault'"),
        (("--doppler", "--set", "secrets.source=local"), "secrets.source is local"),
        (("--githb",), "unknown flag --githb"),
        (("--answers", "/nowhere.toml"), "/nowhere.toml cannot be read"),
        (("--prot", "80"), "unknown flag --prot"),
        (("a", "b"), "does not take 'b'"),
    ],
)
def test_what_is_wrong_is_refused_and_named(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as error:
        options(*arguments)
    assert said in error.value.message
    assert error.value.hint


def test_a_flag_that_is_nearly_right_gets_a_suggestion() -> None:
    with pytest.raises(UsageError) as error:
        options("--databse", "mysql")
    assert error.value.hint == "did you mean --database?"


def test_files_of_delivery_are_asked_for_by_flags_and_in_the_answers_file(tmp_path: Path) -> None:
    assert options().answers.delivery is None
    assert options("--kubernetes", "--github").answers.delivery == ("github", "kubernetes")
    assert options("--gitlab").answers.delivery == ("gitlab",)
    file = tmp_path / "a.toml"
    file.write_text("github = true\ngitlab = false\n")
    assert options("--answers", str(file)).answers.delivery == ("github",)
    assert options("--answers", str(file), "--gitlab").answers.delivery == ("github", "gitlab")
    file.write_text("kubernetes = false\n")
    assert options("--answers", str(file)).answers.delivery == ()


def test_two_directories_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two directories"):
        options("here", project=str(tmp_path))


def test_a_directorys_name_with_a_leading_dash_is_sent_behind_two_dashes() -> None:
    with pytest.raises(UsageError) as caught:
        options("-name")
    assert caught.value.hint.endswith("stands behind --: devkit init -- -name")
    assert options("--", "-name").answers.directory.name == "-name"
    with pytest.raises(UsageError, match="unknown flag --nam") as caught:
        options("--nam", "x")
    assert caught.value.hint == "did you mean --name?"


def test_doppler_is_asked_for_by_a_flag_or_in_the_answers_file(tmp_path: Path) -> None:
    assert options().answers.doppler is None
    assert options("--doppler").answers.doppler is True
    file = tmp_path / "answers.toml"
    file.write_text('doppler = true\n[set.secrets]\nproject = "shop"\n')
    answers = options("--answers", str(file)).answers
    assert (answers.doppler, answers.sets["secrets.project"]) == (True, "shop")


def test_the_source_of_secrets_is_the_same_by_either_word_and_flags_win_over_the_file(tmp_path: Path) -> None:
    assert options("--set", "secrets.source=doppler").answers.doppler is True
    assert options("--set", "secrets.source=local").answers.doppler is False
    file = tmp_path / "answers.toml"
    file.write_text("doppler = false\n")
    assert options("--answers", str(file)).answers.doppler is False
    assert options("--answers", str(file), "--doppler").answers.doppler is True
    file.write_text("doppler = true\n")
    local = options("--answers", str(file), "--set", "secrets.source=local").answers
    assert (local.doppler, dict(local.sets)) == (False, {})
