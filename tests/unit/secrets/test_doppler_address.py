"""Where Doppler's API may be, and what a project and a config may be called."""

from __future__ import annotations

import pytest

from devkit.project.errors import UsageError
from devkit.secrets.doppler.address import address_of, check_slug

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("url", "base", "shown"),
    [
        ("https://api.doppler.com", "https://api.doppler.com", "api.doppler.com"),
        ("https://api.doppler.com/", "https://api.doppler.com", "api.doppler.com"),
        ("HTTPS://API.Doppler.com:443/", "https://api.doppler.com", "api.doppler.com"),
        ("http://127.0.0.1:4430", "http://127.0.0.1:4430", "127.0.0.1:4430"),
        ("https://gateway.example/doppler/api/", "https://gateway.example/doppler/api", "gateway.example"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", "[::1]:8080"),
    ],
)
def test_a_base_url_has_a_path_or_none_and_no_slash_at_its_end(url: str, base: str, shown: str) -> None:
    assert address_of(url).base_url == base
    assert address_of(url).shown == shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.doppler.com",
        "ftp://api.doppler.com",
        "https://",
        "https:///v3",
        "http://host:99999",
        "http://host:0",
        "http://a b",
        "http://[::1",
        "https://api.doppler.com/a b",
        "https://api.doppler.com/\r\nX: y",
        "https://api.doppler.com?project=x",
        "https://api.doppler.com#x",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_http_or_https_url_of_a_server_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        address_of(url)
    assert "DOPPLER_API_HOST" in raised.value.hint


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as raised:
        address_of("https://me:hunter2@api.doppler.com")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("slug", ["", "a&b", "a b", "a#b", "../x", "a/b", "ä", "a\n", "x" * 101])
def test_a_name_that_would_change_the_question_is_refused(slug: str) -> None:
    with pytest.raises(UsageError):
        check_slug("project", slug)


def test_dopplers_own_names_are_taken() -> None:
    assert check_slug("config", "dev_personal-2") == "dev_personal-2"
