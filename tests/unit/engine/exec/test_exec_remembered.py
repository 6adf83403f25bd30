"""The file that saves a look-up: what is in it, when it holds no more, and which directory is where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.engine.exec.endpoint import stamp
from devkit.engine.exec.remembered import FILE, Place, Remembered, recall, remember, settings_stamp

pytestmark = pytest.mark.unit

CONTAINER = "a" * 64


@pytest.fixture
def root(tmp_path: Path) -> bytes:
    (tmp_path / "devkit.toml").write_text("schema = 1\n")
    return os.fsencode(tmp_path)


def written(root: bytes, *files: Path) -> Remembered:
    stamps = {os.fsencode(file): stamp(os.fsencode(file)) for file in files}
    found = Remembered(settings_stamp(root), "unix:///run/engine.sock", stamps)
    found.places["app"] = Place(CONTAINER, [(root, b"/app"), (b"/caf\xe9", b"/x")], "bash")
    remember(root, found)
    return found


def test_what_is_written_is_read_again(root: bytes) -> None:
    written(root)
    found = recall(root)
    assert found is not None
    assert found.host == "unix:///run/engine.sock"
    assert (found.places["app"].container, found.places["app"].shell) == (CONTAINER, "bash")
    assert found.places["app"].directories == [(root, b"/app"), (b"/caf\xe9", b"/x")]


def test_another_devkit_toml_may_name_another_project(root: bytes) -> None:
    written(root)
    Path(os.fsdecode(root), "devkit.toml").write_text("schema = 1\n# changed\n")
    assert recall(root) is None


@pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "HOME"])
def test_other_variables_may_name_another_engine(root: bytes, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import posix

    written(root)
    monkeypatch.setitem(posix.environ, name.encode(), b"/elsewhere")
    assert recall(root) is None


def test_a_file_that_named_the_engine_counts_also_when_it_comes_into_being(root: bytes, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    written(root, config)
    assert recall(root) is not None
    config.write_text("{}")
    assert recall(root) is None


@pytest.mark.parametrize("damage", ["cut", "other", "empty", "directory"])
def test_a_broken_file_is_as_none(root: bytes, damage: str) -> None:
    written(root)
    file = Path(os.fsdecode(root + FILE))
    content = file.read_bytes()
    if damage == "directory":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes({"cut": content[:-5], "other": content + b"nonsense\n", "empty": b""}[damage])
    assert recall(root) is None


def test_a_directory_with_a_tab_in_its_name_is_looked_up_each_time(tmp_path: Path) -> None:
    odd = tmp_path / "odd\tname"
    odd.mkdir()
    (odd / "devkit.toml").write_text("schema = 1\n")
    written(os.fsencode(odd))
    assert recall(os.fsencode(odd)) is None


def test_where_nothing_can_be_written_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / ".devkit").write_text("in the way")
    remember(os.fsencode(tmp_path), Remembered(b"-", "unix:///x"))
    assert recall(os.fsencode(tmp_path)) is None


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        (b"/home/me/shop", b"/app"),
        (b"/home/me/shop/app/Models", b"/app/app/Models"),
        (b"/home/me/shop/packages/mine/src", b"/mine/src"),
        (b"/home/me/shopping", b""),
        (b"/work", b""),
    ],
)
def test_a_directory_is_where_its_nearest_mount_puts_it(host: bytes, inside: bytes) -> None:
    place = Place(CONTAINER, [(b"/home/me/shop", b"/app"), (b"/home/me/shop/packages/mine", b"/mine")])
    assert place.inside(host) == inside


def test_a_mount_of_the_root_directory_holds_everything() -> None:
    assert Place(CONTAINER, [(b"/", b"/host")]).inside(b"/etc/ssl") == b"/host/etc/ssl"
    assert Place(CONTAINER, [(b"/srv", b"/")]).inside(b"/srv/x") == b"/x"
