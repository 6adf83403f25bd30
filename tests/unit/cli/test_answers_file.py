from __future__ import annotations

from pathlib import Path

import pytest

from devkit.cli.answers_file import read_answers
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def answers(tmp_path: Path, text: str) -> dict[str, object]:
    file = tmp_path / "answers.toml"
    file.write_text(text)
    return read_answers(file)


def test_keys_are_named_as_the_flags(tmp_path: Path) -> None:
    text = 'database = "mysql"\nwith = ["redis", "queue"]\nport = 8080\nhttps = true\ninstall-docker = true\n'
    assert answers(tmp_path, text) == {
        "database": "mysql",
        "with": ["redis", "queue"],
        "port": 8080,
        "https": True,
        "install_docker": True,
    }


def test_a_list_may_be_written_as_on_the_command_line_and_php_as_a_number(tmp_path: Path) -> None:
    assert answers(tmp_path, 'with = "redis, queue"\nphp = 8.4\n') == {"with": ["redis", "queue"], "php": "8.4"}


def test_settings_are_read_from_dotted_keys_and_from_tables(tmp_path: Path) -> None:
    text = '[set]\n"php.jit" = "tracing"\nphp.workers = 8\nphp.extensions = ["gd", "intl"]\nproject.https = true\n'
    assert answers(tmp_path, text)["set"] == {
        "php.jit": "tracing",
        "php.workers": "8",
        "php.extensions": "gd,intl",
        "project.https": "true",
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("databse = 'mysql'", "databse"),
        ("port = '80'", "port"),
        ("port = true", "port"),
        ("https = 'yes'", "https"),
        ("with = [1]", "with"),
        ("set = 3", "set"),
        ("[set]\nx = 1979-05-27", "set.x"),
        ("port = 80\nname = \n", "line 2"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(UsageError) as error:
        answers(tmp_path, text)
    assert named in error.value.message


def test_a_missing_file_and_a_directory_are_usage_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_answers(path)


def test_bytes_that_are_no_text_are_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="broken"):
        read_answers(tmp_path / "a.toml")
