"""The environments of a project: the overlays below kubernetes/overlays, and the image that each names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from devkit.delivery.cluster.environments import OVERLAYS, environments, kustomization_of
from devkit.delivery.cluster.release_image import ReleaseImage, read_image
from devkit.project.errors import UsageError

_ZEROS = "0" * 64


@dataclass(frozen=True)
class Overlay:
    """An environment: its name, its directory, what the manifests call the application's image, and its `images` entry.

    `repository` is empty where the entry names none.
    """

    environment: str
    directory: Path
    image_name: str
    repository: str = ""
    digest: str = ""

    def image(self, given: str | None) -> ReleaseImage:
        """The image to release: the one that is given, or the overlay's own digest; UsageError where neither is one."""
        if given is not None:
            image = read_image(given, self.repository)
            if not image.repository:
                raise UsageError(
                    f"{self.environment} names no repository of {self.image_name}, so a digest alone says nothing",
                    f"--image REPOSITORY@{given}, or write newName: into its kustomization.yaml",
                )
            return image
        if not self.digest or _ZEROS in self.digest or not self.repository:
            raise UsageError(
                f"{self.environment} names no digest of {self.image_name}, so nothing says which image is meant",
                f"devkit deploy {self.environment} --image REPOSITORY@sha256:…, or write newName: and digest: into its"
                " kustomization.yaml",
            )
        return read_image(self.digest, self.repository)

    @property
    def any_image(self) -> ReleaseImage:
        """An image of the application's repository, to find out what of the overlay runs it."""
        return ReleaseImage(self.repository or self.image_name, self.digest or f"sha256:{_ZEROS}")


def read_overlay(root: Path, environment: str, image_name: str) -> Overlay:
    """An environment's overlay; `image_name` is what manifests call the application's image.

    UsageError where there is none of this name, with those that there are, or where its file is broken.
    """
    known = environments(root)
    if not known:
        raise UsageError(f"there is no environment: {OVERLAYS} holds no overlay", "devkit scaffold kubernetes")
    if environment not in known:
        raise UsageError(f"there is no environment {environment!r}", f"the environments are: {', '.join(known)}")
    directory = root / OVERLAYS / environment
    path = kustomization_of(directory)
    assert path is not None
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = path.relative_to(root)
        raise UsageError(f"{where} cannot be read: {_first_line(error)}", "correct the file, then try again") from error
    entry = _entry(document, image_name)
    repository, digest = str(entry.get("newName") or ""), str(entry.get("digest") or "")
    return Overlay(environment, directory, image_name, repository, digest)


def _entry(document: Any, image_name: str) -> Mapping[str, Any]:
    images = document.get("images") if isinstance(document, dict) else None
    entries = images if isinstance(images, list) else []
    return next((one for one in entries if isinstance(one, dict) and one.get("name") == image_name), {})


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
