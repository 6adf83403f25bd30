from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.env_file import laravel_problem, line_of, parse_env, read_commented, read_env
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def test_escapes_are_read_as_laravel_reads_them() -> None:
    assert parse_env(r'A="\$x \\$y \n\t"') == {"A": "$x \\$y \n\t"}


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b"A=1\nB=\xe9\n")
    with pytest.raises(UsageError, match="line 2"):
        read_env(env)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A=1\n\nB=two words\n", 3),
        ("A-B=1\n", 1),
        ("A='two words'\nB=1 # two words\n", None),
        ('MAIL_FROM_NAME="${APP_NAME}"\n', None),
    ],
)
def test_what_only_laravel_cannot_read_is_found(text: str, line: int | None) -> None:
    found = laravel_problem(text)
    assert (found[0] if found else None) == line


def test_what_stands_commented_out_can_be_read(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("# A='a b'\n#B=1\n# B=2 # two\n# words = of a person\n# C=\"open\nD=4\n")
    assert read_commented(env) == {"A": "a b", "B": "2"}
    assert read_commented(tmp_path / "missing") == {}


def test_the_line_of_a_name_is_found_where_its_value_counts(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b'\xef\xbb\xbf# A=1\r\n\r\nA=1\r\nPEM="one\r\ntwo"\r\n\r\nA=2\r\n')
    assert (line_of(env, "A"), line_of(env, "PEM"), line_of(env, "B")) == (7, 4, None)
    assert line_of(tmp_path / "missing", "A") is None
