"""What a stand-in is made of, as one digest: an image that was made of something else is out of date."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from devkit.engine.images.base import debian_inputs
from devkit.engine.images.catalogue import BaseImage
from devkit.engine.images.present import PresentImage
from devkit.project.paths import scaffolds_directory


def images_directory() -> Path:
    """The stand-ins' Dockerfiles."""
    return scaffolds_directory() / "images"


def is_outdated(base: BaseImage, image: PresentImage) -> bool:
    """Whether this stand-in was made of other files than devkit now has, and could be made again."""
    return image.is_stand_in and base.can_be_built and image.inputs != stand_in_inputs(base)


def stand_in_inputs(base: BaseImage, directory: Path | None = None) -> str:
    """The digest of what devkit brings to this stand-in's build: its files in `directory`, its version, Debian.

    What the machine brings (mirrors, proxies, packages of the day) is not in it.
    """
    assert base.stand_in is not None
    digest = hashlib.sha256(f"{debian_inputs()}\0{base.stand_in_for}\0".encode())
    for name in (base.stand_in, *base.contexts):
        digest.update(_tree((directory or images_directory()) / name).encode())
    return digest.hexdigest()


@cache
def _tree(directory: Path) -> str:
    """The digest of all files below a directory: their names, whether they are programs, and what is in them."""
    digest = hashlib.sha256()
    for path in sorted(_files(directory)):
        content = path.read_bytes()
        kind = "program" if path.stat().st_mode & stat.S_IXUSR else "file"
        digest.update(f"{path.relative_to(directory).as_posix()}\0{kind}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        # An installation of devkit compiles the Python files that it brings.
        if path.is_dir() and path.name != "__pycache__":
            yield from _files(path)
        elif path.is_file():
            yield path
