import pytest

from devkit.engine.images.catalogue import base_image
from devkit.engine.images.present import PresentImage, present_images
from devkit.engine.images.provide import ProvidedImage, _missing, planned_images
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")


def found(*keys: str, stand_in: bool) -> dict[str, PresentImage]:
    references = [base_image(key).reference for key in keys]
    return {reference: PresentImage(reference, stand_in, None) for reference in references}


def test_a_plan_needs_no_engine(no_engine: None) -> None:
    plan = planned_images(["frankenphp", "redis"], mode="local")
    assert [(image.key, image.origin, image.digest) for image in plan] == [
        ("frankenphp", "local", None),
        ("redis", "local", None),
    ]


def test_a_version_that_the_stand_in_is_not_is_refused_before_anything_is_built(no_engine: None) -> None:
    with pytest.raises(FailedError, match=r"the stand-in is version 8\.4"):
        planned_images(["frankenphp"], mode="local", php_version="8.3")


def test_an_image_without_a_stand_in_is_refused_with_what_to_do(no_engine: None) -> None:
    with pytest.raises(FailedError, match="there is no stand-in for it") as error:
        planned_images(["mongodb"], mode="local")
    assert "leave mongodb out" in error.value.hint


@pytest.mark.parametrize(
    ("mode", "stand_in", "missing"),
    [
        ("auto", True, False),
        ("auto", False, False),
        ("registry", True, True),
        ("registry", False, False),
        ("local", True, False),
        ("local", False, True),
    ],
)
def test_an_image_that_is_there_suits_unless_the_other_kind_was_asked_for(
    mode: str, stand_in: bool, missing: bool
) -> None:
    bases = [base_image("redis")]
    assert bool(_missing(bases, found("redis", stand_in=stand_in), mode)) is missing  # type: ignore[arg-type]


def test_an_official_image_stays_where_no_stand_in_could_take_its_place() -> None:
    assert _missing([base_image("mongodb")], found("mongodb", stand_in=False), "local") == []


def test_a_pulled_image_is_pinned_to_its_digest_and_a_stand_in_is_not() -> None:
    digest = "sha256:" + "a" * 64
    assert ProvidedImage("redis:8.0.6", "redis", "registry", digest).pinned == f"redis:8.0.6@{digest}"
    assert ProvidedImage("redis:8.0.6", "redis", "local", None).pinned == "redis:8.0.6"


def test_nothing_asked_for_asks_no_engine() -> None:
    assert present_images(None, []) == {}  # type: ignore[arg-type]
