"""What on the engine belongs to a Compose project: by the label that Compose gives, and by devkit's image names."""

from __future__ import annotations

from collections.abc import Mapping

from devkit.engine.containers import PROJECT_LABEL


def project_label(project: str) -> str:
    """The label, with its value, of the containers, volumes and networks of a project, and of what Compose builds."""
    return f"{PROJECT_LABEL}={project}"


def image_repository(project: str) -> str:
    """The name of the images that devkit builds for a project; their tags are the stages of its Dockerfile."""
    return f"{project}-app"


def is_image_of(project: str, names: tuple[str, ...], labels: Mapping[str, str]) -> bool:
    """Whether an image was made for a project: another project may use it, but would not miss it."""
    own = image_repository(project)
    return labels.get(PROJECT_LABEL) == project or any(name.rpartition(":")[0] == own for name in names)
