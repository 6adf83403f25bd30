"""Composer in a container of the application's own development image: no PHP is needed on the host."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import STAND_IN_LABEL
from devkit.engine.machine_trust import MachineTrust, proxy_environment
from devkit.project.errors import CommandError
from devkit.project.paths import MachinePaths, owner_of
from devkit.scaffold.adopt_composer import read_json, table
from devkit.setup.composer_output import error_lines, reason
from devkit.setup.downloads import kept_downloads

_CONTAINER_HOME = "/tmp/composer-home"
_CONTAINER_CACHE = "/tmp/composer-cache"
_KEPT_LINES = 60
_SHOWN_LINES = 20
_AGENT = "/run/ssh-agent.sock"
_TRUST_FILES = {
    "ca": "/etc/ssl/certs/ca-certificates.crt",
    "composer_auth": f"{_CONTAINER_HOME}/auth.json",
    "composer_config": f"{_CONTAINER_HOME}/config.json",
    "known_hosts": "/etc/ssh/ssh_known_hosts",
}


@dataclass(frozen=True)
class ComposerRunner:
    """Runs Composer and PHP on `directory` (mounted at /app) as the directory's owner.

    Downloads are kept in devkit's cache directory on the host. What private packages ask for, proxies and the
    certificate bundle are passed on as `trust` has them; none of it stays in an image.
    """

    docker: Docker
    image: str
    directory: Path
    paths: MachinePaths
    trust: MachineTrust

    def run(self, command: Sequence[str], on_line: Callable[[str], None]) -> None:
        """Run one command; CommandError with the last lines where it fails."""
        self.end_leftovers()
        tail: list[str] = []

        def line(text: str) -> None:
            tail.append(text)
            del tail[:-_KEPT_LINES]
            on_line(text)

        status = self.docker.stream(*self._arguments(command), on_line=line)
        if status != 0:
            shown = " ".join(command[:3])
            raise CommandError(
                f"{shown} failed with exit status {status}: {reason(tail) or 'it said nothing'}",
                "mend what it names, then run the same devkit command again",
                returncode=status,
                detail="\n".join(error_lines(tail)[-_SHOWN_LINES:]),
            )

    def end_leftovers(self) -> None:
        """End a container that a killed run left behind: it would go on writing to the same directory."""
        labels = [option for label in self._labels() for option in ("--filter", f"label={label}")]
        found = self.docker.run("ps", "--all", "--quiet", "--no-trunc", *labels).stdout.decode().split()
        if found:
            self.docker.run("rm", "--force", *found, check=False)  # one that ends by itself meanwhile is gone, too

    def _labels(self) -> tuple[str, str]:
        """How this directory's containers are found again; a digest, for a path may hold any sign."""
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return "org.devkit.task=composer", f"org.devkit.directory={digest}"

    def _arguments(self, command: Sequence[str]) -> list[str]:
        uid, gid = owner_of(self.directory)
        arguments = [
            "run",
            "--rm",
            "--init",
            "--user",
            f"{uid}:{gid}",
            "--workdir",
            "/app",
            "--entrypoint",
            "",
        ]
        for label in self._labels():
            arguments += ["--label", label]
        arguments += ["--network", "host"]
        arguments += ["--volume", f"{self.directory}:/app"]
        if not self._repository_is_inside():
            cache = kept_downloads(self.paths, "composer", uid, gid)
            arguments += ["--volume", f"{cache}:{_CONTAINER_CACHE}"]
        environment = {
            "HOME": "/tmp",
            "COMPOSER_HOME": _CONTAINER_HOME,
            "COMPOSER_CACHE_DIR": _CONTAINER_CACHE,
            "COMPOSER_NO_INTERACTION": "1",
            "COMPOSER_ALLOW_SUPERUSER": "1",
            "COLUMNS": "1000",  # errors are not cut in the middle of a word
        }
        for name, value in environment.items():
            arguments += ["--env", f"{name}={value}"]
        # Without a value docker takes the variable from its own environment: nothing secret in arguments.
        for name in (*proxy_environment(), *(["COMPOSER_AUTH"] if "COMPOSER_AUTH" in os.environ else [])):
            arguments += ["--env", name]
        for name, target in _TRUST_FILES.items():
            if name in self.trust.secrets:
                arguments += ["--volume", f"{self.trust.secrets[name]}:{target}:ro"]
        if self.trust.ssh_agent:
            arguments += ["--volume", f"{os.environ['SSH_AUTH_SOCK']}:{_AGENT}", "--env", f"SSH_AUTH_SOCK={_AGENT}"]
        return [*arguments, self.image, *command]

    def _repository_is_inside(self) -> bool:
        """Whether the image brings its own Composer repository: a newer image has other files of the same version.

        Composer keeps downloads by address, and would take those of the image before.
        """
        labels = self.docker.json("image", "inspect", "--format", "{{json .Config.Labels}}", self.image) or {}
        return "composer repository local" in labels.get(f"{STAND_IN_LABEL}.versions", "")


def requires(directory: Path, package: str) -> bool:
    """Whether composer.json asks for the package; UsageError where it is broken."""
    document = read_json(directory / "composer.json") or {}
    return any(package in table(document, key) for key in ("require", "require-dev"))


def is_installed(directory: Path, package: str | None = None) -> bool:
    """Whether vendor/ is complete, and holds `package`: installed.json is what Composer writes last."""
    vendor = directory / "vendor"
    if not (vendor / "autoload.php").is_file() or not (vendor / "composer" / "installed.json").is_file():
        return False
    return package is None or (vendor / package).is_dir()
