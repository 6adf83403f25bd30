"""What this machine trusts and how it reaches out: for builds and development containers, in no image's layer.

Nothing is decided here: certificate authorities, proxies, mirrors and apt's settings are those that the
machine itself has, and only what was set is handed on.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devkit.engine.install.apt import mirror
from devkit.engine.install.commands import capture
from devkit.engine.install.machine import distribution
from devkit.project.errors import FailedError
from devkit.project.files import write_atomically
from devkit.project.paths import MachinePaths

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""Where Debian keeps the keys of its archive, on the machine and in its images."""

STABLE = "trixie"
"""The suite that serves PHP's source package; also the official images' own."""

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
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


def ca_bundle(environ: Mapping[str, str] | None = None) -> Path | None:
    """The bundle of certificate authorities that programs on this machine trust, or None where there is none."""
    environment = os.environ if environ is None else environ
    named = [environment.get(name, "") for name in _BUNDLE_VARIABLES]
    return next((Path(path) for path in (*named, *_BUNDLES) if path and Path(path).is_file()), None)


def proxy_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The proxy variables that are set, by the names they are set under (both spellings are in use)."""
    environment = os.environ if environ is None else environ
    names = [spelling for name in _PROXIES for spelling in (name, name.lower())]
    return {name: environment[name] for name in names if environment.get(name)}


def debian_mirror() -> str:
    """The address that this machine takes Debian from, by apt's own sources.

    FailedError where this is no Debian, or where apt has a mirror that containers cannot reach.
    """
    here = distribution()
    if here is None or here.family != "debian":
        raise FailedError(
            "stand-ins for the official images are made of Debian's packages, and this machine is no Debian",
            "make an image registry reachable (docker pull hello-world shows whether one is), or use Debian",
        )
    address = mirror(here.codename) or _mirror_without_lists(here.codename)
    if address is None or not address.startswith(("http://", "https://")):
        raise FailedError(
            f"apt's sources name no mirror of Debian that is reached over HTTP{f': {address}' if address else ''}",
            f"add one for {here.codename} to /etc/apt/sources.list.d, then: apt-get update",
        )
    return address.rstrip("/")


def _mirror_without_lists(codename: str) -> str | None:
    """The mirror where `apt-get update` never ran: apt then knows what it was told, but no codenames."""
    layout = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    text = capture(["apt-get", "indextargets", "--no-release-info", "--format", layout])
    for line in text.splitlines():
        if line.split()[1:] in ([codename, "main"], ["stable", "main"], ["oldstable", "main"]):
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


def npm_registry(environ: Mapping[str, str] | None = None, home: Path | None = None) -> str | None:
    """The registry that npm is set to (environment, then ~/.npmrc), or None for npm's own default."""
    environment = os.environ if environ is None else environ
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if environment.get(name):
            return environment[name]
    match = re.search(r"^\s*registry\s*=\s*(\S+)", _text(npmrc(environ, home)), flags=re.MULTILINE)
    return match.group(1).strip("\"'") if match else None


def npmrc(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Path | None:
    """The person's .npmrc, which may hold tokens for private packages, or None."""
    environment = os.environ if environ is None else environ
    path = Path(environment.get("NPM_CONFIG_USERCONFIG") or (home or Path.home()) / ".npmrc")
    return path if path.is_file() else None


def go_proxy(environ: Mapping[str, str] | None = None, home: Path | None = None) -> dict[str, str]:
    """How Go reaches modules here (GOPROXY, GOSUMDB and their like): environment before `go env -w`'s file."""
    environment = os.environ if environ is None else environ
    configuration = Path(environment.get("XDG_CONFIG_HOME") or (home or Path.home()) / ".config")
    written = dict(
        line.split("=", 1)
        for line in _text(Path(environment.get("GOENV") or configuration / "go" / "env")).splitlines()
        if "=" in line
    )
    known = {name: environment.get(name) or written.get(name, "") for name in _GO}
    return {name: value.strip() for name, value in known.items() if value.strip()}


def pip_index(environ: Mapping[str, str] | None = None, home: Path | None = None) -> str | None:
    """The index that pip is set to (environment, then pip.conf), or None for pip's own default."""
    environment = os.environ if environ is None else environ
    if environment.get("PIP_INDEX_URL"):
        return environment["PIP_INDEX_URL"]
    user = home or Path.home()
    configuration = Path(environment.get("XDG_CONFIG_HOME") or user / ".config")
    named = environment.get("PIP_CONFIG_FILE")
    files = [Path(named)] if named else []
    for path in (*files, configuration / "pip/pip.conf", user / ".pip/pip.conf", Path("/etc/pip.conf")):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(_text(path))
        except configparser.Error:
            continue
        for section in ("install", "global"):
            if parser.has_option(section, "index-url"):
                return parser.get(section, "index-url").strip()
    return None


def composer_auth(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Path | None:
    """Composer's auth.json of this person, or None."""
    environment = os.environ if environ is None else environ
    user = home or Path.home()
    configuration = Path(environment.get("XDG_CONFIG_HOME") or user / ".config")
    named = environment.get("COMPOSER_HOME")
    homes = [Path(named)] if named else [configuration / "composer", user / ".composer"]
    return next((path / "auth.json" for path in homes if (path / "auth.json").is_file()), None)


@contextmanager
def build_secrets(suite: str = "forky") -> Iterator[tuple[Secret, ...]]:
    """The secrets that builds of stand-ins take, in a directory for this user alone that goes with the block.

    Ids: apt_sources (packages of `suite`), apt_sources_unstable, apt_sources_stable (source packages),
    apt_config, and ca where the machine has a bundle.
    """
    directory = Path(tempfile.mkdtemp(prefix="devkit-build-"))  # 0700
    try:
        address = debian_mirror()
        texts = {
            "apt_sources": apt_sources(suite, address=address),
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


def machine_files(paths: MachinePaths, *, suites: str = "forky", home: Path | None = None) -> dict[str, Any]:
    """What compose.override.yaml refers to, as fields of the scaffold's `Machine`.

    Files that have to be made are written under the state directory, for this user alone. `suites` are the
    FrankenPHP base image's: forky for the stand-in, trixie for the official one.
    """
    directory = paths.state / "machine"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    secrets: dict[str, Path] = {}
    paths_of_apt = {name: directory / name for name in ("apt_sources", "apt_config")}
    stamp, made_from = directory / "stamp", f"{suites} {_apt_state()}"
    if _text(stamp) != made_from:  # apt takes half a second to say what has not changed
        for name, text in (("apt_sources", _sources_or_none(suites)), ("apt_config", apt_config())):
            if text:
                write_atomically(paths_of_apt[name], text, mode=0o600)
            else:
                paths_of_apt[name].unlink(missing_ok=True)
        write_atomically(stamp, made_from, mode=0o600)
    secrets |= {name: path for name, path in paths_of_apt.items() if path.is_file()}
    given = {"ca": ca_bundle(), "npmrc": npmrc(home=home), "composer_auth": composer_auth(home=home)}
    secrets |= {name: path for name, path in given.items() if path}
    return {
        "secrets": MappingProxyType(secrets),
        **given,
        "ssh_agent": Path(os.environ.get("SSH_AUTH_SOCK") or "/nonexistent").is_socket(),
        "proxies": bool(proxy_environment()),
    }


def _apt_state() -> str:
    """Changes whenever somebody changes apt's settings or its lists."""
    watched = [Path("/etc/apt/sources.list"), Path("/etc/apt/apt.conf"), Path("/var/lib/apt/lists")]
    for name in ("sources.list.d", "apt.conf.d"):
        directory = Path("/etc/apt") / name
        watched += [directory, *(sorted(directory.iterdir()) if directory.is_dir() else [])]
    return " ".join(str(path.stat().st_mtime_ns) if path.exists() else "-" for path in watched)


def _sources_or_none(suites: str) -> str | None:
    """This machine's mirror for containers, or None where it is no Debian: theirs are then the image's own."""
    try:
        return apt_sources(suites)
    except FailedError:
        return None


def _text(path: Path | None) -> str:
    """A settings file's text; "" where it is missing or cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path else ""
    except OSError:
        return ""
