"""Dumps read and written as a stream: compression, progress, and files that are whole or not there."""

from __future__ import annotations

import gzip
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from devkit.database.dump_kinds import HEAD
from devkit.project.errors import UsageError
from devkit.project.files import open_atomically

CHUNK = 256 * 1024
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_LEVEL = 3
PRIVATE = 0o600
"""A dump holds what the database holds: other users of the machine do not read it."""

_SECONDS_BETWEEN = 0.1
_GZIP_LEVEL = 6


@dataclass(frozen=True)
class Transfer:
    """How far a stream is: bytes of the file, of how many (None: nobody knows), after how many seconds."""

    done: int
    total: int | None
    seconds: float

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {megabytes(self.total)}"
        rate = f", {megabytes(int(self.done / self.seconds))}/s" if self.seconds > _SECONDS_BETWEEN else ""
        return f"{megabytes(self.done)}{of}{rate}"


OnTransfer = Callable[[Transfer], None]


def megabytes(count: int) -> str:
    """A size for people: `12.3 MB`; below a tenth of a megabyte in kB."""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


class Sink(Protocol):
    """Where an export's bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take a chunk."""


class Meter:
    """Counts bytes and says so, at most ten times a second."""

    def __init__(self, total: int | None, tell: OnTransfer) -> None:
        self.done = 0
        self._total = total
        self._tell = tell
        self._began = self._told = time.monotonic()

    def add(self, count: int) -> None:
        """So many bytes more."""
        self.done += count
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN:
            self._told = now
            self._tell(self.state())

    def state(self) -> Transfer:
        """How far it is now."""
        return Transfer(self.done, self._total, time.monotonic() - self._began)


@dataclass(frozen=True)
class Incoming:
    """A dump that is being read: `head` is its decompressed beginning, `size` the file's bytes if it is a file."""

    name: str
    head: bytes
    size: int | None
    compressed: bool
    meter: Meter
    _chunks: Iterator[bytes]

    def chunks(self) -> Iterator[bytes]:
        """All of it, decompressed, from the beginning; once. UsageError where the compressed data is broken."""
        if self.head:
            yield self.head
        yield from self._chunks


@contextmanager
def open_dump(path: Path | None, tell: OnTransfer) -> Iterator[Incoming]:
    """A dump from a file, or from stdin for None. UsageError for a file that cannot be read."""
    name = "stdin" if path is None else path.name
    with ExitStack() as stack:
        if path is None:
            raw: BinaryIO = sys.stdin.buffer
        else:
            try:
                raw = stack.enter_context(path.open("rb"))
            except OSError as error:
                raise UsageError(f"{path}: {error.strerror}", "name a dump, or - for stdin") from error
        size = _size(raw)
        meter = Meter(size, tell)
        first = _read(raw, meter, CHUNK)
        chunks = decompressed(_raw_chunks(first, raw, meter), name)
        head = b""
        while len(head) < HEAD and (chunk := next(chunks, b"")):
            head += chunk
        yield Incoming(name, head, size, first[:4] == ZSTD_MAGIC or first[:2] == GZIP_MAGIC, meter, chunks)


def decompressed(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The bytes that gzip's or zstd's stand for (told by magic, as browsers decompress silently), else as they are."""
    first = b""
    while len(first) < len(ZSTD_MAGIC) and (chunk := next(chunks, b"")):
        first += chunk
    if first[:2] == GZIP_MAGIC:
        yield from _gunzipped(first, chunks, name)
    elif first[:4] == ZSTD_MAGIC or _is_skippable(first):
        yield from _unzstd(first, chunks, name)
    else:
        if first:
            yield first
        yield from chunks


@contextmanager
def open_export(path: Path | None) -> Iterator[Sink]:
    """Where an export goes: a file, compressed by its suffix and replaced when all is written, or stdout for None."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with ExitStack() as stack:
        if _is_special(path):  # /dev/null, a named pipe: nothing that could be replaced
            out: BinaryIO = stack.enter_context(path.open("wb"))
        else:
            mode = None if path.exists() else PRIVATE
            out = stack.enter_context(open_atomically(path, mode=mode))
        yield _compressed(path, out, stack)


def check_target(path: Path) -> None:
    """UsageError for a path that no export can go to, before the database is asked for anything."""
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a directory", "name a file, such as dump.sql.gz")
        if not path.parent.is_dir():
            raise UsageError(f"{path.parent} does not exist", "make the directory first, or name a file elsewhere")
    except OSError as error:
        raise UsageError(f"nothing can be written there: {error.strerror}", "choose another name") from error


def _compressed(path: Path, out: BinaryIO, stack: ExitStack) -> Sink:
    if path.suffix == ".gz":
        # no name and no time inside: the same data gives the same file
        stream = gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0)
        return cast("Sink", stack.enter_context(stream))
    if path.suffix == ".zst":
        import zstandard  # imported here: plain files do without it

        compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
        return cast("Sink", stack.enter_context(compressor.stream_writer(out, closefd=False)))
    return out


def _size(raw: BinaryIO) -> int | None:
    try:
        found = os.fstat(raw.fileno())
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _is_special(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _read(raw: BinaryIO, meter: Meter, count: int) -> bytes:
    data = raw.read(count)
    meter.add(len(data))
    return data


def _raw_chunks(first: bytes, raw: BinaryIO, meter: Meter) -> Iterator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = _read(raw, meter, CHUNK)


def _gunzipped(first: bytes, rest: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Every member of a gzip file; zeros behind the last one are padding."""
    decoder = zlib.decompressobj(wbits=31)
    data = first
    while True:
        try:
            plain = decoder.decompress(data, CHUNK)
        except zlib.error as error:
            raise _broken(name, "gzip") from error
        if plain:
            yield plain
        if decoder.eof:
            data = decoder.unused_data.lstrip(b"\0")
            while not data and (data := next(rest, b"")):
                data = data.lstrip(b"\0")
            if not data:
                return
            decoder = zlib.decompressobj(wbits=31)
        else:
            data = decoder.unconsumed_tail or next(rest, b"")
            if not data and not plain:
                raise _cut(name, "gzip")


def _unzstd(first: bytes, rest: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Every frame of a zstd file, the ones to skip included."""
    import zstandard

    factory = zstandard.ZstdDecompressor()
    data = first
    while data:
        decoder = factory.decompressobj()
        while not decoder.eof:
            if not data:
                raise _cut(name, "zstd")
            try:
                plain = decoder.decompress(data)
            except zstandard.ZstdError as error:
                raise _broken(name, "zstd") from error
            if plain:
                yield plain
            data = decoder.unused_data if decoder.eof else next(rest, b"")
        data = data or next(rest, b"")


def _is_skippable(data: bytes) -> bool:
    """The magic of a frame that zstd skips: 0x184D2A50 to 5F, little-endian."""
    return len(data) >= 4 and data[0] & 0xF0 == 0x50 and data[1:4] == b"\x2a\x4d\x18"


def _cut(name: str, what: str) -> UsageError:
    return UsageError(f"{name} is cut short: its {what} data does not end", "copy it again, or make it again")


def _broken(name: str, what: str) -> UsageError:
    return UsageError(f"{name} is damaged: its {what} data cannot be read", "copy it again, or make it again")
