"""A network with nothing in it but an image registry and an engine of its own: how official images are pulled.

Run as a program (inside of `unshare --net --mount`) it is that world: it starts everything, says `ready`, and ends it
all when its standard input is closed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from second_daemon import second_daemon

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker, find_docker
from devkit.engine.install import apt, start_daemon
from devkit.engine.install.commands import run_lines
from devkit.engine.install.machine import rights
from devkit.project.paths import MachinePaths, machine_paths

HUB = "registry-1.docker.io"
"""Docker Hub's name is the registry's in a world with a Hub: with TLS, and with a login."""

PLAIN = "127.0.0.1:5000"
"""The same images without either: where they are pushed to, and what serves as a mirror."""

USER, PASSWORD = "somebody", "secret"
HTPASSWD = "somebody:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"
START_SECONDS = 120

# Run by `nsenter`, for a registry is asked from where this program runs.
PROVIDE = """
import json, sys
from devkit.engine.docker import find_docker
from devkit.engine.images.provide import provide
from devkit.project.errors import DevkitError
from devkit.project.paths import machine_paths

mode, *keys = sys.argv[1:]
lines = []
try:
    images = provide(
        find_docker(), keys, mode=mode, paths=machine_paths(), on_progress=lambda progress: lines.append(str(progress))
    )
    said = {"images": [{**vars(image), "pinned": image.pinned} for image in images]}
except DevkitError as error:
    said = {"message": error.message, "hint": error.hint}
print(json.dumps({**said, "lines": lines}))
"""


@dataclass(frozen=True)
class World:
    """The world, seen from outside: its engine is reached by its socket, its network by `enter`."""

    directory: Path
    process: subprocess.Popen[str]

    @property
    def environment(self) -> dict[str, str]:
        """What programs in this world are told; whoever is in it trusts its registry."""
        return os.environ | {
            "DOCKER_HOST": f"unix://{self.directory}/engine.sock",
            "DOCKER_CONFIG": str(self.directory / "client"),
            "SSL_CERT_FILE": str(self.directory / "certificate.pem"),
            "XDG_STATE_HOME": str(self.directory / "state"),
        }

    @property
    def engine(self) -> Docker:
        """This world's engine."""
        return Docker(find_docker().binary, Endpoint(self.environment["DOCKER_HOST"], "DOCKER_HOST"))

    def docker(self, *arguments: str, input: bytes | None = None, check: bool = True, cwd: Path | None = None) -> str:
        """Run the docker command with this world's engine; what it prints, errors too."""
        done = subprocess.run(
            [str(self.engine.binary), *arguments],
            input=input,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.engine.environment() | self.environment,
            cwd=cwd,
            check=False,
        )
        said = done.stdout.decode()
        assert not check or done.returncode == 0, said
        return said

    def provide(self, mode: str, *keys: str) -> dict[str, Any]:
        """What `provide` gives in this world: `images`, or an error's `message` and `hint`, and the `lines` it said."""
        enter = ["nsenter", f"--target={self.process.pid}", "--net", "--mount"]
        command = [*enter, sys.executable, "-c", PROVIDE, mode, *keys]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=self.environment, check=True)
        return dict(json.loads(done.stdout))

    def publish(self, reference: str) -> str:
        """Put a small image under an official reference into the registry, not into the engine; its digest."""
        name = f"{PLAIN}/{reference if '/' in reference else f'library/{reference}'}"
        self.build(
            name, f"FROM scratch\nCOPY <<EOF /name\n{reference}\nEOF\nCOPY <<EOF /more\n{reference}\nEOF\nCMD x\n"
        )
        self.docker("push", name)
        digest = self.docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", name).strip()
        self.docker("image", "rm", name)
        return digest.rpartition("@")[2]

    def build(self, reference: str, dockerfile: str, *options: str) -> None:
        """Build an image out of a Dockerfile alone, in this world's engine."""
        fixed = ("buildx", "build", "--builder", "default", "--load", "--provenance=false", "--tag", reference)
        self.docker(*fixed, *options, "-", input=dockerfile.encode())

    def forget(self) -> None:
        """Remove all images from the engine."""
        images = self.docker("image", "ls", "--quiet", "--no-trunc").split()
        if images:
            self.docker("image", "rm", "--force", *dict.fromkeys(images))


@contextmanager
def world(*, hub: bool = False, daemon: Sequence[str] = ()) -> Iterator[World]:
    """Such a world, which leaves nothing behind; `hub`: with Docker Hub's name, `daemon`: arguments of its engine."""
    # Not pytest's directory: the engine's sockets lie in it, and their paths have to be short.
    with tempfile.TemporaryDirectory(prefix="devkit-world-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        _fetch_registry(directory)
        _make_certificate(directory)
        (directory / "hosts").write_text(f"127.0.0.1 localhost {HUB if hub else ''}\n")
        (directory / "client").mkdir()
        command = ["unshare", "--net", "--mount", sys.executable, __file__, name, *daemon]
        environment = os.environ | {"SSL_CERT_FILE": str(directory / "certificate.pem")}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with (
            (directory / "log").open("w") as log,
            subprocess.Popen(command, **pipes, stderr=log, text=True, env=environment) as process,
        ):
            assert process.stdin is not None and process.stdout is not None
            try:
                readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
                ready = bool(readable) and process.stdout.readline() == "ready\n"
                assert ready, (directory / "log").read_text()
                yield World(directory, process)
            finally:
                process.stdin.close()
                process.wait(60)


def _fetch_registry(directory: Path) -> None:
    """Debian's package, unpacked: installed it would start a registry on this machine."""
    allowed = rights()
    assert allowed is not None
    if not apt.candidates(["docker-registry"]):
        apt.update(allowed, print)
    run_lines(["apt-get", "-o", "APT::Sandbox::User=root", "-q", "download", "docker-registry"], print, cwd=directory)
    run_lines(["dpkg", "-x", str(next(directory.glob("docker-registry_*.deb"))), str(directory / "package")], print)


def _make_certificate(directory: Path) -> None:
    subject = ["-subj", f"/CN={HUB}", "-addext", f"subjectAltName=DNS:{HUB}"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(directory / "key.pem")]
    command = ["openssl", "req", "-x509", *key, *subject, "-out", str(directory / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _serve(directory: Path, name: str, http: dict[str, Any], **more: Any) -> subprocess.Popen[bytes]:
    """A registry with the world's images; whoever asks too early is refused, and asks again."""
    configuration = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(directory / "images")}},
        "http": http,
        **more,
    }
    file = directory / f"{name}.yml"
    file.write_text(json.dumps(configuration))  # JSON is YAML
    return subprocess.Popen([str(directory / "package/usr/bin/docker-registry"), "serve", str(file)])


def _live(directory: Path, arguments: Sequence[str]) -> None:
    """Be the world until standard input is closed."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--bind", str(directory / "hosts"), "/etc/hosts"], check=True)
    (directory / "htpasswd").write_text(HTPASSWD)
    tls = {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}
    login = {"htpasswd": {"realm": "test", "path": str(directory / "htpasswd")}}
    with ExitStack() as running:
        for registry in (
            _serve(directory, "plain", {"addr": PLAIN}),
            _serve(directory, "hub", {"addr": "127.0.0.1:443", "tls": tls}, auth=login),
        ):
            running.callback(registry.wait)
            running.callback(registry.terminate)
        real = machine_paths()
        paths = MachinePaths(real.data, directory / "cache", directory / "state")
        socket = directory / "engine.sock"
        daemon = start_daemon(
            paths, _say, extra_args=[*second_daemon(directory, socket), *arguments], socket_path=socket
        )
        assert daemon is not None
        running.callback(daemon.process.wait, 30)
        running.callback(daemon.process.terminate)
        print("ready", flush=True)
        sys.stdin.read()


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    _live(Path(sys.argv[1]), sys.argv[2:])
