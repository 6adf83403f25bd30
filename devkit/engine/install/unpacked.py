"""A newer engine than the release has: the next release's packages, unpacked into devkit's own directory.

The system's apt is not told of the other release, and none of its packages is replaced: lists, cache and
sources are devkit's own. Only runc, iptables and docker.io's other dependencies are installed, from the
system's release.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devkit.engine.install import apt
from devkit.engine.install.commands import OnLine, run_lines
from devkit.engine.install.packages import COMPOSE_NAMES, choose
from devkit.engine.install.programs import programs_in
from devkit.project.errors import CommandError, FailedError
from devkit.project.files import write_atomically
from devkit.project.paths import MachinePaths

NAMES = ("docker.io", "docker-cli", "docker-buildx", "containerd", *COMPOSE_NAMES)
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)
STAMP = ".devkit-engine.json"


def unpack_engine(
    paths: MachinePaths, *, mirror: str, release: str, on_line: OnLine, pass_fds: Sequence[int] = ()
) -> None:
    """Fill `paths.engine` with the engine of `release` in one step: interrupted, it leaves what was there.

    Downloads lie under `paths.cache` until all is done, so that a run after an interrupted one goes on with
    them. FailedError where lists or packages cannot be had.
    """
    _tidy(paths.engine)
    work = paths.cache / "engine-apt"
    options = _configure(work, mirror, release)
    try:
        run_lines(["apt-get", *options, "-q", "update"], on_line, pass_fds=pass_fds)
    except CommandError as error:
        raise apt.unreadable(error) from error
    versions = apt.candidates(NAMES, options)
    choice = choose(versions)
    if choice.too_old:
        raise FailedError(
            f"{release} at {mirror} has no engine that is new enough: {', '.join(choice.too_old)}",
            "install Docker by https://docs.docker.com/engine/install/, then run this again",
        )
    names = [name for name in (*choice.names, "containerd") if name in versions and name in NAMES]
    wanted = {name: versions[name] for name in sorted(names)}
    if read_stamp(paths.engine) == wanted:
        on_line(f"the engine from {release} is already there")
        return
    packages = work / "packages"
    packages.mkdir(exist_ok=True)
    try:
        run_lines(
            ["apt-get", *options, "-q", "download", *names],
            on_line,
            cwd=packages,
            pass_fds=pass_fds,
            hint="see that the network is up and the disk has 700 MB free, then run this again",
        )
        _replace(paths.engine, sorted(packages.glob("*.deb")), wanted, on_line)
    except OSError as error:
        raise FailedError(
            f"the engine could not be unpacked into {paths.engine}: {error.strerror}",
            "free 700 MB, or set XDG_DATA_HOME to a directory that can be written, then run this again",
        ) from error
    shutil.rmtree(work, ignore_errors=True)


def read_stamp(engine: Path) -> dict[str, str] | None:
    """Packages and versions that an engine directory was made of; None where it is missing or not whole."""
    try:
        stamp = json.loads((engine / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def _configure(work: Path, mirror: str, release: str) -> list[str]:
    """apt options that read this one release from this one mirror, and touch nothing of the system's state.

    What the machine has set for transfers (proxies, Check-Valid-Until, certificates) stays in force:
    /etc/apt/apt.conf is read as ever; nothing is added to it.
    """
    keyring = next((path for path in KEYRINGS if path.is_file()), None)
    if keyring is None:
        raise FailedError(
            "the keys of Debian's archive are missing on this machine",
            "install them with: apt-get install debian-archive-keyring",
        )
    for directory in ("sources", "lists/partial", "cache/archives/partial"):
        (work / directory).mkdir(parents=True, exist_ok=True)
    write_atomically(
        work / "sources/next.sources",
        f"Types: deb\nURIs: {mirror}\nSuites: {release}\nComponents: main\nSigned-By: {keyring}\n",
    )
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(work / "sources"),
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": str(work / "lists"),
        "Dir::Cache": str(work / "cache"),
        "APT::Default-Release": "",
        "APT::Update::Error-Mode": "any",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::Languages": "none",
    }
    if os.geteuid() == 0:
        # apt's own download user cannot enter directories below /root; signatures are checked all the same.
        settings["APT::Sandbox::User"] = "root"
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _replace(engine: Path, packages: Sequence[Path], stamp: dict[str, str], on_line: OnLine) -> None:
    """Unpack beside the engine directory, try what came out, and put it in its place."""
    engine.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{engine.name}.new-", dir=engine.parent))
    try:
        fresh.chmod(0o755)
        for package in packages:
            if package.name.partition("_")[0] in stamp:
                on_line(f"unpacking {package.name}")
                run_lines(["dpkg", "-x", str(package), str(fresh)], on_line)
        _mend_init(fresh)
        if not programs_in(fresh).suffice:
            raise FailedError(
                "the unpacked engine does not run on this machine",
                "install Docker by https://docs.docker.com/engine/install/, then run this again",
            )
        (fresh / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        if engine.exists():
            engine.rename(engine.parent / f"{engine.name}.old-{os.getpid()}")
        fresh.rename(engine)
    finally:
        _tidy(engine)


def _tidy(engine: Path) -> None:
    """End a replacement that was cut off: the former engine returns where no other is in its place; the rest goes."""
    for former in engine.parent.glob(f"{engine.name}.old-*"):
        if not engine.exists():
            former.rename(engine)
    for left in engine.parent.glob(f"{engine.name}.[no]*-*"):
        shutil.rmtree(left, ignore_errors=True)


def _mend_init(engine: Path) -> None:
    """docker-init points at tini beside it, which is the system's: without this, `init: true` fails."""
    link = engine / "usr/bin/docker-init"
    tini = Path("/usr/bin/tini-static")
    if link.is_symlink() and not link.exists() and tini.exists():
        link.unlink()
        link.symlink_to(tini)
