"""What this machine trusts and how it reaches out: for builds and development containers, in no image's layer.

Nothing is decided here: certificate authorities, proxies, mirrors and apt's settings are those that the
machine itself has, and only what was set is handed on.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from devkit.engine.certificates import ca_bundle
from devkit.engine.install.apt import mirror
from devkit.engine.install.commands import capture
from devkit.engine.install.machine import OS_RELEASE, distribution
from devkit.engine.private_packages import (
    composer_auth,
    composer_config,
    known_hosts,
    needs_ssh,
    npm_variables,
    project_npmrc,
    read_text,
    user_npmrc,
)
from devkit.project.errors import FailedError
from devkit.project.files import write_atomically
from devkit.project.paths import MachinePaths, owner_of

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""Where Debian keeps the keys of its archive, on the machine and in its images."""

SUITE = "forky"
"""The suite that stand-ins are made of."""

STABLE = "trixie"
"""The suite that serves PHP's source package; also the official images' own."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "FTP_PROXY")
_GO = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE")
_APT_SETTINGS = re.compile(
    r"Acquire::(Check-Valid-Until|Check-Date|Max-ValidTime|Retries|ForceIPv[46]"
    r"|https?::(Proxy(::.+)?|Timeout|ForceIPv[46]|Pipeline-Depth))(::)?"
)


@dataclass(frozen=True)
class Secret:
    """A file that a build may read while a step runs, under this id; it is in no layer."""

    id: str
    path: Path

    @property
    def option(self) -> str:
        """The value of `docker build --secret`; FailedError for a path that the option cannot carry."""
        if "," in str(self.path) or '"' in str(self.path):
            raise FailedError(
                f"the path {self.path} cannot be handed to a build: it holds a comma or a quote",
                "use a directory without one (TMPDIR, XDG_STATE_HOME)",
            )
        return f"id={self.id},src={self.path}"


def proxy_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The proxy variables that are set, by the names they are set under (both spellings are in use)."""
    environment = os.environ if environ is None else environ
    names = [spelling for name in _PROXIES for spelling in (name, name.lower())]
    return {name: environment[name] for name in names if environment.get(name)}


def debian_mirror(release: Path = OS_RELEASE) -> str:
    """The address that this machine takes Debian from, by apt's own sources; `release` says which system it is.

    FailedError where this is no Debian, or where apt has a mirror that containers cannot reach.
    """
    here = distribution(release)
    if here is None or here.family != "debian":
        raise FailedError(
            "stand-ins for the official images are made of Debian's packages, and this machine"
            f" {f'is {here.title}' if here else 'is no Debian'}",
            "make an image registry reachable (docker pull hello-world shows whether one is), or use Debian",
        )
    address = mirror(here.codename) or _mirror_without_lists(here.codename, "stable", "oldstable")
    if address is None or not address.startswith(("http://", "https://")):
        raise FailedError(
            f"apt's sources name no mirror of Debian that is reached over HTTP{f': {address}' if address else ''}",
            f"add one for {here.codename} to /etc/apt/sources.list.d, then: apt-get update",
        )
    return address.rstrip("/")


def _mirror_without_lists(*releases: str) -> str | None:
    """The mirror where `apt-get update` never ran: apt then knows what it was told, but no codenames."""
    layout = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    text = capture(["apt-get", "indextargets", "--no-release-info", "--format", layout])
    for line in text.splitlines():
        if line.split()[1:] in [[release, "main"] for release in releases]:
            return line.split()[0]
    return None


def apt_sources(suite: str, deb_src: bool = False, *, address: str | None = None) -> str:
    """A deb822 file (sources.list(5)) for the suites named, from this machine's mirror; packages or sources."""
    return (
        f"Types: {'deb-src' if deb_src else 'deb'}\n"
        f"URIs: {address or debian_mirror()}\n"
        f"Suites: {suite}\n"
        "Components: main\n"
        f"Signed-By: {KEYRING}\n"
    )


def project_sources(suite: str) -> str | None:
    """apt's sources for a project's builds, from where this machine takes the same of its own release.

    They stand in place of the image's own, so a stable release comes with its updates and security fixes. None where
    the image's own are to stay: this machine is no Debian, or one (testing, unstable) that has no such suites.
    """
    try:
        address = debian_mirror()
    except FailedError:
        return None
    here = distribution()
    if here is None or suite != STABLE:
        return apt_sources(suite, address=address)
    if here.title.endswith("/sid"):
        return None
    updates, security = (
        mirror(f"{here.codename}-{kind}") or _mirror_without_lists(f"{here.codename}-{kind}")
        for kind in ("updates", "security")
    )
    text = apt_sources(f"{suite} {suite}-updates" if updates else suite, address=address)
    return f"{text}\n{apt_sources(f'{suite}-security', address=security)}" if security else text


def apt_config(dump: str | None = None) -> str:
    """What this machine's apt was told about reaching out (proxies, whether dates are checked), and no more.

    An apt without such settings gives "": containers then have apt's defaults. `dump` is what `apt-config dump
    Acquire` prints.
    """
    text = capture(["apt-config", "dump", "Acquire"]) if dump is None else dump
    lines = []
    for line in text.splitlines():
        match = re.fullmatch(r'(\S+) "(.*)";', line)
        if match and match.group(2) and _APT_SETTINGS.fullmatch(match.group(1)):
            lines.append(line + "\n")
    return "".join(lines)


def go_proxy(environ: Mapping[str, str] | None = None, home: Path | None = None) -> dict[str, str]:
    """How Go reaches modules here (GOPROXY, GOSUMDB and their like): environment before `go env -w`'s file."""
    environment = os.environ if environ is None else environ
    configuration = Path(environment.get("XDG_CONFIG_HOME") or (home or Path.home()) / ".config")
    written = dict(
        line.split("=", 1)
        for line in read_text(Path(environment.get("GOENV") or configuration / "go" / "env")).splitlines()
        if "=" in line
    )
    known = {name: environment.get(name) or written.get(name, "") for name in _GO}
    return {name: value.strip() for name, value in known.items() if value.strip()}


@contextmanager
def build_secrets() -> Iterator[tuple[Secret, ...]]:
    """The secrets that builds of stand-ins take, in a directory for this user alone that goes with the block.

    Ids: apt_sources (packages of `SUITE`), apt_sources_unstable, apt_sources_stable (source packages),
    apt_config, and ca where the machine has a bundle.
    """
    directory = Path(tempfile.mkdtemp(prefix="devkit-build-"))  # 0700
    try:
        address = debian_mirror()
        texts = {
            "apt_sources": apt_sources(SUITE, address=address),
            "apt_sources_unstable": apt_sources("sid", address=address),
            "apt_sources_stable": apt_sources(STABLE, deb_src=True, address=address),
            "apt_config": apt_config() + _apt_over_https(address),
        }
        secrets = []
        for name, text in texts.items():
            write_atomically(directory / name, text, mode=0o600)
            secrets.append(Secret(name, directory / name))
        bundle = ca_bundle()
        yield (*secrets, *([Secret("ca", bundle)] if bundle else []))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _apt_over_https(address: str) -> str:
    """A base image without certificates of its own trusts the machine's, mounted where secrets are by default."""
    return 'Acquire::https::CAInfo "/run/secrets/ca";\n' if address.startswith("https:") else ""


@dataclass(frozen=True)
class MachineTrust:
    """What the builds and development containers of one project are given of this machine.

    `secrets` are files by build secret id: ca, apt_sources, apt_config, composer_auth, composer_config, npmrc,
    project_npmrc, known_hosts; what there is none of is left out. `ssh_agent` says that SSH_AUTH_SOCK is to be
    forwarded, `proxies` that HTTP_PROXY and its like are set; `npm_variables` are names in the environment that the
    project's .npmrc speaks of.
    """

    secrets: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    ssh_agent: bool = False
    proxies: bool = False
    npm_variables: tuple[str, ...] = ()

    @property
    def ca(self) -> Path | None:
        """The bundle of certificate authorities that development containers trust."""
        return self.secrets.get("ca")


def trust_for(root: Path, paths: MachinePaths, *, suites: str = SUITE, home: Path | None = None) -> MachineTrust:
    """What the project in `root` is given of this machine.

    Files that have to be made are written under the state directory, for the project's owner alone. `suites` are
    the FrankenPHP base image's: forky for the stand-in, trixie for the official one. UsageError for an auth.json
    or a COMPOSER_AUTH that is broken.
    """
    machine = _private_directory(paths.state / "machine")
    sources = machine / f"apt_sources.{suites}"  # other projects of this machine may stand on another release
    stamp, made_from = machine / f"stamp.{suites}", _apt_state()
    if read_text(stamp) != made_from:  # apt takes half a second to say what has not changed
        _keep(sources, project_sources(suites))
        _keep(machine / "apt_config", apt_config() or None)
        write_atomically(stamp, made_from, mode=0o600)
    found = {"apt_sources": sources, "apt_config": machine / "apt_config", "ca": ca_bundle() or machine / "none"}
    ssh = needs_ssh(root)
    texts = {
        "composer_auth": composer_auth(root, home=home),
        "composer_config": composer_config(home=home),
        "npmrc": user_npmrc(home=home),
        "project_npmrc": project_npmrc(root),
        "known_hosts": known_hosts(home) if ssh else None,
    }
    own = _own_directory(machine, root)
    _private_directory(own.parent)
    _private_directory(own)
    if os.geteuid() == 0:
        os.chown(own, *owner_of(root))
    for name, text in texts.items():
        _keep(own / name, text)
        found[name] = own / name
    return MachineTrust(
        MappingProxyType({name: path for name, path in found.items() if path.is_file()}),
        ssh_agent=ssh and Path(os.environ.get("SSH_AUTH_SOCK") or "/nonexistent").is_socket(),
        proxies=bool(proxy_environment()),
        npm_variables=npm_variables(root),
    )


def forget_trust(root: Path, paths: MachinePaths) -> None:
    """Remove what was written for the project in `root`: credentials that nothing needs any more."""
    shutil.rmtree(_own_directory(paths.state / "machine", root), ignore_errors=True)


def _own_directory(machine: Path, root: Path) -> Path:
    return machine / "projects" / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _private_directory(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def _keep(path: Path, text: str | None) -> None:
    """A file that says `text`, for its owner alone; none where there is nothing to say."""
    if text is None:
        path.unlink(missing_ok=True)
    elif not path.is_file() or read_text(path) != text:
        write_atomically(path, text, mode=0o600)


def _apt_state() -> str:
    """Changes whenever somebody changes apt's settings or its lists."""
    watched = [Path("/etc/apt/sources.list"), Path("/etc/apt/apt.conf"), Path("/var/lib/apt/lists")]
    for name in ("sources.list.d", "apt.conf.d"):
        directory = Path("/etc/apt") / name
        watched += [directory, *(sorted(directory.iterdir()) if directory.is_dir() else [])]
    return " ".join(str(path.stat().st_mtime_ns) if path.exists() else "-" for path in watched)
