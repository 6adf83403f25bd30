"""What a person wants of a build beyond the stage, checked before anything runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devkit.engine.builder import Builder
from devkit.engine.push import check_pushable, check_tag
from devkit.project.errors import UsageError

PRODUCTION = "app"
"""The stage that is pushed where none is named."""

_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?")


@dataclass(frozen=True)
class BuildRequest:
    """`tags` are further names of the image; with `push` it goes to their registries.

    `attest` adds a list of what is in it (SBOM) and how it was built (provenance), which only registries keep.
    """

    no_cache: bool = False
    push: bool = False
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    attest: bool = False

    @property
    def is_for_others(self) -> bool:
        """Whether the image is made for elsewhere: then it is the production image, if no stage is named."""
        return self.push or self.attest or bool(self.platforms)

    @property
    def goes_straight_to_registry(self) -> bool:
        """Whether the image is more than this engine may keep: its builder pushes it, and nothing is loaded."""
        return self.attest or len(self.platforms) > 1

    def check(self) -> None:
        """UsageError for what cannot be, whatever the builder."""
        for tag in self.tags:
            (check_pushable if self.push else check_tag)(tag)
        if self.push and not self.tags:
            raise UsageError("--push needs a name in a registry", "devkit build --push --tag registry.example/shop:1.2")
        for platform in self.platforms:
            if not _PLATFORM.fullmatch(platform):
                raise UsageError(f"{platform!r} is no platform", "such as linux/amd64 or linux/arm64")
        if self.goes_straight_to_registry and not self.push:
            what = "attestations" if self.attest else "an image of several platforms"
            raise UsageError(f"{what} can only be pushed to a registry", "add --push --tag NAME")

    def check_builder(self, builder: Builder) -> None:
        """UsageError where this builder cannot do it."""
        if self.goes_straight_to_registry and not builder.keeps_lists:
            what = "attestations" if self.attest else "several platforms at once"
            raise UsageError(
                f"the builder {builder.name} (the engine's own, driver docker) cannot do {what}",
                "docker buildx create --use --driver docker-container makes one that can",
            )


def read_platforms(text: str) -> tuple[str, ...]:
    """The platforms of a list with commas."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
