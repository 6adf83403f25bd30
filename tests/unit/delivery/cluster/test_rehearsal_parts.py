"""What a rehearsal is made of, as far as it needs no cluster: its Secret, images, load, and ways into a node."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from overlay_project import DIGEST, write_project

from devkit.delivery.cluster.kubectl import find_kubectl
from devkit.delivery.cluster.load import LoadOptions, address_of, load_objects, load_result
from devkit.delivery.cluster.loading import load_images
from devkit.delivery.cluster.local_clusters import LocalCluster
from devkit.delivery.cluster.objects import Release
from devkit.delivery.cluster.overlays import read_overlay
from devkit.delivery.cluster.rehearsal_images import not_on_nodes
from devkit.delivery.cluster.rehearsal_secrets import secret_object
from devkit.delivery.cluster.release_image import ReleaseImage
from devkit.delivery.cluster.rendering import render
from devkit.engine.connection import find_endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError, FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def release(tmp_path: Path) -> Release:
    overlay = read_overlay(write_project(tmp_path), "staging", "shop-app")
    return render(find_kubectl(), overlay, ReleaseImage("shop-app", tag="rehearsal-0123456789ab"), "default")


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    """A docker whose `save` writes the names that it was given; one called missing it does not have."""
    program = tmp_path / "docker"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *missing*) echo "No such image: missing" >&2; exit 1;; esac\necho "$@"\n'
    )
    program.chmod(0o755)
    return Docker(program, find_endpoint({}))


def test_a_secret_has_a_fresh_value_for_each_name_and_laravels_key_its_form() -> None:
    one, other = (secret_object("s", ("APP_KEY", "DB_PASSWORD"))["stringData"] for _ in range(2))
    assert set(one) == {"APP_KEY", "DB_PASSWORD"}
    assert len(base64.b64decode(one["APP_KEY"].removeprefix("base64:"))) == 32
    assert re.fullmatch(r"[\w-]{20,}", one["DB_PASSWORD"])
    assert one["APP_KEY"] != other["APP_KEY"] and one["DB_PASSWORD"] != other["DB_PASSWORD"]


def test_an_image_that_every_node_has_is_not_loaded_again() -> None:
    def node(*names: str) -> dict[str, Any]:
        return {"status": {"images": [{"names": list(names)}]}}

    nodes = [node("docker.io/library/redis:8", "docker.io/axllent/mailpit:1"), node("docker.io/library/redis:8")]
    images = ["redis:8", "axllent/mailpit:1", "shop-app:x"]
    assert not_on_nodes(nodes, images) == ["axllent/mailpit:1", "shop-app:x"]
    assert not_on_nodes(nodes[:1], images) == ["shop-app:x"]


def test_the_load_runs_as_the_application_does_and_may_reach_it(release: Release) -> None:
    service = release.of_kind("Service")[0]
    objects = {one["kind"]: one for one in load_objects(release, service, "10.0.0.1:80", LoadOptions(connections=2))}
    spec = objects["Pod"]["spec"]
    (container,) = spec["containers"]
    assert container["image"] == "shop-app:rehearsal-0123456789ab"
    assert container["securityContext"]["readOnlyRootFilesystem"] and spec["securityContext"]["runAsNonRoot"]
    assert {one["name"]: one["value"] for one in container["env"]}["TARGET"] == "10.0.0.1:80"
    assert "load.php" in objects["ConfigMap"]["data"]
    assert {one["metadata"]["namespace"] for one in objects.values()} == {"shop-staging"}


@pytest.mark.parametrize(
    ("address", "where"),
    [("10.96.0.7", "10.96.0.7:80"), ("fd00::7", "[fd00::7]:80"), ("None", "web.shop.svc:80")],
)
def test_a_service_is_asked_where_it_answers(address: str, where: str) -> None:
    metadata = {"name": "web", "namespace": "shop"}
    assert address_of({"metadata": metadata, "spec": {"clusterIP": address, "ports": [{"port": 80}]}}) == where


def test_what_was_counted_is_handed_on() -> None:
    counted = {"requests": 5, "failed": 1, "seconds": 2.5, "p50": 1.5, "p99": None, "failures": [{"why": "status 502"}]}
    assert load_result(counted).to_json() == {
        "requests": 5,
        "failed": 1,
        "seconds": 2.5,
        "p50_ms": 1.5,
        "p99_ms": None,
        "failures": [{"why": "status 502"}],
    }


def test_a_stream_reaches_the_command_that_takes_it(docker: Docker, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    load_images(docker, LocalCluster("lab", ("tee", str(taken)), takes_stream=True), ["redis:8", "shop-app:x"])
    assert taken.read_text() == "save redis:8 shop-app:x\n"


def test_a_tool_that_takes_names_is_given_them(docker: Docker, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    load_images(docker, LocalCluster("kind", ("sh", "-c", f'echo "$@" > {taken}', "kind")), ["redis:8"])
    assert taken.read_text() == "redis:8\n"


def test_where_the_engine_is_shared_nothing_is_to_be_done(docker: Docker) -> None:
    load_images(replace(docker, binary=Path("/nowhere")), LocalCluster("OrbStack"), ["redis:8"])


@pytest.mark.parametrize(
    ("cluster", "images", "message"),
    [
        (LocalCluster("kind", ("no-such-tool", "load")), ["a:1"], "there is no no-such-tool on the PATH"),
        (LocalCluster("kind", ("sh", "-c", "echo no nodes found; exit 3")), ["a:1"], "into kind: no nodes found"),
        (LocalCluster("lab", ("sh", "-c", "cat; exit 4"), takes_stream=True), ["a:1"], "into lab: save a:1"),
        (LocalCluster("lab", ("cat",), takes_stream=True), ["missing"], "docker save failed: No such image: missing"),
    ],
)
def test_what_goes_wrong_is_said_in_the_tools_words(
    docker: Docker, cluster: LocalCluster, images: list[str], message: str
) -> None:
    with pytest.raises((FailedError, CommandError), match=re.escape(message)):
        load_images(docker, cluster, images)


def test_a_digest_is_none_of_a_rehearsals(release: Release) -> None:
    assert release.image.short == "0123456789ab"
    assert [one["metadata"]["name"] for one in release.part("migration")] == ["migrate-0123456789ab"]
    assert DIGEST not in str(release.objects)
