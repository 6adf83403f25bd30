"""devkit as a user who is not root: what that user may not do is said before anything is written."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from laravel_application import laravel
from support import Finished, devkit
from unix_http import serving

from devkit.doctor.project_checks import WRITABLE
from devkit.engine.connection import DEFAULT_SOCKET
from devkit.project.ports import PortState, port_state

pytestmark = pytest.mark.e2e

NOBODY = 65534


@dataclass(frozen=True)
class Nobody:
    """A user with a home of its own, in a place that every user can reach (pytest's own directories are root's)."""

    place: Path

    @property
    def home(self) -> Path:
        return self.place / "home"

    def devkit(self, *arguments: str, groups: Sequence[int] = (), env: dict[str, str] | None = None) -> Finished:
        """Run devkit as nobody. Reading is not what these tests are about: the tests' own Python may be root's."""
        user = [f"--reuid={NOBODY}", f"--regid={NOBODY}"]
        user += [f"--groups={','.join(map(str, groups))}"] if groups else ["--clear-groups"]
        reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
        variables = {"HOME": str(self.home), "DOCKER_CONFIG": "", **(env or {})}
        for name in ("DATA", "CACHE", "STATE", "CONFIG"):
            variables[f"XDG_{name}_HOME"] = str(self.home / name.lower())
        return devkit(*arguments, directory=self.home, through=["setpriv", *user, *reading], env=variables)


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    place = Path(tempfile.mkdtemp(prefix="devkit-"))
    place.chmod(0o755)
    user = Nobody(place)
    user.home.mkdir()
    os.chown(user.home, NOBODY, NOBODY)
    try:
        yield user
    finally:
        shutil.rmtree(place)


def assert_refused(done: Finished, status: int, words: str) -> None:
    assert done.status == status, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert words in error["message"]
    assert error["hint"]
    assert "\n" not in error["message"]
    assert "Traceback" not in done.stderr


def test_a_directory_that_is_not_writable_is_refused(nobody: Nobody) -> None:
    theirs = laravel(nobody.place / "theirs")
    for directory in (theirs, theirs / "new", nobody.place / "new"):
        assert_refused(nobody.devkit("init", str(directory), "--yes", "--json"), 2, "is not writable")
    assert sorted(path.name for path in theirs.iterdir()) == ["artisan", "composer.json"]
    assert sorted(path.name for path in nobody.place.iterdir()) == ["home", "theirs"]


def test_a_project_of_somebody_else_is_not_changed(nobody: Nobody) -> None:
    settings = nobody.place / "devkit.toml"
    settings.write_text('schema = 1\n[project]\nname = "theirs"\n')
    before = settings.read_bytes()
    done = nobody.devkit("--json", "--yes", "--project", str(nobody.place), "config", "set", "php.workers", "8")
    assert_refused(done, 1, "not permitted: ")
    assert settings.read_bytes() == before
    assert sorted(path.name for path in nobody.place.iterdir()) == ["devkit.toml", "home"]


def test_what_root_left_in_a_project_is_given_back_to_its_owner(nobody: Nobody) -> None:
    project = laravel(nobody.home / "shop")
    (project / "devkit.toml").write_text('schema = 1\n[project]\nname = "theirs"\n')
    for name in WRITABLE:
        (project / name).mkdir(parents=True, exist_ok=True)
    for path in (project, *project.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    log = project / "storage" / "logs" / "laravel.log"
    log.write_text("x")
    log.chmod(0o644)
    os.chown(project / "bootstrap" / "cache", 0, 0)

    def writable() -> dict[str, str]:
        checks = devkit("--json", "doctor", directory=project).json["checks"]
        return next(check for check in checks if check["id"] == "writable")

    assert "storage/logs/laravel.log" in writable()["why"] and "bootstrap/cache" in writable()["why"]
    devkit("--yes", "doctor", "--fix", directory=project)
    assert writable()["status"] == "ok"
    assert (log.stat().st_uid, stat.S_IMODE(log.stat().st_mode)) == (NOBODY, 0o644)


def test_a_user_who_may_not_use_the_engine_is_told_so_and_nothing_stays(nobody: Nobody) -> None:
    done = nobody.devkit("init", "deep/shop", "--yes", "--json", "--images", "local")
    assert_refused(done, 3, "permission denied")
    assert not (nobody.home / "deep").exists()


ROOTLESS = {"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]}
FULL_DISK = {"DockerRootDir": "/proc"}
"""What two engines say of themselves: one that runs without root, and one whose images lie where no space is at all."""


@contextmanager
def engine_of_all(path: Path, info: dict[str, Any]) -> Iterator[str]:
    """As much of an engine, open to every user, as is asked before anything is written."""
    answers: dict[str, Any] = {
        "/_ping": "OK",
        "/version": {"Version": "28.0.0", "Components": [{"Name": "Engine"}]},
        "/info": info,
        "/containers/json": [],
    }

    def answer(path: str) -> tuple[int, bytes]:
        found = path in answers
        return 200 if found else 404, json.dumps(answers[path] if found else {"message": "No such image"}).encode()

    with serving(path, answer) as host:
        path.chmod(0o666)
        yield host


def low_port() -> int:
    """A port that needs privileges and that nobody listens on: 80 if it can be had."""
    assert int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) > 1000
    return next(port for port in (80, *range(81, 1000)) if port_state(port) is PortState.FREE)


def test_a_port_that_neither_the_user_nor_the_engine_may_bind_is_refused(nobody: Nobody) -> None:
    port = low_port()
    with engine_of_all(nobody.place / "engine.sock", ROOTLESS) as host:
        for flags in (("--port", str(port)), ("--set", f"ports.app={port}")):
            done = nobody.devkit(
                "init", "shop", "--yes", "--json", "--images", "local", *flags, env={"DOCKER_HOST": host}
            )
            assert_refused(done, 2, f"port {port} cannot be bound")
    assert not (nobody.home / "shop").exists()


def test_a_disk_that_is_full_is_told_before_anything_is_written(nobody: Nobody) -> None:
    with engine_of_all(nobody.place / "engine.sock", FULL_DISK) as host:
        done = nobody.devkit("init", "shop", "--yes", "--json", "--images", "local", env={"DOCKER_HOST": host})
    assert_refused(done, 1, "0.0 GiB free in /proc; images and builds need 5")
    assert not (nobody.home / "shop").exists()


def test_a_low_port_that_the_engine_binds_is_used(nobody: Nobody) -> None:
    """A whole first run of a user who is in the engine's group."""
    port, group = low_port(), DEFAULT_SOCKET.stat().st_gid
    directory = nobody.home / "low-port"
    try:
        done = nobody.devkit("init", str(directory), "--yes", "--json", "--port", str(port), groups=[group])
        assert done.status == 0, done.stderr
        assert done.json["url"] == f"http://localhost:{port}"
        assert not any("is taken by" in warning for warning in done.json["warnings"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/up")
        assert connection.getresponse().status == 200
        connection.close()
        assert {path.stat().st_uid for path in (directory, *directory.rglob("*")) if not path.is_symlink()} == {NOBODY}
        assert stat.S_IMODE((directory / ".env").stat().st_mode) == 0o600
    finally:
        if directory.exists():
            nobody.devkit("--yes", "--project", str(directory), "down", "--volumes", groups=[group])


def test_a_consent_without_the_rights_is_told_what_to_type(nobody: Nobody) -> None:
    done = nobody.devkit("init", "shop", "--yes", "--json", "--images", "local", "--install-docker")
    assert_refused(done, 3, "needs root, and sudo asks for a password or is missing")
    assert json.loads(done.stdout)["error"]["hint"].startswith("run: ")
    assert not (nobody.home / "shop").exists()
