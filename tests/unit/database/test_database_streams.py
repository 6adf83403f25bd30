"""Dumps as streams: whole or refused on the way in, whole or not there on the way out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from devkit.database.streams import Transfer, check_target, decompressed, open_dump, open_export
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

TEXT = b"CREATE TABLE a (b int);\n" * 20_000
SKIPPED = b"\x5d\x2a\x4d\x18\x04\0\0\0abcd"


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def read(path: Path) -> bytes:
    with open_dump(path, lambda _: None) as incoming:
        return b"".join(incoming.chunks())


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "two gzip members and padding": gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]) + b"\0" * 600,
    "zstd": zstd(TEXT),
    "zstd with a frame to skip": SKIPPED + zstd(TEXT[:500]) + zstd(TEXT[500:]),
}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("suffix", [".sql", ".sql.gz", ".sql.zst"])
def test_a_dump_is_unpacked_by_what_it_is_whatever_its_name(packed: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"dump{suffix}"
    path.write_bytes(packed)
    assert read(path) == TEXT


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), zstd(TEXT), SKIPPED + zstd(TEXT)], ids=["gz", "zst", "frames"])
@given(data=st.data())
def test_compressed_data_that_is_cut_anywhere_is_refused(packed: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(14, len(packed) - 1))
    size = data.draw(st.integers(1, len(packed)))
    cut = packed[:end]
    with pytest.raises(UsageError, match=r"x is (cut short|damaged)"):
        list(decompressed(iter([cut[at : at + size] for at in range(0, end, size)]), "x"))


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), zstd(TEXT)], ids=["gz", "zst"])
def test_compressed_data_with_a_changed_byte_is_refused(packed: bytes) -> None:
    middle = len(packed) // 2
    changed = packed[:middle] + bytes([packed[middle] ^ 0x55]) + packed[middle + 1 :]
    with pytest.raises(UsageError, match=r"x is (damaged|cut short)"):
        list(decompressed(iter([changed]), "x"))


def test_a_file_that_cannot_be_read_is_a_mistake_of_whoever_named_it(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.sql", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(UsageError, match=why):
            read(path)


@pytest.mark.parametrize("suffix", [".sql", ".sql.gz", ".sql.zst"])
def test_an_export_is_compressed_by_its_suffix_and_is_nobody_elses_to_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"dump{suffix}"
    with open_export(path) as sink:
        sink.write(TEXT[:100])
        sink.write(TEXT[100:])
        assert not path.exists()
    assert read(path) == TEXT
    assert (path.read_bytes() == TEXT) is (suffix == ".sql")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("suffix", [".sql", ".sql.gz", ".sql.zst"])
def test_an_export_that_fails_leaves_the_former_file_and_nothing_else(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"dump{suffix}"
    path.write_bytes(b"former")
    with pytest.raises(ZeroDivisionError), open_export(path) as sink:
        sink.write(TEXT)
        raise ZeroDivisionError
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [(path.name, b"former")]


def test_the_same_data_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        with open_export(tmp_path / name) as sink:
            sink.write(TEXT)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_device_is_written_to_and_not_replaced() -> None:
    with open_export(Path("/dev/null")) as sink:
        sink.write(TEXT)
    assert Path("/dev/null").is_char_device()


def test_a_place_that_no_export_can_go_to_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "dump.sql", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError):
            check_target(path)


def test_progress_says_how_far_a_file_is_and_how_fast(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(TEXT))
    with open_dump(path, lambda _: None) as incoming:
        list(incoming.chunks())
        state = incoming.meter.state()
    assert state.done == state.total == path.stat().st_size
    assert str(Transfer(12_300_000, 45_600_000, 2.0)) == "12.3 MB of 45.6 MB, 6.2 MB/s"
    assert str(Transfer(2_000, None, 0.0)) == "2.0 kB"
