"""What the first run says at its end: the object that CONTRACTS describes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine.images.provide import ProvidedImage
from devkit.setup.step import StepResult


@dataclass(frozen=True)
class FileResult:
    """One file of the project and what became of it: written, kept, merged, conflict (or planned).

    `backup` is the name beside it that keeps what it took the place of.
    """

    path: str
    status: str
    backup: str | None = None

    @property
    def in_words(self) -> str:
        """For a summary: `merged .env`; a person's file that makes room is said to be replaced, and where it stays."""
        if self.backup is not None:
            return f"replaced {self.path} (yours stays as {self.backup})"
        return f"{self.status:<8} {self.path}"

    def to_json(self) -> dict[str, str]:
        """The file in the object for `--json`."""
        return {"path": self.path, "status": self.status, **({"backup": self.backup} if self.backup else {})}


@dataclass(frozen=True)
class Renamed:
    """A file that would be read beside or instead of devkit's, and its new name beside it."""

    path: str
    to: str


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
    renamed: tuple[Renamed, ...] = ()

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
            "files": [file.to_json() for file in self.files],
            "renamed": [{"path": file.path, "to": file.to} for file in self.renamed],
            "warnings": list(self.warnings),
        }
