"""Which base images the engine has: one question for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import STAND_IN_LABEL


@dataclass(frozen=True)
class PresentImage:
    """An image that the engine has: `digest` is the registry's (sha256:…), None for what was built here."""

    reference: str
    is_stand_in: bool
    digest: str | None


def present_images(docker: Docker, references: Iterable[str]) -> dict[str, PresentImage]:
    """Those of the references that the engine has. EngineError or CommandError where it cannot be asked."""
    wanted = list(dict.fromkeys(references))
    if not wanted:
        return {}
    # Status 1 says that some are missing; what there is is printed all the same.
    done = docker.run("image", "inspect", *wanted, check=False)
    try:
        found = json.loads(done.stdout or b"[]")
    except ValueError:
        found = []
    if not found and b"No such image" not in done.stderr:
        docker.ping()
    images: dict[str, PresentImage] = {}
    for description in found:
        for reference in wanted:
            if reference in (description.get("RepoTags") or []):
                images[reference] = _present(reference, description)
    return images


def _present(reference: str, description: Mapping[str, Any]) -> PresentImage:
    labels = (description.get("Config") or {}).get("Labels") or {}
    repository = reference.rpartition(":")[0]
    digests = dict(digest.rpartition("@")[::2] for digest in description.get("RepoDigests") or [])
    is_stand_in = STAND_IN_LABEL in labels
    # The containerd store gives built images a digest too: it is none that a registry knows.
    return PresentImage(reference, is_stand_in, None if is_stand_in else digests.get(repository))
