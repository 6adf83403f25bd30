"""The Debian image that stand-ins are built from: bootstrapped from the machine's own mirror, made slim, imported."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devkit.engine.children import close_pipes, end_children
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN, INPUTS_LABEL
from devkit.engine.install import apt
from devkit.engine.install.commands import run_lines
from devkit.engine.install.machine import Rights, rights
from devkit.engine.machine_trust import KEYRING, SUITE, apt_config, debian_mirror
from devkit.project.errors import CommandError, FailedError
from devkit.project.files import write_atomically

# Not below a noexec or nodev /tmp: the packages' own programs are run in it.
BUILD_DIRECTORY = Path("/var/tmp")
_PREFIX = "devkit-debian-"
_STOP_SECONDS = 5.0
_SCRIPTS = Path("/usr/share/debootstrap/scripts")

_APT = """\
# As in Docker's Debian images: nothing downloaded stays, and only what is named is installed.
APT::Keep-Downloaded-Packages "false";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "cd /var/cache/apt && rm -f archives/*.deb archives/partial/*.deb *.bin || true"; };
"""
_DPKG = """\
# No fsync after each file: a build that is cut off is thrown away anyway.
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
"""
# Services are started by the container's command, never by a package's installation.
_POLICY = "#!/bin/sh\nexit 101\n"

_SLIM = """\
set -e
rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/man/*
rm -rf "$1"/var/log/*.log "$1"/var/log/apt "$1"/debootstrap
find "$1"/usr/share/locale -mindepth 1 -maxdepth 1 ! -name locale.alias -exec rm -rf {} +
find "$1"/usr/share/doc -type f ! -name copyright -delete
find "$1"/usr/share/doc -mindepth 1 -type d -empty -delete
rm -f "$1"/etc/apt/sources.list "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id
install -D -m 0644 "$2"/apt "$1"/etc/apt/apt.conf.d/docker-clean
install -D -m 0644 "$2"/dpkg "$1"/etc/dpkg/dpkg.cfg.d/docker-slim
install -D -m 0755 "$2"/policy "$1"/usr/sbin/policy-rc.d
mkdir -p "$1"/etc/apt/sources.list.d
: > "$1"/etc/apt/sources.list.d/debian.sources
: > "$1"/etc/machine-id
"""

_CHANGES = ('CMD ["bash"]', "ENV DEBIAN_FRONTEND=noninteractive")


def debian_inputs() -> str:
    """A digest of this recipe: an image that was made by another one is out of date."""
    return hashlib.sha256("\0".join((SUITE, _APT, _DPKG, _POLICY, _SLIM, *_CHANGES)).encode()).hexdigest()


def make_debian(docker: Docker, on_line: Callable[[str], None]) -> None:
    """Bootstrap Debian and import it as `DEBIAN`; about 30 s on two cores.

    It needs root (sudo without a question will do) for debootstrap, or mmdebstrap, which does without.
    FailedError where neither is to be had or this is no Debian; CommandError with debootstrap's last lines.
    """
    mirror = debian_mirror()
    allowed = rights()
    if allowed is None and shutil.which("mmdebstrap") is None:
        raise FailedError(
            "the Debian base image cannot be made: debootstrap needs root, and sudo asks for a password",
            "run `sudo -v` first, or install mmdebstrap (sudo apt-get install mmdebstrap), then run this again",
        )
    if not Path(KEYRING).is_file():
        raise FailedError(
            f"the keys of Debian's archive are missing: {KEYRING}",
            "install them: sudo apt-get install debian-archive-keyring",
        )
    if allowed is None:
        _import_from_mmdebstrap(docker, mirror, on_line)
    else:
        _import_from_debootstrap(docker, mirror, allowed, on_line)


def _import_from_debootstrap(docker: Docker, mirror: str, allowed: Rights, on_line: Callable[[str], None]) -> None:
    program = _debootstrap(allowed, on_line)
    script = _SCRIPTS / SUITE
    if not script.exists():  # older than the suite: sid's script is the one that new suites link to
        script = _SCRIPTS / "sid"

    def remove(left: Path) -> None:
        run_lines(allowed.command("rm", "-rf", "--one-file-system", str(left)), on_line)

    with bootstrap_directory(remove) as directory:
        root = directory / "root"
        run_lines(
            allowed.command(
                *with_proxies(directory),
                program,
                "--variant=minbase",
                f"--keyring={KEYRING}",
                SUITE,
                str(root),
                mirror,
                str(script),
            ),
            on_line,
            hint="see what debootstrap says above; run this again when the mirror is in reach",
        )
        settings = _settings(directory)
        run_lines(allowed.command("sh", "-c", _SLIM, "sh", str(root), str(settings)), on_line)
        import_archive(docker, allowed.command("tar", "--numeric-owner", "-C", str(root), "-c", "."), DEBIAN)


def _import_from_mmdebstrap(docker: Docker, mirror: str, on_line: Callable[[str], None]) -> None:
    """Without root, in a user namespace: the archive is written by mmdebstrap itself."""
    with bootstrap_directory(lambda left: shutil.rmtree(left, ignore_errors=True)) as directory:
        settings, archive = _settings(directory), directory / "root.tar"
        (directory / "slim").write_text(_SLIM, encoding="utf-8")
        (directory / "machine").write_text(apt_config(), encoding="utf-8")
        run_lines(
            [
                "mmdebstrap",
                "--mode=unshare",
                "--variant=minbase",
                f"--keyring={KEYRING}",
                f"--aptopt={directory / 'machine'}",
                f'--customize-hook=sh {directory / "slim"} "$1" {settings}',
                '--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap',
                SUITE,
                str(archive),
                mirror,
            ],
            on_line,
            hint="see what mmdebstrap says above; user namespaces must be allowed (man 1 mmdebstrap)",
        )
        import_archive(docker, ["cat", str(archive)], DEBIAN)


@contextmanager
def bootstrap_directory(remove: Callable[[Path], None], parent: Path = BUILD_DIRECTORY) -> Iterator[Path]:
    """A directory for one bootstrap, which goes with it; those of runs that were killed are removed first.

    A run holds a lock on its own: the system takes it away from one that dies.
    """
    for left in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError, CommandError), _locked(left):
            remove(left)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    with _locked(directory):
        try:
            yield directory
        finally:
            remove(directory)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold a lock on a directory; OSError where another run holds it, or where it is another user's."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _debootstrap(allowed: Rights, on_line: Callable[[str], None]) -> str:
    """debootstrap's path; it is installed where it is missing."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = shutil.which("debootstrap", path=path)
    if found is None:
        apt.update(allowed, on_line, fatal=False)
        apt.install(allowed, ["debootstrap"], on_line)
        found = shutil.which("debootstrap", path=path)
    if found is None:
        raise FailedError("debootstrap is not installed", "install it: sudo apt-get install debootstrap")
    return found


def with_proxies(directory: Path) -> list[str]:
    """What a command begins with that downloads by wget (debootstrap does), which knows proxies by environment only.

    They are read from a file: sudo drops the environment, and everybody may read arguments, logins and all.
    """
    names = ("http_proxy", "https_proxy")
    proxies = {name: os.environ[name] for name in names if os.environ.get(name)}
    for line in apt_config().splitlines():
        name, _, value = line.partition(" ")
        if name == "Acquire::http::Proxy" and value.strip('";') not in ("", "DIRECT"):
            proxies = {"http_proxy": value.strip('";')}
    path = directory / "proxies"
    write_atomically(path, "".join(f"export {name}={shlex.quote(proxies[name])}\n" for name in proxies), mode=0o600)
    return ["sh", "-c", '. "$0" && exec "$@"', str(path)]


def _settings(directory: Path) -> Path:
    """The files that make a Debian an image's Debian, in a directory."""
    settings = directory / "settings"
    settings.mkdir()
    for name, text in (("apt", _APT), ("dpkg", _DPKG), ("policy", _POLICY)):
        (settings / name).write_text(text, encoding="utf-8")
    return settings


def import_archive(docker: Docker, archiver: list[str], reference: str) -> None:
    """Pipe an archive into `docker import`; both programs end with this function.

    The image gets its name last: cut off between two files an archive is a good one to the engine.
    """
    changes = (*_CHANGES, f'LABEL {INPUTS_LABEL}="{debian_inputs()}"')
    options = [word for change in changes for word in ("--change", change)]
    archive = subprocess.Popen(archiver, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        done = subprocess.run(
            [str(docker.binary), "import", *options, "-"],
            stdin=archive.stdout,
            capture_output=True,
            env=docker.environment(),
            check=False,
        )
        if done.returncode == 0:
            archive.wait()
    finally:
        close_pipes(archive)  # sudo cannot be signalled: what it runs ends because nobody reads any more
        end_children([archive], _STOP_SECONDS)
    if done.returncode != 0:
        complaint = done.stderr.decode(errors="replace").strip()
        raise CommandError(
            f"the Debian base image could not be imported: {complaint.splitlines()[-1] if complaint else ''}",
            "see that the engine has space left: docker system df",
            returncode=done.returncode,
            detail=complaint,
        )
    image = done.stdout.decode().strip()
    if archive.returncode != 0:
        docker.run("image", "rm", image, check=False)
        raise CommandError(
            f"the Debian base image could not be packed: {archiver[0]} ended with status {archive.returncode}",
            "see what it says above, then run this again",
            returncode=archive.returncode,
        )
    docker.run("image", "tag", image, reference)
