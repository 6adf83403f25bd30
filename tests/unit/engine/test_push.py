from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.builder import find_builder
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.push import check_pushable, check_tag, push, pushed_reference, registry_of
from devkit.project.errors import CommandError, UsageError

pytestmark = pytest.mark.unit

DIGEST = f"sha256:{'5e' * 32}"


def docker_that(directory: Path, script: str) -> Docker:
    """A docker command that does this."""
    binary = directory / "docker"
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(0o755)
    return Docker(binary, Endpoint("tcp://192.0.2.1", "DOCKER_HOST"))


@pytest.mark.parametrize(
    ("reference", "registry"),
    [
        ("registry.example/shop:1.2", "registry.example"),
        ("localhost:5000/team/shop", "localhost:5000"),
        ("registry:5000/shop", "registry:5000"),
        ("[::1]:5000/shop", "[::1]:5000"),
        ("somebody/shop:latest", "docker.io"),
    ],
)
def test_a_name_says_which_registry_it_is_in(reference: str, registry: str) -> None:
    check_pushable(reference)
    assert registry_of(reference) == registry


@pytest.mark.parametrize("reference", ["", "Shop", "shop:", "a b", "x/-y", "--push", f"shop@{DIGEST}"])
def test_what_is_no_name_is_refused(reference: str) -> None:
    with pytest.raises(UsageError, match="is no name of an image"):
        check_tag(reference)


def test_a_name_without_a_registry_or_an_account_cannot_be_pushed() -> None:
    check_tag("shop:1.2")
    with pytest.raises(UsageError, match=r"shop:1.2 names no registry") as error:
        check_pushable("shop:1.2")
    assert error.value.hint == "such as registry.example/shop:1.2"


@pytest.mark.parametrize(
    ("reference", "pushed"),
    [("localhost:5000/shop", "localhost:5000/shop"), ("registry.example/shop:1.2", "registry.example/shop")],
)
def test_what_was_pushed_is_named_by_its_digest(reference: str, pushed: str) -> None:
    assert pushed_reference(reference, DIGEST) == f"{pushed}@{DIGEST}"


def test_a_push_gives_the_digest_that_the_registry_named(tmp_path: Path) -> None:
    lines: list[str] = []
    docker = docker_that(tmp_path, f'echo "0a: Pushed"; echo; echo "1.2: digest: {DIGEST} size: 1574"')
    assert push(docker, "registry.example/shop:1.2", tmp_path, lines.append) == DIGEST
    assert lines == ["0a: Pushed", f"1.2: digest: {DIGEST} size: 1574"]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("unauthorized: authentication required", "docker login registry.example"),
        ("denied: requested access to the resource is denied", "docker login registry.example"),
        ("connect: connection refused", "check that registry.example is up, and the name"),
    ],
)
def test_a_push_that_fails_says_why_and_what_to_do(tmp_path: Path, said: str, hint: str) -> None:
    docker = docker_that(tmp_path, f'echo "waiting"; echo "{said}" >&2; exit 1')
    with pytest.raises(CommandError) as error:
        push(docker, "registry.example/shop:1.2", tmp_path, lambda _: None)
    assert error.value.message == f"registry.example/shop:1.2 could not be pushed: {said}"
    assert error.value.hint == hint


@pytest.mark.parametrize(
    ("inspected", "info", "expected"),
    [
        ("Name: default\\nDriver: docker\\n\\nNodes:\\nName: default", "[]", ("default", "docker", False)),
        ("Name: default\\nDriver: docker", "io.containerd.snapshotter.v1", ("default", "docker", True)),
        ("Name:   mine\\nDriver:   docker-container\\nNodes:\\nName: mine0", "[]", ("mine", "docker-container", True)),
    ],
)
def test_a_builder_is_known_by_its_driver(
    tmp_path: Path, inspected: str, info: str, expected: tuple[str, str, bool]
) -> None:
    docker = docker_that(tmp_path, f'case "$1" in buildx) printf "{inspected}\\n" ;; info) echo "{info}" ;; esac')
    found = find_builder(docker)
    assert (found.name, found.driver, found.keeps_lists) == expected
