"""What can be offered here: services whose image or package can be had, from a registry or as a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Collection

from devkit.engine.images.catalogue import BASES
from devkit.project.services import SERVICES

NO_IMAGE = "no image registry answers, and devkit has no stand-in"
LOCAL = "devkit has no stand-in, and --images local was given"
NO_PACKAGE = "laravel/reverb is not installed, and Packagist does not answer"


def unavailable(
    images: str,
    features: Collection[str],
    *,
    registry_answers: Callable[[], bool],
    packagist_answers: Callable[[], bool],
) -> dict[str, str]:
    """Services that cannot be had, each with why. What is already known is not asked for over the network.

    `images` is what --images says, `features` what the application brings (`reverb`).
    """
    found: dict[str, str] = {}
    without_stand_in = [
        name
        for name, service in SERVICES.items()
        if service.image is not None and BASES[service.image].stand_in is None
    ]
    if images == "local":
        found.update(dict.fromkeys(without_stand_in, LOCAL))
    elif images == "auto" and not registry_answers():
        found.update(dict.fromkeys(without_stand_in, NO_IMAGE))
    if "reverb" not in features and not packagist_answers():
        found["reverb"] = NO_PACKAGE
    return found
