"""Installing a container engine on Debian and Ubuntu: from where, and in which order."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

from devkit.engine.install import apt, docker_repository
from devkit.engine.install.commands import OnLine, capture, run_lines
from devkit.engine.install.links import link_client, link_plugins
from devkit.engine.install.machine import Distribution, Rights, distribution, rights
from devkit.engine.install.packages import NEXT_RELEASE, WANTED, choose
from devkit.engine.install.programs import find_programs
from devkit.engine.install.unpacked import read_stamp, unpack_engine
from devkit.project.errors import CommandError, EngineError, FailedError
from devkit.project.file_lock import lock
from devkit.project.paths import MachinePaths

MANUAL = "https://docs.docker.com/engine/install/"


def install_engine(paths: MachinePaths, on_line: OnLine) -> None:
    """Bring Engine, Compose and buildx onto this machine, new enough for devkit; nothing where they are.

    In this order: Docker's own apt repository where it answers, the distribution's packages where they are
    new enough, the next release's unpacked into `paths.engine`. Can be run again at any time, after kill -9
    too. Asks nothing: the caller has consent. EngineError where it cannot be done here, with the commands
    that a person can give; FailedError where it was tried and failed. The daemon is started by
    `start_daemon`.
    """
    here = distribution()
    if here is None:
        raise EngineError(
            "devkit installs Docker on Debian and Ubuntu only, and this is neither",
            f"install Docker Engine 25 or newer with Compose and buildx: {MANUAL}",
        )
    allowed = rights()
    if allowed is None:
        raise EngineError(
            f"installing Docker on {here.title} needs root, and sudo asks for a password or is missing",
            f"run: {by_hand(here)}",
        )
    with _alone(paths, on_line) as descriptor:
        _install(paths, here, allowed, on_line, descriptor)


def by_hand(here: Distribution) -> str:
    """What a person with root's password types to get the same engine."""
    member = f"sudo usermod -aG docker {_user()}"
    if here.codename in NEXT_RELEASE:
        return f"sudo -v && devkit init --install-docker (devkit then uses sudo), or follow {MANUAL}"
    choice = choose(apt.candidates(WANTED))
    if choice.too_old:
        return f"curl -fsSL https://get.docker.com | sudo sh && {member}"
    return f"sudo apt-get update && sudo apt-get install {' '.join(choice.names)} && {member}"


def _install(paths: MachinePaths, here: Distribution, allowed: Rights, on_line: OnLine, held: int) -> None:
    apt.repair(allowed, on_line)
    if not find_programs(paths.engine).suffice:
        key = docker_repository.fetch_key(here)
        if key is None:
            on_line("Docker's own apt repository does not answer here: taking the distribution's packages")
        if key is None or not docker_repository.install(here, key, allowed, on_line):
            _from_distribution(paths, here, allowed, on_line, held)
    if read_stamp(paths.engine) is not None:
        link_plugins(paths.engine, allowed, on_line)
        link_client(paths.engine, allowed, on_line)
    _may_use_socket(allowed, on_line)
    found = find_programs(paths.engine)
    if not found.suffice:
        raise FailedError(
            f"what was installed is not enough: engine {_text(found.engine)}, compose "
            f"{_text(found.compose)}, buildx {_text(found.buildx)}; an older one may stand before it",
            "remove the older docker, docker-compose or docker-buildx from the PATH and from "
            "~/.docker/cli-plugins, then run this again",
        )


def _from_distribution(paths: MachinePaths, here: Distribution, allowed: Rights, on_line: OnLine, held: int) -> None:
    apt.update(allowed, on_line, fatal=not apt.candidates(["docker.io"]))
    choice = choose(apt.candidates(WANTED))
    if not choice.too_old:
        on_line(f"installing {', '.join(choice.names)} from {here.title}")
        apt.install(allowed, choice.names, on_line)
        return
    release = NEXT_RELEASE.get(here.codename)
    mirror = apt.mirror(here.codename)
    if release is None or mirror is None:
        raise FailedError(
            f"{here.title} has no engine that is new enough: {', '.join(choice.too_old)}",
            f"install Docker Engine 25 or newer with Compose and buildx: {MANUAL}",
        )
    on_line(f"{here.title} has {', '.join(choice.too_old)}: unpacking {release}'s into {paths.engine}")
    needed = [name for name in apt.dependencies("docker.io") if not name.startswith(("docker", "containerd", "libc6"))]
    apt.install(allowed, [*dict.fromkeys((*needed, "runc", "iptables", "tini", "ca-certificates"))], on_line)
    unpack_engine(paths, mirror=mirror, release=release, on_line=on_line, pass_fds=(held,))


def _may_use_socket(allowed: Rights, on_line: OnLine) -> None:
    """Where sudo did the work, the user joins the group that the socket belongs to."""
    if allowed.is_root:
        return
    user = _user()
    if "docker" in capture(["id", "-nG", user]).split():
        return
    on_line(f"{user} joins the group docker (who is in it can become root); new logins have it")
    try:
        run_lines(allowed.command("groupadd", "-f", "docker"), on_line)
        run_lines(allowed.command("usermod", "-aG", "docker", user), on_line)
    except CommandError as error:
        on_line(f"that failed: {error.message}")


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _text(version: tuple[int, ...] | None) -> str:
    return ".".join(map(str, version)) if version else "missing"


@contextmanager
def _alone(paths: MachinePaths, on_line: OnLine) -> Iterator[int]:
    """One installation at a time. Downloads hold the lock too: a killed run's end before the next."""

    def waiting() -> None:
        on_line("another devkit is installing the engine: waiting for it")

    try:
        paths.data.mkdir(parents=True, exist_ok=True)
        file = (paths.data / "engine.lock").open("w")
    except OSError as error:
        raise FailedError(
            f"{paths.data} cannot be written: {error.strerror}",
            "set XDG_DATA_HOME to a directory that can be written, then run this again",
        ) from error
    with file:
        lock(file.fileno(), waiting)
        yield file.fileno()
