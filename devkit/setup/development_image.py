"""The development image, that every service of the application runs: built, and known to be of what it is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devkit.delivery.build_progress import as_lines
from devkit.engine.image_inspection import image_id
from devkit.engine.images.provide import ProvidedImage
from devkit.project.state import remember
from devkit.setup.building import build
from devkit.setup.project import Project

_STAMP = "build.sha256"


@dataclass(frozen=True)
class DevelopmentImage:
    """A project's image on these base images."""

    project: Project
    bases: Sequence[ProvidedImage]

    def is_built(self) -> bool:
        """Whether it is there, and made of the files and base images as they are now."""
        stamp = self.project.paths.state / _STAMP
        if not stamp.is_file() or stamp.read_text(encoding="ascii") != self._inputs():
            return False
        return image_id(self.project.docker, self.project.image) is not None

    def build(self, on_line: Callable[[str], None]) -> None:
        """Build it; CommandError where it fails."""
        build(self.project, None, as_lines(on_line))
        remember(self.project.paths, _STAMP, self._inputs())

    def _inputs(self) -> str:
        """A digest of everything that it is made of."""
        root, digest = self.project.paths.root, hashlib.sha256()
        for name in ("Dockerfile", "compose.yaml", "compose.override.yaml"):
            path = root / name
            digest.update(path.read_bytes() if path.is_file() else b"-")
        for path in sorted((root / "docker").rglob("*")):
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
        for base in self.bases:
            digest.update(f"{base.name} {base.id}".encode())
        return digest.hexdigest()
