"""Finding the engine's endpoint, with real sockets under a home of their own."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint, deciding_files, find_endpoint, why_unreachable
from devkit.project.errors import EngineError

pytestmark = pytest.mark.unit


class Home:
    """A home directory, and sockets that really listen; a Unix socket's path must be short."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root = root
        self.default = root / "run" / "docker.sock"
        self._stack = stack

    def listen(self, *parts: str) -> Path:
        path = self.root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        server = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(path))
        server.listen()
        return path

    def context(self, name: str, host: str, *, current: bool = False) -> None:
        config = self.root / ".docker"
        directory = config / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        directory.mkdir(parents=True)
        meta = {"Name": name, "Endpoints": {"docker": {"Host": host}}}
        (directory / "meta.json").write_text(json.dumps(meta))
        if current:
            (config / "config.json").write_text(json.dumps({"currentContext": name}))

    def find(self, **environ: str) -> Endpoint:
        environ = {"XDG_RUNTIME_DIR": str(self.root / "runtime"), **environ}
        return find_endpoint(environ, self.root, default=self.default)


@pytest.fixture
def home() -> Iterator[Home]:
    root = Path(tempfile.mkdtemp(prefix="dk"))
    with ExitStack() as stack:
        yield Home(root, stack)
    shutil.rmtree(root)


def test_docker_host_comes_before_everything(home: Home) -> None:
    home.context("other", "unix:///elsewhere.sock", current=True)
    home.listen("run", "docker.sock")
    assert home.find(DOCKER_HOST="tcp://10.0.0.1:2376").host == "tcp://10.0.0.1:2376"


def test_a_docker_host_without_a_scheme_is_tcp_as_for_the_docker_command(home: Home) -> None:
    assert home.find(DOCKER_HOST="10.0.0.1:2375").host == "tcp://10.0.0.1:2375"


def test_docker_context_comes_before_the_current_context(home: Home) -> None:
    home.context("kept", "unix:///kept.sock", current=True)
    home.context("named", "ssh://someone@host")
    found = home.find(DOCKER_CONTEXT="named")
    assert (found.host, found.source, found.socket_path) == ("ssh://someone@host", "context named", None)


def test_the_current_context_comes_before_the_default_socket(home: Home) -> None:
    home.listen("run", "docker.sock")
    home.context("colima", "unix:///colima.sock", current=True)
    assert home.find() == Endpoint("unix:///colima.sock", "context colima")


def test_a_context_that_does_not_exist_is_named(home: Home) -> None:
    with pytest.raises(EngineError, match="context 'gone' does not exist"):
        home.find(DOCKER_CONTEXT="gone")


def test_a_broken_docker_configuration_is_passed_over_as_docker_does(home: Home) -> None:
    path = home.listen("run", "docker.sock")
    (home.root / ".docker").mkdir()
    (home.root / ".docker" / "config.json").write_text("{broken")
    assert home.find() == Endpoint(f"unix://{path}", "default")


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        (("runtime", "docker.sock"), "rootless Docker"),
        ((".docker", "run", "docker.sock"), "Docker Desktop"),
        ((".colima", "default", "docker.sock"), "Colima"),
        ((".orbstack", "run", "docker.sock"), "OrbStack"),
        (("runtime", "podman", "podman.sock"), "Podman"),
    ],
)
def test_other_engines_are_found_where_nothing_listens_on_the_default_socket(
    home: Home, parts: tuple[str, ...], source: str
) -> None:
    path = home.listen(*parts)
    assert home.find() == Endpoint(f"unix://{path}", source)
    assert not home.find().found_by_docker


def test_a_socket_file_that_outlived_its_engine_does_not_hide_a_running_one(home: Home) -> None:
    home.default.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(home.default))
    path = home.listen("runtime", "docker.sock")
    assert home.find().socket_path == path


def test_a_refused_socket_is_told_apart_from_a_missing_one_and_from_missing_permission() -> None:
    endpoint = Endpoint("unix:///run/docker.sock", "default")
    refused = why_unreachable(endpoint, ConnectionRefusedError(), 3)
    missing = why_unreachable(endpoint, FileNotFoundError(), 3)
    denied = why_unreachable(endpoint, PermissionError(), 3)
    assert "nothing listens" in refused.message
    assert "does not exist" in missing.message
    assert "permission denied" in denied.message
    assert "usermod -aG docker" in denied.hint


def test_the_hint_starts_the_engine_that_the_endpoint_belongs_to() -> None:
    colima = why_unreachable(Endpoint("unix:///c.sock", "context colima"), ConnectionRefusedError(), 3)
    rootless = why_unreachable(Endpoint("unix:///r.sock", "rootless Docker"), ConnectionRefusedError(), 3)
    assert "colima start" in colima.hint
    assert "systemctl --user start docker" in rootless.hint


def test_what_the_search_looks_at_is_known_also_where_it_is_not_there_yet(tmp_path: Path) -> None:
    looked_at = deciding_files({}, tmp_path, default=tmp_path / "docker.sock")
    assert looked_at[:2] == (tmp_path / ".docker/config.json", tmp_path / "docker.sock")
    assert tmp_path / ".orbstack/run/docker.sock" in looked_at
    assert deciding_files({"DOCKER_HOST": "unix:///x"}, tmp_path) == ()


def test_a_context_is_read_from_two_files(tmp_path: Path) -> None:
    config, meta = deciding_files({"DOCKER_CONTEXT": "remote", "DOCKER_CONFIG": str(tmp_path)}, tmp_path)
    assert (config, meta.name) == (tmp_path / "config.json", "meta.json")
    assert meta.is_relative_to(tmp_path / "contexts/meta")
