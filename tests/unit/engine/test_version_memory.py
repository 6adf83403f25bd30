"""The plugins are asked for their versions once, and again when a file of theirs is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.version_memory import known_versions
from devkit.engine.versions import Versions

pytestmark = pytest.mark.unit

CLIENT = """#!/bin/sh
echo "$*" >> {log}
case "$1 $2" in
  "version --format") echo '{{"Version": "26.1.5", "Components": [{{"Name": "Engine"}}]}}' ;;
  "compose version") echo {compose} ;;
  "buildx version") echo "github.com/docker/buildx 0.13.1 abc" ;;
esac
"""
REMOTE = Endpoint("tcp://engine.example:2376", "DOCKER_HOST")


class Client:
    """A docker command with two plugins, which writes down what it is asked."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.docker = Docker(directory / "docker", REMOTE)
        (directory / "cli-plugins").mkdir()
        for name in ("docker-compose", "docker-buildx"):
            (directory / "cli-plugins" / name).write_text("plugin")
        self.has_compose("2.26.1")

    def has_compose(self, version: str) -> None:
        """The client's own file stays the same."""
        self.docker.binary.write_text(CLIENT.format(log=self.directory / "log", compose=f"$(cat {self._version})"))
        self.docker.binary.chmod(0o755)
        self._version.write_text(version)

    def compose_is_replaced(self, version: str) -> None:
        self._version.write_text(version)
        plugin = self.directory / "cli-plugins" / "docker-compose"
        plugin.unlink()
        plugin.write_text(f"plugin {version}")

    def plugins_asked(self) -> int:
        """How often a plugin was started since this was asked last."""
        log = self.directory / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return sum(line.startswith(("compose", "buildx")) for line in lines)

    @property
    def _version(self) -> Path:
        return self.directory / "compose-version"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    (tmp_path / "client").mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "client"))
    return Client(tmp_path / "client")


def test_the_plugins_are_asked_once(client: Client, tmp_path: Path) -> None:
    versions = Versions("26.1.5", "2.26.1", "0.13.1")
    assert known_versions(client.docker, tmp_path / "state") == versions
    assert client.plugins_asked() == 2
    assert known_versions(client.docker, tmp_path / "state") == versions
    assert client.plugins_asked() == 0


def test_a_replaced_plugin_is_asked_again(client: Client, tmp_path: Path) -> None:
    known_versions(client.docker, tmp_path)
    client.plugins_asked()
    client.compose_is_replaced("2.40.0")
    assert known_versions(client.docker, tmp_path).compose == "2.40.0"
    assert client.plugins_asked() == 2


def test_a_plugin_in_a_directory_of_the_clients_settings_counts(client: Client, tmp_path: Path) -> None:
    known_versions(client.docker, tmp_path)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "docker-compose").write_text("another")
    (client.directory / "config.json").write_text(f'{{"cliPluginsExtraDirs": ["{tmp_path}/more"]}}')
    client.plugins_asked()
    known_versions(client.docker, tmp_path)
    assert client.plugins_asked() == 2


def test_what_is_too_old_is_not_remembered(client: Client, tmp_path: Path) -> None:
    client.has_compose("2.20.0")
    known_versions(client.docker, tmp_path)
    client.has_compose("2.26.1")
    assert known_versions(client.docker, tmp_path).compose == "2.26.1"


@pytest.mark.parametrize("text", ["", "[]", '{"programs": []}', "{"])
def test_a_broken_memory_is_no_harm(text: str, client: Client, tmp_path: Path) -> None:
    (tmp_path / "versions.json").write_text(text)
    assert known_versions(client.docker, tmp_path).compose == "2.26.1"
