"""Docker's own apt repository: newest engine, compose and buildx, where it can be reached.

Source: https://docs.docker.com/engine/install/debian/ and …/ubuntu/.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

from devkit.engine.install import apt
from devkit.engine.install.commands import OnLine, capture, run_lines
from devkit.engine.install.machine import Distribution, Rights
from devkit.project.errors import CommandError

ADDRESS = "https://download.docker.com/linux"
FINGERPRINT = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
KEY_FILE = Path("/etc/apt/keyrings/docker.asc")
SOURCES_FILE = Path("/etc/apt/sources.list.d/docker.sources")
PACKAGES = ("docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin", "docker-compose-plugin")
ANSWER_SECONDS = 3.0


def fetch_key(here: Distribution) -> bytes | None:
    """The repository's signing key; None where it does not answer or does not know the release.

    Each of the two requests is given 3 seconds. A key with another fingerprint than Docker's is refused.
    """
    base = f"{ADDRESS}/{here.family}"
    if not here.codename or _get(f"{base}/dists/{here.codename}/Release") is None:
        return None
    key = _get(f"{base}/gpg")
    return key if key is not None and fingerprint(key) == FINGERPRINT else None


def install(here: Distribution, key: bytes, rights: Rights, on_line: OnLine) -> bool:
    """Add the repository and install from it; False, and the repository out again, where that fails."""
    architecture = capture(["dpkg", "--print-architecture"]).strip()
    sources = (
        "# Written by devkit: Docker's own packages.\n"
        f"Types: deb\nURIs: {ADDRESS}/{here.family}\nSuites: {here.codename}\nComponents: stable\n"
        f"Architectures: {architecture}\nSigned-By: {KEY_FILE}\n"
    )
    try:
        run_lines(rights.command("install", "-m", "0755", "-d", str(KEY_FILE.parent)), on_line)
        _place(key, KEY_FILE, rights, on_line)
        _place(sources.encode(), SOURCES_FILE, rights, on_line)
        apt.update(rights, on_line, fatal=False)
        apt.install(rights, [*PACKAGES, "iptables"], on_line)
    except CommandError as error:
        on_line(f"Docker's own packages cannot be had here: {error.message}")
        run_lines(rights.command("rm", "-f", str(SOURCES_FILE), str(KEY_FILE)), on_line)
        return False
    return True


def fingerprint(armored: bytes) -> str | None:
    """The fingerprint of the first public key in an armored file (RFC 4880, sections 4.2 and 12.2)."""
    body = re.search(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)\r?\n(?:=|-----END)", armored, re.DOTALL)
    if body is None:
        return None
    lines = body.group(1).replace(b"\r", b"").split(b"\n")
    if b"" in lines:
        lines = lines[lines.index(b"") + 1 :]  # armor headers end at the first empty line
    try:
        packets = base64.b64decode(b"".join(lines))
    except ValueError:
        return None
    packet = _first_packet(packets)
    if packet is None:
        return None
    return hashlib.sha1(b"\x99" + len(packet).to_bytes(2, "big") + packet).hexdigest().upper()


def _first_packet(data: bytes) -> bytes | None:
    """The body of the first packet, if it is a public key (tag 6)."""
    if len(data) < 4 or not data[0] & 0x80:
        return None
    if data[0] & 0x40:  # new format
        tag, first = data[0] & 0x3F, data[1]
        if first < 192:
            start, length = 2, first
        elif first < 224:
            start, length = 3, ((first - 192) << 8) + data[2] + 192
        else:
            return None
    else:
        tag, kind = (data[0] >> 2) & 0x0F, data[0] & 3
        if kind > 1:
            return None
        start = 2 + kind
        length = int.from_bytes(data[1:start], "big")
    body = data[start : start + length]
    return body if tag == 6 and len(body) == length else None


def _get(address: str) -> bytes | None:
    """A small file; None where it does not come within 3 seconds, a name server that is silent included."""
    answered: list[bytes] = []

    def fetch() -> None:
        request = urllib.request.Request(address, headers={"User-Agent": "devkit"})
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                answered.append(answer.read(1 << 20))
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
            return

    # A look-up of a name cannot be given a limit: a thread that nobody waits for longer can.
    worker = threading.Thread(target=fetch, daemon=True)
    worker.start()
    worker.join(ANSWER_SECONDS)
    return answered[0] if answered else None


def _place(content: bytes, path: Path, rights: Rights, on_line: OnLine) -> None:
    with tempfile.NamedTemporaryFile() as temporary:
        temporary.write(content)
        temporary.flush()
        run_lines(rights.command("install", "-m", "0644", temporary.name, str(path)), on_line)
