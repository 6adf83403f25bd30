"""A real one-node Kubernetes in a container of the engine: its image, its start and its end.

It is what kind does, of parts that need no image registry: `node/Dockerfile` says which. Images get into it as into
any node without a registry, from `docker save`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.delivery.cluster.loading import load_images
from devkit.delivery.cluster.local_clusters import LocalCluster
from devkit.engine.buildkit import BuildOutput, local_builder
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN
from devkit.engine.machine_trust import build_secrets, go_proxy, proxy_environment

FILES = Path(__file__).with_name("node")
IMAGE = "devkit.local/kubernetes-node:1"
PAUSE = "devkit.local/pause:1"
API_PORT = "6443/tcp"
REGISTRY_PORT = "5000/tcp"
SECONDS = 180


_HOSTS = b"""server = "http://127.0.0.1:5000"
"""


@dataclass(frozen=True)
class Node:
    """A node that is ready: `container` is the engine's name for it, `kubeconfig` reaches it from this machine.

    `registry` is a real one, in the node; under this name the engine pushes to it and the node pulls from it.
    """

    docker: Docker
    container: str
    kubeconfig: Path
    registry: str

    @property
    def environment(self) -> dict[str, str]:
        """os.environ with the cluster as the person's own."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig)}

    @property
    def load_command(self) -> str:
        """What takes the stream of `docker save` into the node, for a shell."""
        return f"docker exec --interactive {self.container} ctr --namespace k8s.io images import -"

    def load(self, *images: str) -> None:
        """Images of the engine, for the node's pods."""
        takes = LocalCluster("the node", tuple(self.load_command.split()), takes_stream=True)
        load_images(self.docker, takes, images)

    def kubectl(self, *arguments: str, input: str | None = None, check: bool = True) -> str:
        """What kubectl prints, as the cluster's administrator."""
        done = subprocess.run(
            ["kubectl", *arguments], env=self.environment, input=input, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    @property
    def address(self) -> str:
        """Where node ports answer."""
        return (
            self.docker.run(
                "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", self.container
            )
            .stdout.decode()
            .strip()
        )


def why_not(docker: Docker) -> str | None:
    """Why no node can run on this machine; None where one can."""
    if not docker.endpoint.socket_path:
        return "the engine is on another machine: a node's ports would be there"
    said = docker.json("info", "--format", "{{json .}}")
    if said["OSType"] != "linux" or said["OperatingSystem"].startswith("Docker Desktop"):
        return "the engine runs in a virtual machine, whose containers have no address here"
    if any("rootless" in option for option in said["SecurityOptions"]):
        return "the engine is rootless: a node is a privileged container"
    return None


def provide_node_image(docker: Docker, output: BuildOutput) -> None:
    """The node's image and the sandbox's; from the cache where nothing of them has changed."""
    build_images(docker, FILES, {"pause-image": PAUSE, "node": IMAGE}, output)


def build_images(docker: Docker, directory: Path, tags: Mapping[str, str], output: BuildOutput) -> None:
    """Stages of a Dockerfile that stands on devkit's own Debian, under the tags that are given for each."""
    with build_secrets() as secrets:
        for target, tag in tags.items():
            arguments = ["buildx", "build", "--builder", local_builder(docker), "--load", "--progress", "rawjson"]
            arguments += ["--target", target, "--tag", tag]
            for argument in (f"BASE={DEBIAN}", *go_proxy(), *proxy_environment()):
                arguments += ["--build-arg", argument]
            for secret in secrets:
                arguments += ["--secret", secret.option]
            added = go_proxy() | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
            status = docker.stream(*arguments, str(directory), on_line=output.feed, env=added)
            if status:
                raise output.failure(f"{tag} could not be built", "run the same command again", status)


@contextmanager
def running_node(docker: Docker, directory: Path) -> Iterator[Node]:
    """A node whose pods can run, for the block; `directory` keeps its kubeconfig."""
    container = (
        docker.run(
            "run", "--detach", "--privileged", "--cgroupns", "private", "--hostname", "node",
            "--tmpfs", "/run", "--tmpfs", "/tmp", "--publish", f"127.0.0.1::{API_PORT}",
            "--publish", f"127.0.0.1::{REGISTRY_PORT}", IMAGE,
        )
        .stdout.decode()
        .strip()
    )  # fmt: skip
    try:
        status = docker.run("exec", container, "node-ready", check=False, timeout=SECONDS)
        logs = docker.run("logs", "--tail", "40", container, check=False)
        assert status.returncode == 0, (logs.stdout + logs.stderr + status.stderr).decode()
        port = _published(docker, container, API_PORT).rpartition(":")[2]
        text = docker.run("exec", container, "cat", "/run/node/admin.kubeconfig").stdout.decode()
        kubeconfig = directory / "kubeconfig"
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(text.replace(":6443", f":{port}"), encoding="utf-8")
        registry = _published(docker, container, REGISTRY_PORT)
        hosts = f"/etc/node/certs.d/{registry}"
        docker.run("exec", container, "mkdir", "-p", hosts)
        docker.run("exec", "--interactive", container, "tee", f"{hosts}/hosts.toml", input=_HOSTS)
        node = Node(docker, container, kubeconfig, registry)
        node.load(PAUSE)
        yield node
    finally:
        docker.run("rm", "--force", "--volumes", container, check=False)


def _published(docker: Docker, container: str, port: str) -> str:
    """The address on this machine."""
    return docker.run("port", container, port).stdout.decode().split()[0]
