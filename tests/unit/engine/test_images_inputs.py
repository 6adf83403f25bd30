import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.engine.images import base as debian
from devkit.engine.images.catalogue import BASES, base_image
from devkit.engine.images.inputs import images_directory, stand_in_inputs

pytestmark = pytest.mark.unit


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The stand-ins' files in another place, as another installation of devkit has them."""
    shutil.copytree(images_directory(), tmp_path / "images")
    return tmp_path / "images"


def compiled(directory: Path) -> None:
    (directory / "mailpit/mailpit/__pycache__").mkdir(exist_ok=True)
    (directory / "mailpit/mailpit/__pycache__/message.cpython-311.pyc").write_bytes(b"x")


def test_the_same_files_in_another_place_are_the_same_inputs(copy: Path) -> None:
    compiled(copy)
    for key in (key for key, base in BASES.items() if base.stand_in):
        assert stand_in_inputs(base_image(key)) == stand_in_inputs(base_image(key), copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda images: (images / "redis/Dockerfile").write_text("FROM scratch"),
        lambda images: (images / "redis/Dockerfile").rename(images / "redis/Containerfile"),
        lambda images: (images / "redis/docker-entrypoint.sh").chmod(0o755),
        lambda images: (images / "redis/new").touch(),
        lambda images: (images / "common/key-value.sh").write_text("exit 1"),
    ],
    ids=["another text", "another name", "another mode", "one more", "in a context that it takes"],
)
def test_a_change_to_the_files_of_a_stand_in_is_another_input(copy: Path, change: Callable[[Path], object]) -> None:
    change(copy)
    assert stand_in_inputs(base_image("redis")) != stand_in_inputs(base_image("redis"), copy)
    assert stand_in_inputs(base_image("mailpit")) == stand_in_inputs(base_image("mailpit"), copy)


def test_a_change_to_the_recipe_of_its_debian_is_another_input(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stand_in_inputs(base_image("redis"))
    monkeypatch.setattr(debian, "SUITE", "duke")
    assert stand_in_inputs(base_image("redis")) != before


def test_every_directory_of_the_images_is_a_stand_in_or_taken_by_one() -> None:
    taken = {name for base in BASES.values() if base.stand_in for name in (base.stand_in, *base.contexts)}
    assert {path.name for path in images_directory().iterdir() if path.is_dir()} == taken
