from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.env_file import laravel_problem, parse_env, read_commented, read_env, resolve_env
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

REFERENCES = r"""
APP='My $5 ${APP} shop'
A="${APP}!"
B=${A}
C='${APP}'
D="\${APP} \"${NONE}\""
E="${LATER}"
LATER=x
A="${A}?"
F="\\${LATER}"
G=a#b
"""
REFERENCES_IN_LARAVEL = {
    "APP": "My $5 ${APP} shop",
    "A": "My $5 ${APP} shop!?",
    "B": "My $5 ${APP} shop!",
    "C": "${APP}",
    "D": '${APP} "${NONE}"',
    "E": "${LATER}",
    "LATER": "x",
    "F": "\\x",
    "G": "a",
}
"""What phpdotenv 5.6 gave for it."""


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


def test_references_become_what_laravel_makes_of_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(REFERENCES)
    assert resolve_env(tmp_path / ".env") == REFERENCES_IN_LARAVEL
    assert resolve_env(tmp_path / "missing") == {}
