"""A private package that comes over SSH: from a real server, by a real agent, to a host that the person knows."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from company import run
from support import Project, first_run, remove

from devkit.engine.images.catalogue import DEBIAN
from devkit.engine.machine_trust import build_secrets, trust_for
from devkit.project.errors import CommandError
from devkit.project.paths import machine_paths
from devkit.setup.composer import ComposerRunner
from devkit.setup.project import open_project

pytestmark = pytest.mark.e2e

IMAGE = "devkit-test-sshd"
MARK = "the package that came over SSH"
SERVER = f"""
FROM {DEBIAN}
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \\
    --mount=type=secret,id=apt_sources,target=/etc/apt/sources.list.d/debian.sources,mode=0444 \\
    --mount=type=secret,id=apt_config,target=/etc/apt/apt.conf.d/99machine,mode=0444 \\
    apt-get update && apt-get install --yes --no-install-recommends git openssh-server \\
    && useradd --create-home --password '*' git && mkdir -p /run/sshd
"""


@dataclass(frozen=True)
class Server:
    """The repository's address, the key that it lets in and the line of known_hosts that it is known by."""

    url: str
    key: Path
    known: str


def make_repository(directory: Path) -> Path:
    tools = directory / "tools"
    (tools / "src").mkdir(parents=True)
    manifest = {"name": "acme/tools", "autoload": {"psr-4": {"Acme\\Tools\\": "src/"}}}
    (tools / "composer.json").write_text(json.dumps(manifest))
    (tools / "src/Mark.php").write_text(f'<?php namespace Acme\\Tools; class Mark {{ const TEXT = "{MARK}"; }}')
    who = ("-c", "user.name=Person", "-c", "user.email=person@example.com", "-c", "commit.gpgsign=false")
    run("git", "init", "--quiet", "--initial-branch", "main", str(tools))
    run("git", "add", ".", cwd=tools)
    run("git", *who, "commit", "--quiet", "--message", "First", cwd=tools)
    run("git", "tag", "1.0.0", cwd=tools)
    run("git", "clone", "--quiet", "--bare", str(tools), str(directory / "tools.git"))
    return directory / "tools.git"


@contextmanager
def git_server(directory: Path) -> Iterator[Server]:
    """sshd in a container, for the user git with one key."""
    with build_secrets() as secrets:
        given = [word for secret in secrets for word in ("--secret", secret.option)]
        context = directory / "image"
        context.mkdir()
        (context / "Dockerfile").write_text(SERVER)
        run("docker", "buildx", "build", "--load", *given, "--tag", IMAGE, str(context))
    key, host_key = directory / "key", directory / "host"
    for path in (key, host_key):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path))
    gateway = run("docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    with socket.create_server((gateway, 0)) as free:
        port = free.getsockname()[1]
    container = run("docker", "run", "--detach", "--rm", "--network", "host", IMAGE, "sleep", "3600")

    def inside(script: str) -> str:
        return run("docker", "exec", container, "sh", "-ec", script)

    try:
        for source, target in ((host_key, "/host"), (key.with_suffix(".pub"), "/key.pub")):
            run("docker", "cp", str(source), f"{container}:{target}")
        run("docker", "cp", str(make_repository(directory)), f"{container}:/home/git/tools.git")
        inside("install -D -o git -m 0600 /key.pub /home/git/.ssh/authorized_keys && chown -R git: /home/git")
        inside("chown root: /host && chmod 0600 /host")
        inside(f"/usr/sbin/sshd -h /host -p {port} -o ListenAddress={gateway} -o PasswordAuthentication=no")
        known = f"[{gateway}]:{port} {host_key.with_suffix('.pub').read_text()}"
        yield Server(f"ssh://git@{gateway}:{port}/home/git/tools.git", key, known)
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
        subprocess.run(["docker", "image", "rm", IMAGE], capture_output=True, check=False)


@contextmanager
def ssh_agent(directory: Path, key: Path) -> Iterator[Path]:
    """An agent that holds the key; it ends with the block."""
    sock = directory / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(sock)], stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        agent.stdout.readline()  # it says its address once it listens
        done = subprocess.run(["ssh-add", "-q", str(key)], env={**os.environ, "SSH_AUTH_SOCK": str(sock)}, check=False)
        assert done.returncode == 0
        yield sock
    finally:
        agent.terminate()
        agent.wait()
        if agent.stdout is not None:
            agent.stdout.close()


@dataclass(frozen=True)
class Inside:
    """A project with the package, on a machine of a person whose agent holds the key and who knows the host."""

    project: Project
    server: Server
    home: Path

    def composer(self, *command: str) -> list[str]:
        lines: list[str] = []
        opened = open_project(self.project.directory)
        trust = trust_for(self.project.directory, machine_paths())
        runner = ComposerRunner(opened.docker, opened.image, self.project.directory, machine_paths(), trust)
        runner.run(command, lines.append)
        return lines


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    place = Path(tmp_path_factory.mktemp("ssh"))
    home, persons = place / "home", Path.home()
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    with git_server(place) as server, ssh_agent(place, server.key) as agent, pytest.MonkeyPatch.context() as machine:
        (home / ".ssh/known_hosts").write_text(server.known)
        paths = machine_paths()
        for name, path in {
            "XDG_DATA_HOME": paths.data.parent,
            "XDG_CACHE_HOME": paths.cache.parent,
            "XDG_STATE_HOME": place / "state",
            "DOCKER_CONFIG": persons / ".docker",
            "NPM_CONFIG_USERCONFIG": persons / ".npmrc",
            "HOME": home,
            "SSH_AUTH_SOCK": agent,
        }.items():
            machine.setenv(name, str(path))
        directory = place / "over-ssh"
        try:
            project = first_run(directory, "--no-start")
            manifest = directory / "composer.json"
            packages = json.loads(manifest.read_text())
            packages["repositories"] = [*packages.get("repositories", []), {"type": "vcs", "url": server.url}]
            manifest.write_text(json.dumps(packages, indent=4))
            yield Inside(project, server, home)
        finally:
            remove(directory)


def test_the_agent_lets_composer_in_at_a_host_that_the_person_knows(inside: Inside) -> None:
    inside.composer("composer", "require", "acme/tools:1.0.0")
    assert MARK in (inside.project.directory / "vendor/acme/tools/src/Mark.php").read_text()


def test_a_build_fetches_it_and_keeps_no_key(inside: Inside) -> None:
    done = inside.project.devkit("build", "dependencies", "--json")
    assert done.status == 0, done.stderr[-4000:]
    show = ("docker", "run", "--rm", "--entrypoint", "sh", done.json["image"], "-c")
    assert MARK in run(*show, "cat /packages/acme/tools/src/Mark.php")
    assert run(*show, "find / -xdev -name ssh_known_hosts -size +0; ls /root/.ssh 2>/dev/null; true") == ""


def test_a_development_container_fetches_it_too(inside: Inside) -> None:
    done = inside.project.devkit("up", "app")
    assert done.status == 0, done.stderr
    shutil.rmtree(inside.project.directory / "vendor/acme")
    command = ["docker", "compose", "exec", "-T", "app", "composer", "install", "--no-cache", "--no-scripts"]
    run(*command, cwd=inside.project.directory)
    assert MARK in (inside.project.directory / "vendor/acme/tools/src/Mark.php").read_text()


def test_a_host_that_the_person_does_not_know_is_not_asked(inside: Inside) -> None:
    known = inside.home / ".ssh/known_hosts"
    before = known.read_text()
    try:
        known.unlink()
        with pytest.raises(CommandError) as error:
            inside.composer("git", "ls-remote", inside.server.url)
        assert "Host key verification failed" in error.value.detail
    finally:
        known.write_text(before)
