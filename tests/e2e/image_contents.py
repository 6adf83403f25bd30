"""Every file in every layer of an image, and its configuration, as `docker save` gives them."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from typing import IO

_SMALL = 1 << 20
"""Bytes up to which a part of the archive is read at once, to see whether it is a layer."""


def contents(image: str, *, without: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents; the layers of the image `without` are left out: it was there before."""
    layers = ["docker", "image", "inspect", "--format", "{{json .RootFS.Layers}}", without]
    known = {layer.partition(":")[2] for layer in json.loads(subprocess.check_output(layers))}
    with (
        subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saving,
        tarfile.open(fileobj=saving.stdout, mode="r|") as archive,
    ):
        for part in archive:
            blob = archive.extractfile(part)
            if blob is not None and part.name.rpartition("/")[2] not in known:
                yield from _files(part.name, blob, part.size)
        assert saving.stdout is not None
        saving.stdout.read()  # the padding: without a reader the command would fail
    assert saving.returncode == 0


def _files(name: str, blob: IO[bytes], size: int) -> Iterator[tuple[str, bytes]]:
    """The files of a layer; what is no layer is a file itself."""
    if size < _SMALL:
        content = blob.read()
        blob = io.BytesIO(content)
        if not tarfile.is_tarfile(blob):
            yield name, content
            return
        blob.seek(0)
    with tarfile.open(fileobj=blob, mode="r|*") as layer:
        for member in layer:
            file = layer.extractfile(member) if member.isfile() else None
            yield member.name, b"" if file is None else file.read()
