import re

import pytest

from devkit.engine.images.catalogue import BASES, base_image
from devkit.project.errors import UsageError
from devkit.project.paths import scaffolds_directory
from devkit.project.services import SERVICES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("key", BASES)
def test_every_reference_is_pinned_to_a_version(key: str) -> None:
    reference = base_image(key).reference
    name, _, tag = reference.rpartition(":")
    assert name
    assert re.search(r"\d+\.\d+", tag), reference
    assert "{" not in reference


def test_every_service_finds_its_image() -> None:
    assert {service.image for service in SERVICES.values() if service.image} <= set(BASES)


@pytest.mark.parametrize("key", [key for key, base in BASES.items() if base.stand_in])
def test_every_stand_in_has_its_dockerfile_and_says_in_a_label_what_it_is(key: str) -> None:
    directory = BASES[key].stand_in
    assert directory is not None
    text = (scaffolds_directory() / "images" / directory / "Dockerfile").read_text(encoding="utf-8")
    assert "org.devkit.stand-in=" in text
    assert not text.startswith("# syntax"), "it would be fetched from a registry"


def test_versions_go_into_the_references() -> None:
    assert base_image("frankenphp", php_version="8.3").reference == "dunglas/frankenphp:1.12.6-php8.3-trixie"
    assert base_image("node", node_version="22").reference == "node:22-trixie-slim"
    assert base_image("node").reference == "node:24.21.0-trixie-slim"


@pytest.mark.parametrize(
    ("key", "versions", "possible"),
    [
        ("frankenphp", {"php_version": "8.4"}, True),
        ("frankenphp", {"php_version": "8.4.3"}, True),
        ("frankenphp", {"php_version": "8.5"}, False),
        ("node", {"node_version": "24"}, True),
        ("node", {"node_version": "24.1"}, True),
        ("node", {"node_version": "2"}, False),
        ("mysql", {}, True),
        ("mongodb", {}, False),
    ],
)
def test_a_stand_in_stands_only_for_the_version_that_it_is(key: str, versions: dict[str, str], possible: bool) -> None:
    assert base_image(key, **versions).can_be_built is possible


def test_an_unknown_key_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="unknown base image 'oracle'"):
        base_image("oracle")
