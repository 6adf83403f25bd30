"""The base images that a stack needs: pulled where a registry answers, else built here as stand-ins.

After this nothing in devkit needs to know which of the two it was: the references are the same. What is a
stand-in says so in a label (`STAND_IN_LABEL`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from devkit.engine.docker import Docker, find_docker
from devkit.engine.images.base import debian_inputs, make_debian
from devkit.engine.images.build import Inputs, build_job, in_building_order
from devkit.engine.images.catalogue import DEBIAN, BaseImage, base_image
from devkit.engine.images.inputs import images_directory, is_outdated
from devkit.engine.images.jobs import run_jobs
from devkit.engine.images.present import PresentImage, present_images
from devkit.engine.images.progress import OnProgress, Progress
from devkit.engine.images.pull import pull_job
from devkit.engine.images.registry import packagist_answers, registry_in_reach
from devkit.engine.images.watcher import fetch_watcher
from devkit.engine.machine_trust import build_secrets
from devkit.project.errors import DevkitError, FailedError
from devkit.project.file_lock import locked
from devkit.project.paths import MachinePaths
from devkit.project.settings import DEFAULT_NODE, DEFAULT_PHP

Mode = Literal["auto", "registry", "local"]
Origin = Literal["registry", "local"]

AT_ONCE = 2
"""Builds side by side: one compiles while the other downloads; two compiles would only share the cores."""


@dataclass(frozen=True)
class ProvidedImage:
    """A base image that is there: `name` is its reference, `digest` the registry's (None for a stand-in).

    `id` is the engine's own name for exactly this image: another one after every pull or build that changed it.
    """

    name: str
    key: str
    origin: Origin
    digest: str | None
    id: str = ""

    @property
    def pinned(self) -> str:
        """The reference to write down: with the digest of what was pulled, else the name alone."""
        return f"{self.name}@{self.digest}" if self.digest else self.name


def provide(
    docker: Docker,
    keys: Sequence[str],
    *,
    mode: Mode = "auto",
    php_version: str = DEFAULT_PHP,
    node_version: str = DEFAULT_NODE,
    paths: MachinePaths,
    on_progress: OnProgress,
) -> list[ProvidedImage]:
    """See that the images of these keys are there, and say where each one is from, in the order of `keys`.

    Nothing is done for images that are there, nor is a registry asked for them; a stand-in that was made of
    other files than devkit now has is made again, and stays one. Two runs at once build each image once; one that
    was killed goes on where it was. FailedError where an image can be had from neither side, CommandError with
    the reason of a build or a pull that failed.
    """
    bases = _bases(keys, php_version, node_version)
    references = [base.reference for base in bases]
    found = present_images(docker, references)
    if _missing(bases, found, mode):
        with _alone(paths, on_progress):
            found = present_images(docker, references)
            work = _work(docker, _missing(bases, found, mode), found, mode)
            _check_stand_ins(work.builds)
            run_jobs([pull_job(docker, base, on_progress) for base in work.pulls], at_once=AT_ONCE)
            if work.builds:
                on_progress(Progress("images", "started", work.why))
                _build(docker, work.builds, paths, on_progress)
        found = present_images(docker, references)
    gone = [reference for reference in references if reference not in found]
    if gone:
        raise FailedError(f"{gone[0]} is not there although it was just made", "devkit doctor")
    return [_provided(base, found[base.reference]) for base in bases]


def planned_images(
    keys: Sequence[str],
    *,
    mode: Mode = "auto",
    php_version: str = DEFAULT_PHP,
    node_version: str = DEFAULT_NODE,
) -> list[ProvidedImage]:
    """What `provide` would give, with nothing done; also where there is no engine yet.

    FailedError for an image that could be had from neither side.
    """
    bases = _bases(keys, php_version, node_version)
    docker, found = None, dict[str, PresentImage]()
    try:
        docker = find_docker()
        found = present_images(docker, (base.reference for base in bases))
    except DevkitError:  # no engine yet: then there is no image either
        pass
    work = _work(docker, _missing(bases, found, mode), found, mode)
    _check_stand_ins(work.builds)

    def planned(base: BaseImage) -> ProvidedImage:
        if base in work.pulls or base in work.builds:
            return ProvidedImage(base.reference, base.key, "registry" if base in work.pulls else "local", None)
        return _provided(base, found[base.reference])

    return [planned(base) for base in bases]


def _bases(keys: Sequence[str], php_version: str, node_version: str) -> list[BaseImage]:
    return [base_image(key, php_version, node_version) for key in dict.fromkeys(keys)]


def _missing(bases: Sequence[BaseImage], found: Mapping[str, PresentImage], mode: Mode) -> list[BaseImage]:
    """Those that are not there, or not as the mode wants them, or that are out of date."""

    def suits(base: BaseImage) -> bool:
        image = found.get(base.reference)
        if image is None:
            return False
        if mode == "registry":
            return not image.is_stand_in
        kind = mode == "auto" or image.is_stand_in or not base.can_be_built
        return kind and not is_outdated(base, image)

    return [base for base in bases if not suits(base)]


@dataclass(frozen=True)
class _Work:
    """What has to be pulled and what built; `why` says the second."""

    pulls: Sequence[BaseImage]
    builds: Sequence[BaseImage]
    why: str = ""


def _work(docker: Docker | None, missing: Sequence[BaseImage], found: Mapping[str, PresentImage], mode: Mode) -> _Work:
    if mode == "registry":
        return _Work(missing, ())
    if mode == "local":
        return _Work((), missing, f"building {_stand_ins(missing)} on this machine")
    # What is there and does not suit is a stand-in that is out of date.
    new = [base for base in missing if base.reference not in found]
    old = [base for base in missing if base.reference in found]
    again = f"devkit has changed since: building {_stand_ins(old)} again"
    if not new or registry_in_reach(docker):
        return _Work(new, old, again)
    return _Work((), missing, f"no registry: building {_stand_ins(missing)} on this machine")


def _stand_ins(bases: Sequence[BaseImage]) -> str:
    return "1 stand-in" if len(bases) == 1 else f"{len(bases)} stand-ins"


def _provided(base: BaseImage, image: PresentImage) -> ProvidedImage:
    origin: Origin = "local" if image.is_stand_in else "registry"
    return ProvidedImage(base.reference, base.key, origin, image.digest, image.id)


def _check_stand_ins(bases: Sequence[BaseImage]) -> None:
    for base in bases:
        if base.stand_in is None:
            raise FailedError(
                f"{base.reference} needs an image registry, and there is no stand-in for it",
                f"leave {base.key} out, or make a registry reachable and run this again",
            )
        if not base.can_be_built:
            raise FailedError(
                f"{base.reference} needs an image registry: the stand-in is version {base.stand_in_for}",
                f"choose {base.stand_in_for}, or make a registry reachable and run this again",
            )


def _build(docker: Docker, bases: Sequence[BaseImage], paths: MachinePaths, on_progress: OnProgress) -> None:
    debian = present_images(docker, [DEBIAN]).get(DEBIAN)
    if debian is None or debian.inputs != debian_inputs():
        _make_base(docker, on_progress)
    watcher, composer_repository = None, "local"
    if any(base.key == "frankenphp" for base in bases):
        watcher = fetch_watcher(
            docker,
            images_directory() / "frankenphp" / "watcher.txt",
            paths.cache / "watcher",
            lambda line: on_progress(Progress("wtr-watcher", "step", line)),
        )
        composer_repository = "packagist" if packagist_answers() else "local"
    with build_secrets() as secrets:
        inputs = Inputs(secrets, composer_repository, watcher)
        jobs = [build_job(docker, base, inputs, on_progress) for base in in_building_order(bases)]
        run_jobs(jobs, at_once=AT_ONCE)


def _make_base(docker: Docker, on_progress: OnProgress) -> None:
    started = time.monotonic()
    on_progress(Progress(DEBIAN, "started", "bootstrapping Debian"))
    make_debian(docker, lambda line: on_progress(Progress(DEBIAN, "step", line)))
    on_progress(Progress(DEBIAN, "done", "made", time.monotonic() - started))


@contextmanager
def _alone(paths: MachinePaths, on_progress: OnProgress) -> Iterator[None]:
    """One run at a time makes images."""

    def waiting() -> None:
        on_progress(Progress("images", "waiting", "another run makes base images: waiting for it"))

    paths.state.mkdir(parents=True, exist_ok=True)
    with locked(paths.state / "images.lock", waiting):
        yield
