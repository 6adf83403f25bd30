import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.images import base
from devkit.engine.images.base import bootstrap_directory, import_archive, with_proxies
from devkit.project.errors import CommandError

pytestmark = pytest.mark.unit

LOGIN = "http://person:$word's@proxy.example:3128"
PRINTED = "printf '%s|%s\\n' \"$http_proxy\" \"$https_proxy\"; tr '\\0' ' ' < /proc/$$/cmdline"


def printed(directory: Path) -> list[str]:
    command = [*with_proxies(directory), "sh", "-c", PRINTED]
    assert "word" not in " ".join(command)
    bare = {"PATH": "/usr/bin:/bin"}  # as sudo would leave it
    return subprocess.run(command, env=bare, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_proxys_login_reaches_debootstrap_and_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "apt_config", lambda: "")
    monkeypatch.setenv("http_proxy", LOGIN)
    monkeypatch.setenv("https_proxy", "http://other.example")
    values, arguments = printed(tmp_path)
    assert values == f"{LOGIN}|http://other.example"
    assert "word" not in arguments
    assert (tmp_path / "proxies").stat().st_mode & 0o077 == 0


def test_apts_own_proxy_counts_before_the_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "apt_config", lambda: 'Acquire::http::Proxy "http://cache.example:3142";\n')
    monkeypatch.setenv("http_proxy", LOGIN)
    monkeypatch.delenv("https_proxy", raising=False)
    assert printed(tmp_path)[0] == "http://cache.example:3142|"


def test_what_a_killed_bootstrap_left_is_removed_and_what_another_one_works_in_is_not(tmp_path: Path) -> None:
    for name in ("devkit-debian-left", "devkit-debian-at-work", "other"):
        (tmp_path / name / "root").mkdir(parents=True)
    at_work = os.open(tmp_path / "devkit-debian-at-work", os.O_RDONLY)
    try:
        fcntl.flock(at_work, fcntl.LOCK_EX)
        with bootstrap_directory(shutil.rmtree, tmp_path) as directory:
            names = {path.name for path in tmp_path.iterdir()}
            assert names == {"devkit-debian-at-work", "other", directory.name}
    finally:
        os.close(at_work)
    assert {path.name for path in tmp_path.iterdir()} == {"devkit-debian-at-work", "other"}


def test_what_cannot_be_removed_holds_no_other_bootstrap_up(tmp_path: Path) -> None:
    (tmp_path / "devkit-debian-left").mkdir()

    def remove(directory: Path) -> None:
        if directory.name == "devkit-debian-left":
            raise CommandError("rm: Device or resource busy")
        directory.rmdir()

    with bootstrap_directory(remove, tmp_path) as directory:
        assert directory.is_dir()
    assert not directory.exists()


def test_an_archiver_ends_with_an_import_that_fails(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nhead -c 1 > /dev/null; echo 'no space left on device' >&2; exit 1\n")
    docker.chmod(0o755)
    # Deaf to signals, as sudo is to a person's: it ends because nobody reads any more.
    endless = f"trap '' TERM; echo $$ > {tmp_path}/pid; while echo data; do :; done; exit 1"
    with pytest.raises(CommandError, match="could not be imported: no space left on device"):
        import_archive(Docker(docker, Endpoint("unix:///x", "default")), ["sh", "-c", endless], "a/b:c")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
