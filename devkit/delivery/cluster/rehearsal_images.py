"""The images of a rehearsal: named after their content, since a cluster without a registry knows them by tag alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.delivery.cluster.release_image import ReleaseImage
from devkit.engine.docker import Docker
from devkit.engine.image_inspection import image_id, inspect_image
from devkit.project.errors import CommandError, FailedError

_TAG = "rehearsal-"
_KEPT = 3
"""So many of the last are kept, for the way back."""


def tag_by_content(docker: Docker, built: str, repository: str) -> ReleaseImage:
    """Give an image a tag made of its id, and say how it is called then."""
    found = image_id(docker, built)
    if found is None:
        raise FailedError(f"{built} is not there although it was just built", "devkit doctor")
    image = ReleaseImage(repository, tag=f"{_TAG}{found.removeprefix('sha256:')[:12]}")
    docker.run("tag", built, image.reference)
    return image


def provide_images(docker: Docker, images: Iterable[str]) -> None:
    """See that the engine has the images of services; FailedError for one that cannot be had."""
    for image in images:
        if inspect_image(docker, image) is not None:
            continue
        try:
            docker.run("pull", "--quiet", image)
        except CommandError as error:
            raise FailedError(
                f"the image {image} is neither here nor in a registry's reach", "devkit up makes a stand-in for it"
            ) from error


def not_on_nodes(nodes: Sequence[Mapping[str, Any]], images: Iterable[str]) -> list[str]:
    """Those images that a node does not have yet, as far as nodes say what they have."""
    return [image for image in images if not all(_has(node, image) for node in nodes)]


def forget_old(docker: Docker, repository: str) -> None:
    """Take away all but the last images of rehearsals from the engine; one that is in use stays."""
    listed = docker.run("image", "ls", repository, "--format", "{{.Tag}}", check=False).stdout.decode()
    tags = [tag for tag in listed.split() if tag.startswith(_TAG)]  # the newest first
    for tag in tags[_KEPT:]:
        docker.run("image", "rm", f"{repository}:{tag}", check=False)


def _has(node: Mapping[str, Any], image: str) -> bool:
    names = {name for one in node["status"].get("images") or () for name in one.get("names") or ()}
    return bool({image, f"docker.io/{image}", f"docker.io/library/{image}"} & names)
