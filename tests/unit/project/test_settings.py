"""Settings accept what can be rendered, and say what is wrong with the rest."""

from __future__ import annotations

import pytest

from devkit.project.errors import UsageError
from devkit.project.settings import PhpSettings, Settings

pytestmark = pytest.mark.unit


def test_services_come_in_catalogue_order_each_once() -> None:
    settings = Settings("shop", services=("queue", "redis", "queue"))
    assert settings.services == ("redis", "queue")


def test_a_database_among_the_services_must_be_the_database() -> None:
    settings = Settings("shop", database="mysql", services=("mysql", "redis"))
    assert settings.services == ("redis",)
    assert settings.all_services == ("mysql", "redis")
    with pytest.raises(UsageError, match="two databases"):
        Settings("shop", database="mysql", services=("pgsql",))


def test_two_caches_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="two caches"):
        Settings("shop", services=("redis", "valkey"))


@pytest.mark.parametrize(
    "name",
    ["", "Shop", "-shop", "a b", "a.b", "x" * 64, "café", "$x", "shop_", "shop-", "_shop", "a-_b", "a___b", "a\n"],
)
def test_a_name_that_compose_or_an_image_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="project name"):
        Settings(name)


@pytest.mark.parametrize("name", ["s", "0", "shop-2", "a_b", "a__b", "a---b", "x" * 63, "1-a_2"])
def test_a_name_with_separators_between_is_taken(name: str) -> None:
    assert Settings(name).name == name


def test_one_port_for_two_is_refused() -> None:
    with pytest.raises(UsageError, match=r"ports\.app and ports\.vite are both 8000"):
        Settings("shop", ports={"app": 8000, "vite": 8000})


@pytest.mark.parametrize("port", [0, -1, 65536, 99999, True])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match="port"):
        Settings("shop", ports={"app": port})


def test_an_unknown_port_key_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        Settings("shop", ports={"web": 80})
    assert "app" in caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "7.4"},
        {"version": "8.4; rm"},
        {"mode": "turbo"},
        {"jit": "on"},
        {"watch": "me"},
        {"workers": 0},
        {"workers": 1000},
        {"extensions": ("gd && true",)},
        {"packages": ("--force-yes",)},
    ],
)
def test_a_php_setting_that_cannot_be_rendered_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        PhpSettings(**changes)  # type: ignore[arg-type]


def test_published_ports_follow_the_services() -> None:
    settings = Settings("shop", database="pgsql", services=("mailpit", "vite"), https=True)
    assert settings.published_ports() == {
        "app": 8080,
        "https": 8443,
        "pgsql": 5432,
        "mailpit": 8025,
        "smtp": 1025,
        "vite": 5173,
    }


def test_an_address_has_the_port_that_was_settled_else_the_one_that_was_asked_for() -> None:
    assert Settings("shop").url({}) == "http://localhost:8000"
    asked = Settings("shop", https=True, ports={"app": 8001})
    assert asked.url({}) == "http://localhost:8001"
    assert asked.url({"app": 8002, "https": 8443}) == "https://localhost:8443"
    assert asked.plain_url({"app": 8002, "https": 8443}) == "http://localhost:8002"
