"""Which base images the engine has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.engine.docker import Docker
from devkit.engine.image_inspection import inspect_image
from devkit.engine.images.catalogue import INPUTS_LABEL, STAND_IN_LABEL


@dataclass(frozen=True)
class PresentImage:
    """An image that the engine has: `digest` is the registry's (sha256:…), None for what was built here.

    `id` is the engine's own name for exactly this image; `inputs` is what a stand-in says that it was made of.
    """

    reference: str
    is_stand_in: bool
    digest: str | None
    id: str = ""
    inputs: str | None = None


def present_images(docker: Docker, references: Iterable[str]) -> dict[str, PresentImage]:
    """Those of the references that the engine has. EngineError or FailedError where it cannot be asked."""
    found = {reference: inspect_image(docker, reference) for reference in dict.fromkeys(references)}
    return {reference: _present(reference, found_one) for reference, found_one in found.items() if found_one}


def _present(reference: str, description: Mapping[str, Any]) -> PresentImage:
    labels = (description.get("Config") or {}).get("Labels") or {}
    repository = reference.rpartition(":")[0]
    digests = dict(digest.rpartition("@")[::2] for digest in description.get("RepoDigests") or [])
    is_stand_in = STAND_IN_LABEL in labels
    # The containerd store gives built images a digest too: it is none that a registry knows.
    digest = None if is_stand_in else digests.get(repository)
    return PresentImage(reference, is_stand_in, digest, description.get("Id", ""), labels.get(INPUTS_LABEL))
