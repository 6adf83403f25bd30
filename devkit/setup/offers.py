"""What can be offered here: services whose image or package can be had, from a registry or as a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from devkit.engine.images.catalogue import BASES
from devkit.project.services import SERVICES

NO_IMAGE = "no image registry answers, and devkit has no stand-in"
LOCAL = "devkit has no stand-in, and --images local was given"
NO_PACKAGE = "{} is not installed, and Packagist does not answer"


def unavailable(
    images: str,
    packages: Collection[str],
    *,
    registry_answers: Callable[[], bool],
    packagist_answers: Callable[[], bool],
) -> dict[str, str]:
    """Services that cannot be had, each with why. What is already known is not asked for over the network.

    `images` is what --images says, `packages` what the application brings.
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
    return found | without_package(SERVICES, packages, packagist_answers=packagist_answers)


def without_package(
    names: Iterable[str], packages: Collection[str], *, packagist_answers: Callable[[], bool]
) -> dict[str, str]:
    """Those of the services whose Composer package is neither there nor to be had, each with why."""
    wanted = {name: SERVICES[name].package for name in names}
    missing = {name: package for name, package in wanted.items() if package and package not in packages}
    if not missing or packagist_answers():
        return {}
    return {name: NO_PACKAGE.format(package) for name, package in missing.items()}
