"""What is warned of because Laravel or Vite would read it as something else, and what is meant so."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.env_file import resolve_env
from devkit.secrets.readings import other_readings

pytestmark = pytest.mark.unit


def warned(**values: str) -> list[str]:
    return [reading.name for reading in other_readings(values)]


def why(name: str, value: str) -> str:
    (reading,) = other_readings({name: value})
    return reading.why


@pytest.mark.parametrize("value", ["null", "NULL", "(null)", "true", "False", "(false)", "empty", "(Empty)"])
@pytest.mark.parametrize("name", ["STRIPE_SECRET", "API_TOKEN", "AWS_ACCESS_KEY_ID", "SMTP_PASSWORD", "PASSWORD2"])
def test_a_credential_that_is_one_of_laravels_words_is_warned_of(name: str, value: str) -> None:
    assert "Laravel" in why(name, value)


def test_what_laravel_itself_writes_so_is_not_warned_of() -> None:
    assert not warned(APP_DEBUG="true", SESSION_ENCRYPT="false", OCTANE_HTTPS="False", TELESCOPE_ENABLED="(true)")
    assert not warned(SESSION_DOMAIN="null", MAIL_SCHEME="null", BROADCAST_CONNECTION="null", LOG_CHANNEL="(null)")
    assert not warned(MAIL_USERNAME="null", MAIL_PASSWORD="null", REDIS_PASSWORD="null", DB_PASSWORD="(empty)")
    assert not warned(CSRF_VERIFY_TOKEN="true", USE_API_KEY="false")


def test_a_password_that_is_a_switchs_word_is_none_even_under_laravels_own_name() -> None:
    assert warned(MAIL_PASSWORD="true") == ["MAIL_PASSWORD"]


def test_the_word_empty_is_a_word_to_everybody_but_laravel() -> None:
    assert warned(CART_STATE="empty", OTHER="emptied", MAIL_FROM_NAME="(empty)") == ["CART_STATE"]


@pytest.mark.parametrize("value", ['"abc"', "'a b'", '"a" and "b"', "''"])
def test_quotes_that_are_part_of_a_value_are_warned_of(value: str) -> None:
    assert "quotes" in why("MOTTO", value)


@pytest.mark.parametrize("value", ['"', "\"a'", '["a"]', '"a"!', '"a\nb"', "it's"])
def test_quotes_that_laravel_leaves_are_not(value: str) -> None:
    assert not warned(MOTTO=value)


@pytest.mark.parametrize("value", ["a $b", "${APP_NAME}", "5$", "it's C:\\x", 'it\'s "x"'])
def test_names_for_browsers_are_warned_of_where_vite_reads_something_else(value: str) -> None:
    assert "Vite" in why("VITE_TITLE", value)
    assert "Mix" in why("MIX_TITLE", value)
    assert not warned(TITLE=value)


@pytest.mark.parametrize("value", ["it's", "two\nlines", 'say "hi"', "C:\\x", "#1", ""])
def test_what_vite_reads_as_it_is_written_is_not(value: str) -> None:
    assert not warned(VITE_TITLE=value)


def test_laravels_own_references_are_meant_so(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('APP_NAME=Shop\nVITE_APP_NAME="${APP_NAME}"\nVITE_TITLE="${NOBODY}"\n')
    assert [reading.name for reading in other_readings(resolve_env(tmp_path / ".env"))] == ["VITE_TITLE"]


def test_no_reason_holds_a_value() -> None:
    values = {"VITE_A_TOKEN": '"$hunter2"', "B_SECRET": "'hunter2'", "VITE_C": 'it\'s "hunter2"'}
    found = other_readings(values)
    assert [reading.name for reading in found] == ["VITE_A_TOKEN", "VITE_A_TOKEN", "B_SECRET", "VITE_C"]
    assert "hunter2" not in repr(found)
