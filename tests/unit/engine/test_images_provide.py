import pytest

from devkit.engine.images import provide
from devkit.engine.images.catalogue import base_image
from devkit.engine.images.inputs import stand_in_inputs
from devkit.engine.images.present import PresentImage, present_images
from devkit.engine.images.provide import ProvidedImage, _missing, _work, planned_images
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")


def found(*keys: str, stand_in: bool, inputs: str | None = None) -> dict[str, PresentImage]:
    """These images; stand-ins are up to date unless `inputs` says that they were made of something else."""
    images = {}
    for base in map(base_image, keys):
        made_of = inputs or (stand_in_inputs(base) if stand_in else None)
        images[base.reference] = PresentImage(base.reference, stand_in, None, "", made_of)
    return images


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


@pytest.mark.parametrize("mode", ["auto", "local"])
def test_a_stand_in_that_was_made_of_other_files_is_to_be_made_again(mode: str) -> None:
    bases = [base_image("redis"), base_image("mailpit")]
    present = found("redis", stand_in=True) | found("mailpit", stand_in=True, inputs="of last year")
    assert _missing(bases, present, mode) == bases[1:]  # type: ignore[arg-type]
    before_labels = {bases[0].reference: PresentImage(bases[0].reference, True, None)}
    assert _missing(bases[:1], before_labels, mode) == bases[:1]  # type: ignore[arg-type]


def test_an_old_stand_in_stays_one_where_a_registry_answers_and_only_new_images_are_pulled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = base_image("mailpit"), base_image("redis")
    present = found("mailpit", stand_in=True, inputs="of last year")
    monkeypatch.setattr(provide, "registry_in_reach", lambda _docker: True)
    work = _work(None, [old, new], present, "auto")
    assert (work.pulls, work.builds) == ([new], [old])
    monkeypatch.setattr(provide, "registry_in_reach", lambda _docker: False)
    work = _work(None, [old, new], present, "auto")
    assert (work.pulls, work.builds) == ((), [old, new])
    assert work.why == "no registry: building 2 stand-ins on this machine"


def test_no_registry_is_asked_for_stand_ins_that_are_only_old(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_docker: object) -> bool:
        raise AssertionError("the registry was asked")

    monkeypatch.setattr(provide, "registry_in_reach", asked)
    work = _work(None, [base_image("mailpit")], found("mailpit", stand_in=True, inputs="old"), "auto")
    assert work.why == "devkit has changed since: building 1 stand-in again"


def test_an_old_stand_in_that_cannot_be_made_in_the_version_asked_for_stays() -> None:
    base = base_image("node", node_version="22")
    present = {base.reference: PresentImage(base.reference, True, None, "", "old")}
    assert _missing([base], present, "auto") == []


def test_an_official_image_stays_where_no_stand_in_could_take_its_place() -> None:
    assert _missing([base_image("mongodb")], found("mongodb", stand_in=False), "local") == []


def test_a_pulled_image_is_pinned_to_its_digest_and_a_stand_in_is_not() -> None:
    digest = "sha256:" + "a" * 64
    assert ProvidedImage("redis:8.0.6", "redis", "registry", digest).pinned == f"redis:8.0.6@{digest}"
    assert ProvidedImage("redis:8.0.6", "redis", "local", None).pinned == "redis:8.0.6"


def test_nothing_asked_for_asks_no_engine() -> None:
    assert present_images(None, []) == {}  # type: ignore[arg-type]
