"""The application's image of a release: always by digest, but on a cluster of this machine, which has no registry."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devkit.project.errors import UsageError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHORT = 12
_HINT = "devkit build --push prints the digest; so does docker buildx imagetools inspect"


@dataclass(frozen=True)
class ReleaseImage:
    """A repository with a digest (`sha256:…`), or with a tag where the image was loaded into a cluster by hand."""

    repository: str
    digest: str = ""
    tag: str = ""

    @property
    def reference(self) -> str:
        """What stands in the pods."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"

    @property
    def short(self) -> str:
        """What the migration's Job is called after: the digest's beginning, or the tag's end."""
        return self.digest.removeprefix("sha256:")[:_SHORT] if self.digest else self.tag.rpartition("-")[2]


def read_image(given: str, repository: str) -> ReleaseImage:
    """The image that `--image` names; `repository` is the overlay's. UsageError for a tag, with the reason."""
    name, at, digest = given.rpartition("@")
    if _DIGEST.fullmatch(digest) and (not at or name):
        return ReleaseImage(_without_tag(name) if at else repository, digest)
    if at or digest.startswith("sha256:"):
        raise UsageError(f"--image {given}: no digest, which is sha256: and 64 hexadecimal digits", _HINT)
    raise UsageError(
        f"--image {given} is a tag: it may be another image by tomorrow, and then nobody knows what was released"
        " or what to go back to",
        f"name the digest: {_without_tag(given)}@sha256:…; {_HINT}",
    )


def parse_reference(reference: str) -> ReleaseImage:
    """An image's reference as it stands in a pod."""
    name, at, digest = reference.partition("@")
    if at:
        return ReleaseImage(_without_tag(name), digest)
    repository = _without_tag(name)
    return ReleaseImage(repository, tag=name[len(repository) + 1 :] or "latest")


def _without_tag(name: str) -> str:
    """`registry:5000/shop:1.2` without `:1.2`: a port is no tag."""
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name
