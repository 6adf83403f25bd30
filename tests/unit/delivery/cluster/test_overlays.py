from __future__ import annotations

from pathlib import Path

import pytest
from overlay_project import DIGEST, STAGING, write_project

from devkit.delivery.cluster.environments import environments
from devkit.delivery.cluster.overlays import read_overlay
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def test_every_directory_with_a_kustomization_is_an_environment(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "kubernetes/overlays/notes").mkdir()
    assert environments(tmp_path) == ["staging"]


def test_without_any_it_says_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_overlay(tmp_path, "staging", "shop-app")
    assert caught.value.hint == "devkit scaffold kubernetes"


def test_an_unknown_one_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no environment 'stagin'") as caught:
        read_overlay(write_project(tmp_path), "stagin", "shop-app")
    assert caught.value.hint == "the environments are: staging"


def test_the_overlays_own_digest_is_the_release(tmp_path: Path) -> None:
    overlay = read_overlay(write_project(tmp_path), "staging", "shop-app")
    assert overlay.image(None).reference == f"registry.example:5000/team/shop@{DIGEST}"
    other = f"sha256:{'f' * 64}"
    assert overlay.image(other).reference == f"registry.example:5000/team/shop@{other}"


@pytest.mark.parametrize("digest", [f"sha256:{'0' * 64}", '""'])
def test_an_overlay_without_a_digest_asks_for_one(tmp_path: Path, digest: str) -> None:
    overlay = read_overlay(write_project(tmp_path, overlay=STAGING.format(digest=digest)), "staging", "shop-app")
    with pytest.raises(UsageError, match="staging names no digest of shop-app"):
        overlay.image(None)


def test_an_overlay_that_names_no_repository_wants_one_with_the_digest(tmp_path: Path) -> None:
    write_project(tmp_path, overlay="resources: [../../base]\n")
    overlay = read_overlay(tmp_path, "staging", "shop-app")
    with pytest.raises(UsageError, match="staging names no repository of shop-app") as caught:
        overlay.image(DIGEST)
    assert f"--image REPOSITORY@{DIGEST}" in caught.value.hint
    assert overlay.image(f"a.example/b@{DIGEST}").reference == f"a.example/b@{DIGEST}"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    write_project(tmp_path, overlay="images: [\n")
    with pytest.raises(UsageError, match=r"kubernetes/overlays/staging/kustomization.yaml cannot be read"):
        read_overlay(tmp_path, "staging", "shop-app")
