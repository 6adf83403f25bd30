from __future__ import annotations

import os
import stat
import string
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.project.env_file import parse_env, read_env
from devkit.project.errors import UsageError
from devkit.secrets.dotenv import LONGEST, begin_env, change_env, quote, set_values

pytestmark = pytest.mark.unit

EXAMPLE = """APP_NAME=Laravel
APP_KEY=

DB_CONNECTION=sqlite
# DB_HOST=127.0.0.1
# DB_PORT=3306

MAIL_FROM_NAME="${APP_NAME}"
"""

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
hostile = st.text(st.sampled_from("ab'\"\\$ {}#=\n\r\t`é\u00a0"), max_size=14)
values = st.one_of(texts, hostile)
names = st.text(string.ascii_uppercase + "_", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", ""),
        ("base64:ab+/c=", "base64:ab+/c="),
        ("a b", "'a b'"),
        ("a#b", "'a#b'"),
        ("$HOME ${X}", "'$HOME ${X}'"),
        ('say "hi"', "'say \"hi\"'"),
        ("it's $5", '"it\'s \\$5"'),
        ("C:\\", '"C:\\\\"'),
        ("a\r\nb", '"a\\r\\nb"'),
        ('x="y', '"x=\\"y"'),
    ],
)
def test_a_value_is_written_in_the_form_that_every_reader_understands(value: str, written: str) -> None:
    assert quote(value) == written


@given(st.dictionaries(names, values, max_size=6))
def test_what_is_written_is_read_back_exactly(entries: dict[str, str]) -> None:
    assert parse_env(change_env("", entries)) == entries


@given(st.dictionaries(names, values, max_size=4), st.dictionaries(names, values, max_size=4))
def test_a_change_keeps_every_other_value_and_a_second_one_changes_nothing(
    first: dict[str, str], second: dict[str, str]
) -> None:
    text = change_env(EXAMPLE, first)
    changed = change_env(text, second)
    assert parse_env(changed) == parse_env(EXAMPLE) | first | second
    assert change_env(changed, second) == changed


@given(st.sampled_from(["\n", "\r\n"]), st.booleans(), values)
def test_line_ends_and_a_missing_last_one_stay(newline: str, ended: bool, value: str) -> None:
    text = newline.join(["A=1", "# note", "B=2"]) + (newline if ended else "")
    changed = change_env(text, {"A": value})
    assert changed == newline.join([f"A={quote(value)}", "# note", "B=2"]) + (newline if ended else "")


def test_a_commented_default_is_replaced_where_it_stands() -> None:
    changed = change_env(EXAMPLE, {"DB_CONNECTION": "mysql", "DB_HOST": "mysql"})
    assert changed == EXAMPLE.replace("=sqlite", "=mysql").replace("# DB_HOST=127.0.0.1", "DB_HOST=mysql")


def test_a_comment_inside_a_quoted_value_is_no_commented_default() -> None:
    text = 'PEM="one\n# DB_HOST=x\n"\n'
    assert change_env(text, {"DB_HOST": "db"}) == text + "DB_HOST=db\n"


def test_a_value_that_is_already_right_keeps_its_own_way_of_being_written() -> None:
    text = 'A=\'plain\'\nB="it\'s \\$5" # why\n export  C = 1 # note\nPEM="a\nb"\n'
    assert change_env(text, {"A": "plain", "B": "it's $5", "C": "1", "PEM": "a\nb"}) == text


@pytest.mark.parametrize("raw", ['"${A}"', "${A}", '"$A"', "a#b", "$A", r'"it\'s"', "'a\\\\'"])
def test_what_some_reader_takes_for_another_value_is_written_anew(raw: str) -> None:
    value = parse_env(f"B={raw}\n")["B"]
    assert change_env(f"B={raw}\n", {"B": value}) == f"B={quote(value)}\n"


def test_export_indentation_and_a_trailing_comment_stay() -> None:
    assert change_env("\n  export A=1  # why\n", {"A": "b c"}) == "\n  export A='b c'  # why\n"
    assert change_env("A=1 # why\n", {"A": ""}) == 'A="" # why\n'


def test_a_value_over_several_lines_is_replaced_whole() -> None:
    assert change_env('A="x\r\ny"\r\nB=1\r\n', {"A": "z"}) == "A=z\r\nB=1\r\n"
    assert parse_env('A="x\r\ny"\n') == {"A": "x\ny"}


def test_the_last_of_equal_names_counts_and_is_the_one_replaced() -> None:
    assert parse_env("A=1\nA=2\n") == {"A": "2"}
    assert change_env("A=1\nA=2\n", {"A": "3"}) == "A=1\nA=3\n"


def test_a_name_can_be_commented_out_and_set_again() -> None:
    silenced = change_env('A=1\nB="x\ny"\n', {}, comment_out=("A", "B", "C"))
    assert silenced == '# A=1\n# B="x\\ny"\n'
    assert change_env(silenced, {"A": "2"}) == '# A=1\n# B="x\\ny"\n'.replace("# A=1", "A=2")


def test_a_byte_order_mark_stays() -> None:
    assert change_env("\ufeffA=1\n", {"A": "2"}) == "\ufeffA=2\n"
    assert change_env("\ufeffA=1\n", {}, remove=["A"]) == "\ufeff"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_is_removed_goes_with_its_line_and_nothing_else_does(newline: str) -> None:
    text = newline.join(["# of B", "B=1", "", '  export A="x', 'y" # why', "", "# A=old", "C=3", "A=2", "D=4", "A"])
    kept = newline.join(["# of B", "B=1", "", "", "# A=old", "C=3", "D=4", ""])
    assert change_env(text, {}, remove=["A", "NONE"]) == kept


def test_what_is_removed_and_set_at_once_is_set() -> None:
    assert change_env("A=1\nB=1\n", {"A": "2"}, remove=["A", "B"], comment_out=["B"]) == "A=2\n"


def test_what_was_removed_is_in_the_former_text_alone(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("A=secret\nB=1\n")
    assert set_values(env, {}, remove=["A"])
    assert env.read_text() == "B=1\n"
    assert (tmp_path / ".env.previous").read_text() == "A=secret\nB=1\n"
    assert not set_values(env, {}, remove=["A"])
    assert (tmp_path / ".env.previous").read_text() == "A=secret\nB=1\n"


@pytest.mark.parametrize("text", ["A=1\n\nthis is secret\n", "A=1\n\nB='secret\nC=1\n", 'A=1\n\nB="secret'])
def test_a_broken_line_is_named_by_its_number_and_never_shown(tmp_path: Path, text: str) -> None:
    env = tmp_path / ".env"
    env.write_text(text)
    with pytest.raises(UsageError) as caught:
        set_values(env, {"A": "2"})
    assert "line 3" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert env.read_text() == text
    assert list(tmp_path.iterdir()) == [env]


@pytest.mark.parametrize(
    ("name", "value"),
    [("A B", "x"), ("1A", "x"), ("", "x"), ("A", "top\0secret"), ("A", "\ud800"), ("A", "secret" + "é" * 65534)],
)
def test_what_cannot_be_written_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        set_values(tmp_path / ".env", {"GOOD": "x", name: value})
    assert str(caught.value).startswith((f"{name}: ", f"{name!r} cannot be a name"))
    assert "secret" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_the_longest_value_that_is_taken_is_the_longest_that_a_process_can_have(tmp_path: Path) -> None:
    value = "x" * (LONGEST - len("NAME"))
    assert set_values(tmp_path / ".env", {"NAME": value})
    assert subprocess.run(["true"], env={"NAME": value}, check=False).returncode == 0
    with pytest.raises(OSError, match="too long"):
        subprocess.run(["true"], env={"NAME": value + "x"}, check=False)
    with pytest.raises(UsageError, match="NAME: "):
        set_values(tmp_path / ".env", {"NAME": value + "x"})


def test_the_former_text_is_kept_and_both_files_are_private(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\n")
    assert set_values(env, {"A": "2"})
    previous = tmp_path / ".env.previous"
    assert previous.read_text() == "A=1\n"
    assert {stat.S_IMODE(file.stat().st_mode) for file in (env, previous)} == {0o600}


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\n")
    before = env.stat()
    assert not set_values(env, {"A": "1"})
    assert env.stat() == before
    assert not (tmp_path / ".env.previous").exists()


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.env"
    target.write_text("A=1\n")
    env = tmp_path / ".env"
    env.symlink_to(target)
    assert set_values(env, {"A": "2"})
    assert env.is_symlink()
    assert target.read_text() == "A=2\n"
    assert os.listdir(tmp_path / "elsewhere") == ["real.env"]  # noqa: PTH208


def test_a_file_is_begun_once_and_private(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert begin_env(env, b"A=1\r\n")
    assert not begin_env(env, b"A=2\n")
    assert env.read_bytes() == b"A=1\r\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_a_missing_file_has_no_values_and_is_made_when_one_is_set(tmp_path: Path) -> None:
    assert read_env(tmp_path / ".env") == {}
    assert set_values(tmp_path / ".env", {"A": "x y"})
    assert read_env(tmp_path / ".env") == {"A": "x y"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X=1\n\nA=old # note\nB=2\n", "X=1\n\n# A=old # note\nA=new # note\nB=2\n"),
        ("A='the old'", "# A='the old'\nA=new"),
        ("A=old\r\n", "# A=old\r\nA=new\r\n"),
        ("A=new\n", "A=new\n"),
        ("A=\n", "A=new\n"),
        ("# A=old\n", "A=new\n"),
    ],
)
def test_a_former_line_can_stay_as_a_comment_above_its_successor(before: str, after: str) -> None:
    assert change_env(before, {"A": "new"}, comment_out=["A"]) == after
