"""A real Kubernetes for the tests, one for all of them; where none can run they are left out, with the reason."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from node import Node, provide_node_image, running_node, why_not
from release import SERVICES, Shop, made_shop

from devkit.engine.buildkit import BuildOutput
from devkit.engine.docker import Docker, find_docker


@pytest.fixture(scope="session")
def docker() -> Docker:
    """The engine of this machine; the test command has started it."""
    found = find_docker()
    found.ping()
    return found


@pytest.fixture(scope="session")
def cluster(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node that is ready. What a test makes there it takes away: namespaces of its own are the simplest."""
    reason = why_not(docker)
    if reason:
        pytest.skip(f"no Kubernetes can run here: {reason}")
    provide_node_image(docker, BuildOutput())
    with running_node(docker, tmp_path_factory.mktemp("kubernetes")) as node:
        yield node


@pytest.fixture(scope="session")
def shop(cluster: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project with MySQL, Redis, a queue and a scheduler, and its manifests."""
    with made_shop(tmp_path_factory.mktemp("kubernetes") / f"shop-{secrets.token_hex(3)}", cluster) as made:
        yield made


@pytest.fixture(scope="session")
def rehearsed(shop: Shop) -> Shop:
    """The same after `devkit deploy local`, which makes the environment `rehearsal`."""
    done = shop.devkit("--json", "deploy", "local")
    assert done.status == 0, done.stderr[-4000:]
    return shop


@pytest.fixture(scope="session")
def pushed(shop: Shop) -> str:
    """The image for production in the registry, by its digest."""
    repository = f"{shop.node.registry}/team/shop"
    done = shop.devkit("build", "app", "--push", "--tag", f"{repository}:1")
    assert done.status == 0, done.stderr[-3000:]
    shop.node.load(*SERVICES)
    reference = done.stdout.strip().splitlines()[-1]
    assert reference.rpartition("@")[2].startswith("sha256:")
    return f"{repository}@{reference.rpartition('@')[2]}"
