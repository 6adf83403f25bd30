"""No value of .env is left in what is masked, in whatever form it stands there."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.secrets.masking import Masker, secret_variables, secrets_of

pytestmark = pytest.mark.unit

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----"
ENV = {
    "APP_NAME": "Shop",
    "APP_ENV": "local",
    "APP_KEY": "base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
    "DB_PASSWORD": 'p@ss/w"ord',
    "DB_DATABASE": "laravel",
    "DATABASE_URL": "mysql://root:h%40rd-to-guess@mysql/laravel",
    "MAIL_PASSWORD": "abc",
    "REDIS_PASSWORD": "null",
    "STRIPE": "whatever-it-is-called",
    "SIGNING": PEM,
}


@pytest.mark.parametrize(
    "text",
    [
        'Access denied using p@ss/w"ord',
        json.dumps({"password": 'p@ss/w"ord'}),
        json.dumps({"x": 'p@ss/w"ord'}).replace("/", "\\/"),
        quote('p@ss/w"ord', safe=""),
        base64.b64encode(b'p@ss/w"ord').decode(),
        "key q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
        "mysql://root:h%40rd-to-guess@elsewhere/x and h@rd-to-guess",
        "mail with abc, refused",
        "the value whatever-it-is-called, in a sentence",
        "AQEFAASCBKcwggSjAgEAAoIB alone",
        PEM,
    ],
)
def test_a_value_is_masked_in_every_form_it_takes(text: str) -> None:
    masked = Masker(ENV.items()).text(text)
    assert "***" in masked
    for part in ('p@ss/w"ord', "p%40ss", "cEBzcy93", "q83vEj", "h%40rd", "h@rd", "abc", "whatever", "MIIEv", "AQEFA"):
        assert part not in masked


def test_what_is_no_secret_stays_readable() -> None:
    text = "local laravel Shop null: 42 abcd tests of https://localhost:8000/up?page=2 passed"
    assert Masker(ENV.items()).text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: ***"),
        ("GET /reset?token=abc123&page=2", "GET /reset?token=***&page=2"),
        ('{"api_key": "k-123"}', '{"api_key": "***"}'),
        ("https://me:pw@proxy:3128", "https://me:***@proxy:3128"),
        ("//registry.example/:_authToken=npm_0123456789", "//registry.example/:_authToken=***"),
        ("uses ghp_0123456789abcdef here", "uses *** here"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig", "***"),
    ],
)
def test_what_looks_like_a_secret_is_one_although_nobody_knows_its_value(text: str, masked: str) -> None:
    assert masked in Masker(()).text(text) or Masker(()).text(text).startswith(masked[:-3])
    assert not any(secret in Masker(()).text(text) for secret in ("abcdef1", "abc123", "k-123", ":pw@", "01234", "eyJ"))


def test_json_is_masked_in_names_values_and_below_telling_names() -> None:
    value = {"whatever-it-is-called": [{"note": "abc"}], "password": 7, "count": 3, "nested": {"api_key": "q"}}
    assert Masker(ENV.items()).value(value) == {
        "***STRIPE***": [{"note": "***MAIL_PASSWORD***"}],
        "password": "***",
        "count": 3,
        "nested": {"api_key": "***"},
    }


def test_a_broken_env_gives_its_values_all_the_same() -> None:
    found = secrets_of("GOOD=one-value\nexport OTHER='two-value'\nBROKEN=\"three-value\n")
    assert {"one-value", "two-value", "three-value"} <= set(found.values())


def test_every_text_of_an_auth_json_is_a_secret() -> None:
    found = secrets_of('{"http-basic": {"repo.test": {"username": "u", "password": "pw-1"}}, "bearer": ["tok-2"]}')
    assert {"u", "pw-1", "tok-2"} == set(found.values())


def test_two_values_of_one_name_are_both_masked() -> None:
    masked = Masker([("DB_PASSWORD", "former-one"), ("DB_PASSWORD", "present-one")]).text("former-one present-one")
    assert masked == "***DB_PASSWORD*** ***DB_PASSWORD***"


def test_variables_that_name_a_secret_are_taken_from_the_environment() -> None:
    assert secret_variables({"COMPOSER_AUTH": "{}", "GITHUB_TOKEN": "x", "HOME": "/root"}) == {
        "COMPOSER_AUTH": "{}",
        "GITHUB_TOKEN": "x",
    }


@given(st.text(min_size=4, max_size=40).filter(lambda text: text.strip() == text and "*" not in text))
def test_no_value_of_a_password_is_left_between_other_words(value: str) -> None:
    if value.lower() in ("true", "(true)", "null", "(null)", "false", "(false)", "empty", "(empty)"):
        return
    masker = Masker([("X_PASSWORD", value)])
    for text in (f"a {value} b", json.dumps([value]), json.dumps({"deep": {"x": f"<{value}>"}})):
        assert value not in masker.text(text).replace("***X_PASSWORD***", "")
