"""The environments of a project: the directories below kubernetes/overlays. Completion asks too: nothing is parsed."""

from __future__ import annotations

from pathlib import Path

OVERLAYS = "kubernetes/overlays"
_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def environments(root: Path) -> list[str]:
    """The names of the overlays that a project has."""
    directory = root / OVERLAYS
    if not directory.is_dir():
        return []
    return sorted(path.name for path in directory.iterdir() if kustomization_of(path) is not None)


def kustomization_of(directory: Path) -> Path | None:
    """The file that makes a directory an overlay."""
    return next((directory / name for name in _FILES if (directory / name).is_file()), None)
