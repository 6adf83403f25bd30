"""Checks of a project's stack: its Compose files, ports, images, and what runs inside the app."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from devkit.doctor.check import NO_ENGINE, NOT_RUNNING, OK, Examined, Question, Verdict
from devkit.doctor.running_checks import QUEUE_CODE
from devkit.engine.images.catalogue import BaseImage, base_image
from devkit.engine.images.inputs import is_outdated
from devkit.engine.images.present import PresentImage, present_images
from devkit.engine.port_holders import binds_low_ports, port_holder, project_ports
from devkit.engine.versions import parse_version
from devkit.laravel import watch_process
from devkit.laravel.mounts import on_slow_mount
from devkit.project.errors import CommandError
from devkit.project.paths import ProjectPaths, owner_of
from devkit.project.ports import PortState, port_state
from devkit.project.services import APP, SERVICES
from devkit.scaffold.adopt_composer import read_composer

SESSION_LEAK_FIXED = (1, 11, 2)
"""https://github.com/php/frankenphp/security/advisories/GHSA-r3xh-3r3w-47gp"""

KNOWN_BAD = {
    (1, 12, 0): "opcache.preload hangs its workers (php/frankenphp#2254)",
    (1, 12, 7): "it crashes when OPcache restarts (php/frankenphp#2638)",
}

_SECONDS = 60.0
_WATCH = "devkit up starts the host's watcher"


def compose_files(examined: Examined) -> Verdict:
    """Compose accepts compose.yaml and what it includes.

    Compose quotes a line of .env that it cannot read, value and all: its words are shown only if it says the same
    without that file.
    """
    if examined.compose is None:
        return NO_ENGINE
    try:
        examined.compose.run("config", "--quiet", timeout=_SECONDS)
    except CommandError:
        try:
            examined.compose.run("--env-file", os.devnull, "config", "--quiet", timeout=_SECONDS)
        except CommandError as error:
            if ".env" not in error.message and "required variable" not in error.message:
                return Verdict("problem", error.message, "correct the file that is named")
        why = "Compose cannot read .env: a quote that does not end, `${` in a value, or a value that is missing"
        return Verdict("problem", why, "correct .env; its checks above name the line")
    return OK


def ports(examined: Examined) -> Verdict:
    """Every port that the stack publishes is its own, or free."""
    if examined.compose is None or examined.docker is None:
        return NO_ENGINE
    services = examined.compose.config().get("services") or {}
    published = [
        str(port.get("published", ""))
        for service in services.values()
        for port in service.get("ports") or ()
        if port.get("protocol", "tcp") == "tcp"
    ]
    ours = project_ports(examined.docker, examined.compose.project)
    wanted = sorted({int(port) for port in published if port.isdigit()} - ours)
    troubles = []
    for port in wanted:
        match port_state(port):
            case PortState.TAKEN:
                holder = port_holder(examined.docker, port) or "a program that is not seen"
                troubles.append(f"{port} is taken by {holder}")
            case PortState.NOT_PERMITTED if not binds_low_ports(examined.docker):
                troubles.append(f"{port} needs privileges that neither you nor the engine have")
    if troubles:
        return Verdict("problem", "; ".join(troubles), "devkit up takes a free one, or set it under [ports]")
    return OK


def stand_ins(examined: Examined) -> Verdict:
    """Names the base images that were built here in place of the official ones."""
    if examined.docker is None or examined.settings is None:
        return NO_ENGINE
    settings = examined.settings
    keys = dict.fromkeys(
        ["frankenphp", "node", *(SERVICES[name].image for name in settings.all_services if SERVICES[name].image)]
    )
    bases = [base_image(key, settings.php.version, settings.node.version) for key in keys if key is not None]
    present = present_images(examined.docker, (base.reference for base in bases))
    return verdict_on_stand_ins([(base, present[base.reference]) for base in bases if base.reference in present])


def verdict_on_stand_ins(images: Sequence[tuple[BaseImage, PresentImage]]) -> Verdict:
    """From the base images of a stack, as far as the engine has them."""
    found = sorted(base.reference for base, image in images if image.is_stand_in)
    old = sorted(base.reference for base, image in images if is_outdated(base, image))
    if old:
        why = f"built on this machine from other files than devkit now has: {', '.join(old)}"
        return Verdict("warning", why, "build them again: devkit up")
    if found:
        why = f"built on this machine in place of the official images: {', '.join(found)}"
        return Verdict("warning", why, "where an image registry answers: devkit init --images registry")
    return OK


def file_events(examined: Examined) -> Verdict:
    """Whether edits reach the workers: by docker/watch in the container, or by the watcher on the host."""
    paths = ProjectPaths(examined.directory)
    watcher = watch_process.running(paths)
    if watcher is not None:
        return Verdict("ok", f"seen by the host's watcher (pid {watcher.pid})")
    if examined.compose is not None and examined.app:
        fix = f"{_WATCH}; its last words: {watch_process.log_of(paths).relative_to(paths.root)}"
        if examined.settings is not None and examined.settings.php.watch == "host":
            return Verdict("warning", "php.watch is host, and the host's watcher does not run", fix)
        mount = examined.mount
        if mount is not None and not mount.delivers_events:
            why = f"the project is mounted by {mount.file_system}: slow, and edits are not seen inside"
            return Verdict("warning", why, fix)
        return OK
    if on_slow_mount(examined.directory):
        why = "the project lies on a shared drive: slow, and edits are not seen inside the container"
        return Verdict("warning", why, "move it to the system's own file system, or " + _WATCH)
    return OK


def user(examined: Examined) -> Verdict:
    """The app runs as the project's owner, so that its files belong to a person."""
    if examined.compose is None or not examined.app:
        return NOT_RUNNING
    mount = examined.mount
    if mount is not None and not mount.delivers_events:
        return Verdict("skipped", "the mount maps owners itself")
    inside = int(examined.compose.exec(APP, "id", "-u", timeout=_SECONDS).stdout)
    outside = owner_of(examined.directory)[0]
    if inside == outside:
        return OK
    why = f"the app runs as user {inside}, the project belongs to {outside}"
    return Verdict("warning", why, "devkit up --build makes the image for that user")


def frankenphp_version(examined: Examined) -> Verdict:
    """FrankenPHP is none of the releases with a known defect."""
    if examined.compose is None or not examined.app:
        return NOT_RUNNING
    said = examined.compose.exec(APP, "frankenphp", "version", timeout=_SECONDS).stdout
    return verdict_on_frankenphp(said.decode("utf-8", errors="replace"))


def verdict_on_frankenphp(said: str) -> Verdict:
    """`said` is what `frankenphp version` prints: `FrankenPHP v1.12.6 PHP 8.4.11 Caddy v2.10.2 …`."""
    found = re.search(r"FrankenPHP\s+v?(\d+\.\d+\.\d+)", said)
    if found is None:
        return Verdict("skipped", "its version is not known")
    version, fix = parse_version(found[1]), "change FRANKENPHP_IMAGE in the Dockerfile, then: devkit up --build"
    if version < SESSION_LEAK_FIXED:
        return Verdict("problem", f"{found[1]} shows one user's session to another in worker mode", fix)
    bad = next((why for release, why in KNOWN_BAD.items() if release == version), None)
    return Verdict("warning", f"{found[1]}: {bad}", fix) if bad else Verdict("ok", found[1])


def extensions(examined: Examined) -> Verdict:
    """The app's PHP has every extension that composer.json and the installed packages ask for."""
    if examined.compose is None or not examined.app:
        return NOT_RUNNING
    composer = read_composer(examined.directory)
    if composer is None or not composer.extensions:
        return OK
    loaded = loaded_extensions(examined.compose.exec(APP, "php", "-m", timeout=_SECONDS).stdout)
    missing = [name for name in composer.extensions if name not in loaded]
    if missing:
        named = examined.settings.php.extensions if examined.settings is not None else ()
        fix = f"devkit config set php.extensions {','.join((*named, *missing))}, then: devkit up --build"
        return Verdict("problem", f"PHP lacks: {', '.join(missing)}", fix)
    return OK


def loaded_extensions(modules: bytes) -> frozenset[str]:
    """Names in what `php -m` prints, as install-php-extensions has them."""
    names = modules.decode("utf-8", errors="replace").lower().splitlines()
    return frozenset("opcache" if name.strip() == "zend opcache" else name.strip() for name in names)


def migrations(examined: Examined) -> Verdict:
    """No migration waits to be run."""
    if examined.compose is None or not examined.app:
        return NOT_RUNNING
    done = examined.compose.exec(
        APP, "php", "artisan", "migrate:status", "--pending", "--no-ansi", check=False, timeout=_SECONDS
    )
    return verdict_on_migrations((done.stdout + done.stderr).decode("utf-8", errors="replace"), done.returncode)


def verdict_on_migrations(said: str, status: int) -> Verdict:
    """From the output and the status of `artisan migrate:status --pending`."""
    pending = len(re.findall(r"\bPending$", said, re.MULTILINE))
    if pending:
        why = f"{pending} migration{'' if pending == 1 else 's'} not run"
        return Verdict("warning", why, "devkit artisan migrate")
    if "Migration table not found" in said:
        return Verdict("warning", "no migration was run yet", "devkit artisan migrate")
    if status:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return Verdict("problem", f"artisan failed: {lines[0] if lines else f'status {status}'}", "devkit logs app")
    return OK


COMPOSE_FILES = Question("compose_files", "Compose files", compose_files)
FILE_EVENTS = Question("events", "File events", file_events)

STACK_QUESTIONS = (
    Question("ports", "Ports", ports),
    Question("stand_ins", "Base images", stand_ins),
    FILE_EVENTS,
    Question("user", "User of the app", user),
    Question("frankenphp", "FrankenPHP's version", frankenphp_version),
    Question("extensions", "PHP extensions", extensions),
    Question("migrations", "Migrations", migrations),
    QUEUE_CODE,
)
