from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from artisan_list import artisan_list

from devkit.laravel.catalogue import Argument, Catalogue, Option, fingerprint, keep, kept, parse
from devkit.laravel.catalogue_refresh import refresh_behind
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def catalogue() -> Catalogue:
    return parse(artisan_list())


def test_commands_arguments_and_options_are_typed(catalogue: Catalogue) -> None:
    model = catalogue.find("make:model")
    assert model is not None
    assert model.arguments == (Argument("name", required=True, many=False, description="The name of the model"),)
    assert model.options == (Option("--migration", "-m", "none", False, ""),)
    migrate = catalogue.find("migrate")
    assert migrate is not None
    assert [(option.name, option.value) for option in migrate.options] == [("--force", "none"), ("--path", "required")]
    assert catalogue.application == "Laravel Framework 13.1.0"


def test_what_every_command_takes_stands_once(catalogue: Catalogue) -> None:
    assert [option.name for option in catalogue.options] == ["--help", "--env"]


def test_the_second_half_of_a_negatable_option_knows_the_first() -> None:
    assert Option("--no-ansi", "", "none", False, 'Negate the "--ansi" option').negates == "--ansi"
    assert Option("--no-reload", "", "none", False, "Do not reload").negates == ""


def test_hidden_commands_are_not_shown(catalogue: Catalogue) -> None:
    assert "_complete" not in [command.name for command in catalogue.shown()]
    assert catalogue.find("_complete") is not None


def test_notices_that_php_prints_first_are_passed_over(catalogue: Catalogue) -> None:
    assert parse(f"\nDeprecated: something in /app/x.php on line 3\n{artisan_list()}") == catalogue


@pytest.mark.parametrize("text", ["", "Fatal error: oh", "{}", '{"commands": 3}', '{"commands": [{"name": "x"}]}'])
def test_what_is_no_list_is_one_clear_error(text: str) -> None:
    with pytest.raises(FailedError, match="did not answer"):
        parse(text)


def test_a_kept_catalogue_comes_back_whole(catalogue: Catalogue, tmp_path: Path) -> None:
    keep(tmp_path, catalogue)
    assert kept(tmp_path) == catalogue


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 99}', '{"schema": 1}', "\x00"])
def test_a_broken_file_counts_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    (tmp_path / ".devkit" / "catalogue.json").write_text(text)
    assert kept(tmp_path) is None


@pytest.mark.parametrize("path", ["composer.lock", "routes/console.php", "app/Console/Commands/Mail/Send.php"])
def test_a_changed_source_makes_it_out_of_date(path: str, tmp_path: Path) -> None:
    before = fingerprint(tmp_path)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("new")
    assert fingerprint(tmp_path) != before
    assert fingerprint(tmp_path) == fingerprint(tmp_path)


def test_it_is_refreshed_behind_the_scenes_once_for_each_change(tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    told = tmp_path / "told"
    command = [sys.executable, "-c", f"open({str(told)!r}, 'a').write('x')"]
    (tmp_path / "composer.lock").write_text("1")
    assert refresh_behind(tmp_path, None, command)
    assert not refresh_behind(tmp_path, None, command)  # it fails, or is not ready: not with every key press
    (tmp_path / "composer.lock").write_text("22")
    assert refresh_behind(tmp_path, None, command)
    for _ in range(2):
        os.waitpid(-1, 0)
    assert told.read_text() == "xx"


def test_one_that_is_up_to_date_is_left_alone(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    fresh = Catalogue("", (), (), fingerprint(tmp_path))
    assert not refresh_behind(tmp_path, fresh, [sys.executable, "-c", "pass"])


def test_a_project_that_never_ran_here_starts_nothing(tmp_path: Path) -> None:
    assert not refresh_behind(tmp_path, None, [sys.executable, "-c", "pass"])
    assert list(tmp_path.iterdir()) == []


def test_whoever_starts_a_refresh_does_not_wait_for_it(tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    release = tmp_path / "release"
    os.mkfifo(release)
    assert refresh_behind(tmp_path, None, [sys.executable, "-c", f"open({str(release)!r}).read()"])
    release.write_text("")  # blocks until somebody reads: the child, which is still there
    assert os.waitpid(-1, 0)[1] == 0
