"""A company's own network for tests: its certificate authority, and a server with private packages behind logins."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.images.catalogue import base_image

COMPOSER_WORD = "composer-hush-1742"
NPM_WORD = "npm-hush-9931"
MARK = "the company's own package"

_CADDYFILE = """
{
    auto_https off
    admin off
    default_sni %(gateway)s
}
https://%(address)s {
    bind %(gateway)s
    tls /srv/server.pem /srv/server.key
    root * /srv/www
    @composer {
        path /packages.json /dist/*
        not header Authorization "Basic %(basic)s"
    }
    @npm {
        path /npm/*
        not header Authorization "Bearer %(bearer)s"
    }
    respond @composer 401
    respond @npm 401
    file_server
}
"""


@dataclass(frozen=True)
class Company:
    """The server's address, and the certificate that nobody trusts who was not told to."""

    address: str
    certificate: Path

    @property
    def composer_auth(self) -> str:
        return json.dumps({"http-basic": {self.address: {"username": "person", "password": COMPOSER_WORD}}})


def run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


@contextmanager
def company_network(directory: Path) -> Iterator[Company]:
    """The server runs as long as the block, in a container."""
    # On the engine's own network: builds, the project's network and the host's reach its address alike.
    gateway = run("docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    with socket.create_server((gateway, 0)) as free:
        address = f"{gateway}:{free.getsockname()[1]}"
    image = base_image("frankenphp").reference
    options = ("--detach", "--rm", "--network", "host", "--entrypoint", "sleep")
    container = run("docker", "run", *options, image, "3600")
    try:
        served = directory / "srv"
        (served / "www").mkdir(parents=True)
        certificate = make_certificates(served, gateway)
        basic = base64.b64encode(f"person:{COMPOSER_WORD}".encode()).decode()
        text = _CADDYFILE % {"gateway": gateway, "address": address, "basic": basic, "bearer": NPM_WORD}
        (served / "Caddyfile").write_text(text)
        make_packages(served / "www", f"https://{address}")
        run("docker", "cp", f"{served}/.", f"{container}:/srv")
        server = ("frankenphp", "run", "--config", "/srv/Caddyfile")
        run("docker", "exec", "--detach", container, *server)
        answers = f"until curl -fsk --noproxy '*' -o /dev/null https://{address}/hello.txt; do sleep 0.1; done"
        run("timeout", "30", "docker", "exec", container, "sh", "-c", answers)
        yield Company(address, certificate)
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)


def make_certificates(directory: Path, address: str) -> Path:
    """A certificate authority, and the server's certificate by it; the authority's own is given back."""
    authority, key = directory.parent / "authority.pem", directory.parent / "authority.key"
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(*new, "-subj", "/CN=Company Test CA", "-keyout", str(key), "-out", str(authority))
    own = ("-subj", "/CN=server", "-addext", f"subjectAltName=IP:{address}")
    own += ("-addext", "basicConstraints=critical,CA:FALSE")
    files = ("-keyout", str(directory / "server.key"), "-out", str(directory / "server.pem"))
    run(*new, *own, "-CA", str(authority), "-CAkey", str(key), *files)
    return authority


def make_packages(www: Path, url: str) -> None:
    """A file, a Git repository, a Composer repository with acme/demo and an npm registry with @acme/demo."""
    (www / "hello.txt").write_text("hello\n")
    repository = www / "repository.git"
    run("git", "init", "--quiet", "--bare", str(repository))
    run("git", "update-server-info", cwd=repository)

    package = {"name": "acme/demo", "version": "1.0.0", "autoload": {"psr-4": {"Acme\\": "src/"}}}
    (www / "dist").mkdir()
    with zipfile.ZipFile(www / "dist/demo.zip", "w") as archive:
        code = f'<?php namespace Acme; class Demo {{ const MARK = "{MARK}"; }}'
        for name, text in (("composer.json", json.dumps(package)), ("src/Demo.php", code)):
            file = zipfile.ZipInfo(name)
            file.external_attr = 0o644 << 16
            archive.writestr(file, text)
    listed = {**package, "dist": {"type": "zip", "url": f"{url}/dist/demo.zip", "reference": "1"}}
    (www / "packages.json").write_text(json.dumps({"packages": {"acme/demo": {"1.0.0": listed}}}))

    (www / "npm/@acme").mkdir(parents=True)
    module = {"name": "@acme/demo", "version": "1.0.0", "type": "module", "main": "index.js"}
    with tarfile.open(www / "npm/demo.tgz", "w:gz") as archive_of_npm:
        for name, text in (("package.json", json.dumps(module)), ("index.js", f"export default {json.dumps(MARK)};")):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text.encode())
            archive_of_npm.addfile(entry, io.BytesIO(text.encode()))
    digest = base64.b64encode(hashlib.sha512((www / "npm/demo.tgz").read_bytes()).digest()).decode()
    version = {**module, "dist": {"tarball": f"{url}/npm/demo.tgz", "integrity": f"sha512-{digest}"}}
    listing = {"name": "@acme/demo", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    (www / "npm/@acme/demo").write_text(json.dumps(listing))
