from __future__ import annotations

import pytest

from devkit.engine.builder import Builder
from devkit.project.errors import UsageError
from devkit.setup.build_request import BuildRequest, read_platforms

pytestmark = pytest.mark.unit

TAG = ("registry.example/shop:1.2",)
ENGINE = Builder("default", "docker", keeps_lists=False)
CONTAINER = Builder("mine", "docker-container", keeps_lists=True)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (BuildRequest(push=True), "--push needs a name in a registry"),
        (BuildRequest(push=True, tags=("shop",)), "shop names no registry to push to"),
        (BuildRequest(tags=("Shop!",)), "'Shop!' is no name of an image"),
        (BuildRequest(platforms=("linux",)), "'linux' is no platform"),
        (BuildRequest(platforms=("linux/amd64", "linux/arm64")), "an image of several platforms can only be pushed"),
        (BuildRequest(attest=True), "attestations can only be pushed"),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(request_: BuildRequest, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        request_.check()


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (BuildRequest(push=True, tags=TAG, platforms=("linux/amd64", "linux/arm64")), "several platforms at once"),
        (BuildRequest(push=True, tags=TAG, attest=True), "attestations"),
    ],
)
def test_what_the_engines_own_builder_cannot_do_is_one_clear_line(request_: BuildRequest, what: str) -> None:
    request_.check()
    with pytest.raises(UsageError) as error:
        request_.check_builder(ENGINE)
    assert error.value.message == f"the builder default (the engine's own, driver docker) cannot do {what}"
    assert error.value.hint.startswith("docker buildx create --use --driver docker-container")
    request_.check_builder(CONTAINER)


def test_one_platform_and_a_push_need_no_other_builder() -> None:
    request = BuildRequest(push=True, tags=TAG, platforms=("linux/arm64",))
    request.check()
    request.check_builder(ENGINE)
    assert request.is_for_others and not request.goes_straight_to_registry
    assert not BuildRequest(no_cache=True, tags=("shop:mine",)).is_for_others


def test_platforms_are_a_list_with_commas() -> None:
    assert read_platforms("linux/amd64, linux/arm64,,linux/amd64") == ("linux/amd64", "linux/arm64")
    assert read_platforms("") == ()
