"""An overlay rendered with the image of the release, by `kubectl kustomize`; nothing is written into the project."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.objects import Object, Release, release_of
from devkit.delivery.cluster.overlays import Overlay
from devkit.delivery.cluster.release_image import ReleaseImage
from devkit.project.errors import UsageError


def render(kubectl: Kubectl, overlay: Overlay, image: ReleaseImage, default_namespace: str) -> Release:
    """The release that an overlay and an image make; UsageError with kustomize's words where it cannot be rendered."""
    with tempfile.TemporaryDirectory(prefix="devkit-deploy-") as name:
        directory = Path(name).resolve()
        text = yaml.safe_dump(_kustomization(directory, overlay, image), sort_keys=False)
        (directory / "kustomization.yaml").write_text(text, encoding="utf-8")
        done = kubectl.attempt("kustomize", str(directory))
    if done.returncode != 0:
        reason = " ".join(done.said.split()).removeprefix("error: ").replace(str(directory), "the release")
        raise UsageError(
            f"the overlay {overlay.environment} cannot be rendered: {reason}",
            f"kubectl kustomize {overlay.directory.relative_to(overlay.directory.parents[2])} says the same",
        )
    return release_of(overlay.environment, image, parse_objects(done.out), default_namespace)


def parse_objects(text: str) -> list[Object]:
    """The objects of a rendered text; what a List holds stands for itself."""
    found: list[Object] = []
    for document in yaml.safe_load_all(text):
        if isinstance(document, dict):
            found += document["items"] if document.get("kind") == "List" else [document]
    return found


def _kustomization(directory: Path, overlay: Overlay, image: ReleaseImage) -> dict[str, Any]:
    """The overlay with the image in the place of its own. kustomize takes no absolute path.

    Whatever the overlay made of the name is what the image has to be called by now.
    """
    chosen = {"digest": image.digest} if image.digest else {"newTag": image.tag}
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(overlay.directory.resolve(), directory)],
        "images": [
            {"name": name, "newName": image.repository, **chosen}
            for name in dict.fromkeys([overlay.repository or overlay.image_name, overlay.image_name])
        ],
    }
