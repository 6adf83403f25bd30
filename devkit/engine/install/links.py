"""The unpacked engine's client and plugins where the docker command and people find them."""

from __future__ import annotations

import shutil
from pathlib import Path

from devkit.engine.connection import config_directory
from devkit.engine.install.commands import OnLine, run_lines
from devkit.engine.install.machine import Rights
from devkit.engine.install.programs import Version, plugin_version
from devkit.engine.versions import PLUGIN_DIRECTORIES

SYSTEM_PLUGINS = PLUGIN_DIRECTORIES[0]
SYSTEM_PROGRAMS = Path("/usr/local/bin")


def link_plugins(engine: Path, rights: Rights, on_line: OnLine, *, system: Path = SYSTEM_PLUGINS) -> None:
    """Link compose and buildx for the docker client, only where none as new or newer is there.

    Root's links serve every user (/usr/local/lib/docker/cli-plugins); a user's stand in
    ~/.docker/cli-plugins. A file of someone else's is never replaced: where an older one stands in root's
    directory, the user's directory, in which the client looks first, takes the link; where one stands there
    too, this says so and leaves both.
    """
    home = config_directory() / "cli-plugins"
    places = (system, home) if rights.is_root else (home,)
    for own in sorted((engine / "usr/libexec/docker/cli-plugins").glob("docker-*")):
        version = plugin_version(own)
        looked_up = [home / own.name, system / own.name]
        if version is None or any(_as_new(path, version, engine) for path in looked_up):
            continue
        for place in places:
            if _link(place / own.name, own, engine):
                on_line(f"{place / own.name} -> {own}")
                break
        else:
            on_line(f"{places[-1] / own.name} is older than devkit needs and not devkit's: left as it is")


def link_client(engine: Path, rights: Rights, on_line: OnLine) -> None:
    """A `docker` on the PATH, only where the PATH has none."""
    if shutil.which("docker") is not None:
        return
    link = SYSTEM_PROGRAMS / "docker"
    if link.exists():
        return
    on_line(f"{link} -> {engine / 'usr/bin/docker'}")
    run_lines(rights.command("ln", "-sfn", str(engine / "usr/bin/docker"), str(link)), on_line)


def _as_new(path: Path, version: Version, engine: Path) -> bool:
    """Whether a plugin is there that does: devkit's own link, or any other that is as new or newer."""
    if _ours(path, engine):
        return path.exists()
    found = plugin_version(path) if path.exists() else None
    return found is not None and found >= version


def _ours(path: Path, engine: Path) -> bool:
    return path.is_symlink() and path.readlink().is_relative_to(engine)


def _link(path: Path, target: Path, engine: Path) -> bool:
    if path.is_symlink() and (_ours(path, engine) or not path.exists()):
        path.unlink()
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return True
