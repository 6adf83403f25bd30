"""What the first run says at its end: the object that CONTRACTS describes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine.images.provide import ProvidedImage
from devkit.setup.step import StepResult


@dataclass(frozen=True)
class FileResult:
    """One file of the project and what became of it: written, kept, merged, conflict (or planned)."""

    path: str
    status: str


@dataclass(frozen=True)
class FirstRunResult:
    """The result of a first run, or of its plan."""

    project: str
    directory: Path
    url: str
    bases: tuple[ProvidedImage, ...]
    steps: tuple[StepResult, ...]
    files: tuple[FileResult, ...]
    warnings: tuple[str, ...]

    @property
    def images(self) -> str:
        """`registry`, `local`, or `mixed`."""
        origins = {base.origin for base in self.bases}
        return "mixed" if len(origins) > 1 else next(iter(origins), "registry")

    def to_json(self) -> dict[str, Any]:
        """The object for `--json`."""
        return {
            "project": self.project,
            "directory": str(self.directory),
            "url": self.url,
            "images": self.images,
            "bases": [{"name": base.name, "origin": base.origin, "digest": base.digest} for base in self.bases],
            "steps": [{"name": step.name, "status": step.status, "seconds": step.seconds} for step in self.steps],
            "files": [{"path": file.path, "status": file.status} for file in self.files],
            "warnings": list(self.warnings),
        }
