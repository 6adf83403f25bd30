"""Official images from a real registry: as a mirror of Docker Hub, and as Docker Hub itself with a login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from registry_world import HUB, PASSWORD, PLAIN, USER, World, world

from devkit.engine.images.catalogue import INPUTS_LABEL, STAND_IN_LABEL, base_image
from devkit.engine.images.inputs import stand_in_inputs
from devkit.engine.push import push
from devkit.project.errors import CommandError
from devkit.project.settings import Settings
from devkit.scaffold.context import Machine
from devkit.scaffold.override import machine_override

pytestmark = pytest.mark.engine

REDIS = base_image("redis").reference
FRANKENPHP = base_image("frankenphp").reference
VALKEY = base_image("valkey").reference


@pytest.fixture(scope="module")
def mirrored_world() -> Iterator[World]:
    """Docker Hub is out of reach, and the engine has a mirror of it."""
    with world(daemon=[f"--registry-mirror=http://{PLAIN}"]) as made:
        yield made


@pytest.fixture
def mirrored(mirrored_world: World) -> Iterator[World]:
    """The same with an engine that has no image yet."""
    yield mirrored_world
    mirrored_world.forget()


def test_images_are_pulled_from_a_mirror_and_written_down_with_the_registrys_digest(mirrored: World) -> None:
    digests = {reference: mirrored.publish(reference) for reference in (REDIS, FRANKENPHP)}
    said = mirrored.provide("auto", "redis", "frankenphp")
    assert {image["name"]: image["digest"] for image in said["images"]} == digests
    assert [image["origin"] for image in said["images"]] == ["registry", "registry"]
    assert [image["pinned"] for image in said["images"]] == [f"{name}@{digest}" for name, digest in digests.items()]
    lines = [line for line in said["lines"] if line.startswith(REDIS)]
    assert lines[0] == f"{REDIS}: pulling"
    assert f"{REDIS}: 2 of 2 layers" in lines
    assert lines[-1].startswith(f"{REDIS}: pulled in ")
    again = mirrored.provide("auto", "redis", "frankenphp")
    assert again == {**said, "lines": []}


def test_what_was_written_down_is_what_builds_and_compose_take(mirrored: World, tmp_path: Path) -> None:
    digests = {reference: mirrored.publish(reference) for reference in (REDIS, FRANKENPHP)}
    bases = {image["key"]: image["pinned"] for image in mirrored.provide("registry", "redis", "frankenphp")["images"]}
    settings = Settings("shop", services=("redis",))
    (tmp_path / "compose.override.yaml").write_text(machine_override(settings, Machine(0, 0, {}, bases)))
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  app: {{build: ., network_mode: none}}\n  redis: {{image: '{REDIS}', network_mode: none}}\n"
    )
    dockerfile = "ARG FRANKENPHP_IMAGE=none.invalid/none\nFROM ${FRANKENPHP_IMAGE}\nLABEL of=shop\n"
    (tmp_path / "Dockerfile").write_text(dockerfile)
    # By hand, and then by Compose, which reads it all from the override.
    mirrored.build("shop-app:by-hand", dockerfile, "--build-arg", f"FRANKENPHP_IMAGE={bases['frankenphp']}")
    compose = ("compose", "--project-name", "shop", "--project-directory", str(tmp_path))
    mirrored.docker(*compose, "create", "--build")
    try:
        used = mirrored.docker(*compose, "ps", "--all", "--format", "{{.Service}} {{.Image}}").splitlines()
        assert f"redis {REDIS}@{digests[REDIS]}" in used
        layers = [mirrored.docker("image", "inspect", "--format", "{{.RootFS.Layers}}", name) for name in
                  ("shop-app:by-hand", "shop-app", FRANKENPHP)]  # fmt: skip
        assert len(set(layers)) == 1
    finally:
        mirrored.docker(*compose, "down")


def test_a_stand_in_stays_until_a_registry_is_asked_for(mirrored: World) -> None:
    digest = mirrored.publish(REDIS)
    labels = {STAND_IN_LABEL: "redis", INPUTS_LABEL: stand_in_inputs(base_image("redis"))}
    mirrored.build(REDIS, "FROM scratch\nCMD x\n", *(f"--label={name}={value}" for name, value in labels.items()))
    assert [image["origin"] for image in mirrored.provide("auto", "redis")["images"]] == ["local"]
    pulled = mirrored.provide("registry", "redis")["images"][0]
    assert (pulled["origin"], pulled["digest"]) == ("registry", digest)
    assert [image["origin"] for image in mirrored.provide("auto", "redis")["images"]] == ["registry"]


@pytest.mark.parametrize("mode", ["auto", "registry"])
def test_an_image_that_the_mirror_lacks_is_told_with_the_mirror(mirrored: World, mode: str) -> None:
    said = mirrored.provide(mode, "valkey")
    assert said["message"].startswith(f"{VALKEY} could not be pulled from http://{PLAIN} or Docker Hub: ")
    assert HUB in said["message"]
    assert said["hint"].endswith("or have a stand-in built: --images local")


def test_an_image_without_a_stand_in_that_cannot_be_pulled_is_not_said_to_have_one(mirrored: World) -> None:
    said = mirrored.provide("auto", "mongodb")
    assert "local" not in said["hint"]


def test_a_registry_that_wants_a_login_says_so_and_gives_its_images_after_it() -> None:
    with world(hub=True) as made:
        digest = made.publish(REDIS)
        said = made.provide("auto", "redis")
        assert said["message"].startswith(f"{REDIS} could not be pulled: ")
        assert said["hint"] == "log in first: docker login"
        made.docker("login", "--username", USER, "--password-stdin", input=PASSWORD.encode())
        pulled = made.provide("auto", "redis")["images"][0]
        assert (pulled["origin"], pulled["digest"]) == ("registry", digest)
        lacking = made.provide("auto", "valkey")
        assert "manifest unknown" in lacking["message"]
        assert lacking["hint"].startswith("see that the registry has this version")


def test_an_image_that_is_pushed_has_the_digest_by_which_it_can_be_pulled(mirrored: World, tmp_path: Path) -> None:
    name = f"{PLAIN}/team/shop"
    mirrored.build(f"{name}:1.2", "FROM scratch\nCOPY <<EOF /name\nshop\nEOF\nCMD x\n")
    lines: list[str] = []
    digest = push(mirrored.engine, f"{name}:1.2", tmp_path, lines.append)
    assert lines[-1].startswith(f"1.2: digest: {digest}")
    mirrored.forget()
    mirrored.docker("pull", f"{name}@{digest}")
    assert digest in mirrored.docker("image", "inspect", "--format", "{{.RepoDigests}}", f"{name}@{digest}")


def test_a_registry_that_is_not_there_is_told_as_one(mirrored: World, tmp_path: Path) -> None:
    mirrored.build("127.0.0.1:5999/shop:1", "FROM scratch\nCMD x\n")
    with pytest.raises(CommandError, match="connection refused") as error:
        push(mirrored.engine, "127.0.0.1:5999/shop:1", tmp_path, lambda _: None)
    assert error.value.hint == "check that 127.0.0.1:5999 is up, and the name"
