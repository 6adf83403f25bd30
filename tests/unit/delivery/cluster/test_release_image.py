from __future__ import annotations

import pytest

from devkit.delivery.cluster.release_image import ReleaseImage, parse_reference, read_image
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        (DIGEST, f"registry.example/shop@{DIGEST}"),
        (f"other.example:5000/a/b@{DIGEST}", f"other.example:5000/a/b@{DIGEST}"),
        (f"other.example:5000/a/b:1.2@{DIGEST}", f"other.example:5000/a/b@{DIGEST}"),
    ],
)
def test_a_digest_is_taken_with_or_without_its_repository(given: str, reference: str) -> None:
    assert read_image(given, "registry.example/shop").reference == reference


@pytest.mark.parametrize("given", ["1.2", "shop:1.2", "registry.example:5000/shop", "latest"])
def test_a_tag_is_refused_with_the_reason(given: str) -> None:
    with pytest.raises(UsageError, match="is a tag: it may be another image by tomorrow") as caught:
        read_image(given, "shop")
    assert "sha256:…" in caught.value.hint


@pytest.mark.parametrize("given", ["sha256:12", f"shop@{DIGEST[:-1]}", f"@{DIGEST}", f"{DIGEST.upper()}x@sha256:"])
def test_half_a_digest_is_none(given: str) -> None:
    with pytest.raises(UsageError, match="no digest"):
        read_image(given, "shop")


def test_a_job_is_called_after_the_image() -> None:
    assert ReleaseImage("shop", DIGEST).short == "0123456789ab"
    assert ReleaseImage("shop-app", tag="rehearsal-ba9876543210").short == "ba9876543210"


@pytest.mark.parametrize(
    ("reference", "repository", "digest", "tag"),
    [
        (f"a.example:5000/shop@{DIGEST}", "a.example:5000/shop", DIGEST, ""),
        ("a.example:5000/shop:1", "a.example:5000/shop", "", "1"),
        ("a.example:5000/shop", "a.example:5000/shop", "", "latest"),
        ("shop-app:rehearsal-1", "shop-app", "", "rehearsal-1"),
    ],
)
def test_a_pods_image_is_read(reference: str, repository: str, digest: str, tag: str) -> None:
    assert parse_reference(reference) == ReleaseImage(repository, digest, tag)
