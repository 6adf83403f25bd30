from __future__ import annotations

from pathlib import Path

import pytest

from devkit.setup.trust import _install, _nss_databases, _Store

pytestmark = pytest.mark.unit


def store(source: Path, target: Path, *, already: bool = False) -> _Store:
    command = ("install", "-D", "-m", "644", str(source), str(target))
    return _Store("a store", (command,), as_root=False, already=lambda: already)


def test_a_certificate_is_put_where_the_store_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_text("certificate")
    result = _install(store(tmp_path / "root.crt", tmp_path / "deep" / "a.crt"), may_ask=False)
    assert result.status == "trusted"
    assert (tmp_path / "deep" / "a.crt").read_text() == "certificate"


def test_what_is_trusted_already_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.crt"
    assert _install(store(tmp_path / "none", target, already=True), may_ask=False).status == "already trusted"
    assert not target.exists()


def test_what_fails_is_left_to_the_person_with_the_command_to_run(tmp_path: Path) -> None:
    result = _install(store(tmp_path / "none", tmp_path / "it's" / "a.crt"), may_ask=False)
    assert result.status == "by hand"
    assert result.command.startswith("install -D -m 644")


def test_only_browser_profiles_with_a_certificate_database_count(tmp_path: Path) -> None:
    for folder in (".pki/nssdb", ".mozilla/firefox/abc.default", ".mozilla/firefox/empty"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".pki/nssdb/cert9.db").touch()
    (tmp_path / ".mozilla/firefox/abc.default/cert9.db").touch()
    assert [path.name for path in _nss_databases(tmp_path)] == ["abc.default", "nssdb"]
