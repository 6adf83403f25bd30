"""Reading versions, and what is too old."""

from __future__ import annotations

import pytest

from devkit.engine.versions import Versions, check_versions, parse_version, plugin_version, version_problems
from devkit.project.errors import EngineError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("26.1.5+dfsg1", (26, 1, 5)),
        ("2.26.1-4", (2, 26, 1)),
        ("0.13.1+ds1", (0, 13, 1)),
        ("v2.40.3-desktop.1", (2, 40, 3)),
        ("27.0.0-rc.1", (27, 0, 0)),
        ("dev", ()),
    ],
)
def test_versions_of_distributions_are_read(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_version(text) == numbers


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n", "0.13.1+ds1"),
        ("github.com/docker/buildx v0.29.1 a32761aeb3debd39be1eca514af3693af0db334b\n", "v0.29.1"),
        ("2.26.1-4\n", "2.26.1-4"),
        ("Usage:  docker [OPTIONS] COMMAND\n", None),
    ],
)
def test_the_version_is_found_in_what_a_plugin_prints(output: str, version: str | None) -> None:
    assert plugin_version(output) == version


def test_the_oldest_accepted_versions_are_accepted() -> None:
    check_versions(Versions("25.0.0", "2.24.0", "0.13.0"))
    check_versions(Versions("25.0", "v2.24.0-1", "v0.13"))


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        (Versions("20.10.24+dfsg1", "2.26.1", "0.13.1"), ("Docker Engine 20.10.24+dfsg1", "25")),
        (Versions("26.1.5", "2.23.9", "0.13.1"), ("Docker Compose 2.23.9", "2.24")),
        (Versions("26.1.5", "2.26.1", "0.12.1"), ("buildx 0.12.1", "0.13")),
        (Versions("26.1.5", None, "0.13.1"), ("no compose plugin", "2.24")),
        (Versions("26.1.5", "2.26.1", None), ("no buildx plugin", "0.13")),
        (Versions("26.1.5", None, "0.13.1", compose_v1="1.29.2"), ("only docker-compose 1.29.2", "2.24")),
    ],
)
def test_what_is_missing_or_too_old_is_named_with_the_oldest_accepted(
    versions: Versions, words: tuple[str, ...]
) -> None:
    with pytest.raises(EngineError) as caught:
        check_versions(versions)
    assert all(word in caught.value.message for word in words)
    assert "--install-docker" in caught.value.hint


def test_all_that_is_too_old_is_named_at_once() -> None:
    assert [problem.program for problem in version_problems(Versions("24.0", "2.20", "0.11"))] == [
        "engine",
        "compose",
        "buildx",
    ]


def test_podmans_own_version_numbers_are_not_held_against_docker_engines() -> None:
    check_versions(Versions("5.4.2", "2.26.1", "0.13.1", podman=True))
    with pytest.raises(EngineError, match="Podman 3"):
        check_versions(Versions("3.4.4", "2.26.1", "0.13.1", podman=True))
