"""The base images of every stack: the official references, and which of them have a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from devkit.project.errors import UsageError
from devkit.project.settings import DEFAULT_NODE, DEFAULT_PHP

DEBIAN = "devkit.local/debian:forky"
"""The Debian image that every stand-in is built from; made on this machine."""

STAND_IN_LABEL = "org.devkit.stand-in"
"""An image with this label is a stand-in; its value is the official image's name."""

INPUTS_LABEL = "org.devkit.stand-in.inputs"
"""A digest of what a stand-in (or its Debian) was made of: with another one it is to be made again."""

STAND_IN_PHP = "8.4"
STAND_IN_NODE = "24"

FRANKENPHP_VERSION = "1.12.6"
NODE_PATCH_VERSIONS: Mapping[str, str] = MappingProxyType({"24": "24.21.0"})
"""The patch version that stands for a major one; any other is used as it was given."""


@dataclass(frozen=True)
class BaseImage:
    """One base image: `stand_in` is its directory under scaffolds/images, None where there is no stand-in.

    `stand_in_for` is what the stand-in is made for ("" for every version that can be asked for): a version
    other than that has to come from a registry. `contexts` are directories beside it that its build takes too.
    """

    key: str
    reference: str
    stand_in: str | None
    version: str = ""
    stand_in_for: str = ""
    contexts: tuple[str, ...] = ()

    @property
    def can_be_built(self) -> bool:
        """Whether this machine can make it without a registry, in the version that is asked for."""
        return self.stand_in is not None and _same_branch(self.version, self.stand_in_for)


def _fixed(key: str, reference: str, *, stand_in: bool = False, contexts: tuple[str, ...] = ()) -> BaseImage:
    return BaseImage(key, reference, key if stand_in else None, contexts=contexts)


_COMMON = ("common",)


BASES: Mapping[str, BaseImage] = MappingProxyType(
    {
        base.key: base
        for base in (
            BaseImage(
                "frankenphp",
                f"dunglas/frankenphp:{FRANKENPHP_VERSION}-php{{php}}-trixie",
                "frankenphp",
                "{php}",
                STAND_IN_PHP,
                ("composer",),
            ),
            BaseImage("node", "node:{node}-trixie-slim", "node", "{node}", STAND_IN_NODE),
            _fixed("mysql", "mysql:9.7.4", stand_in=True, contexts=_COMMON),
            _fixed("mariadb", "mariadb:11.8.9", stand_in=True, contexts=_COMMON),
            _fixed("postgres", "postgres:18.6", stand_in=True, contexts=_COMMON),
            _fixed("redis", "redis:8.0.6", stand_in=True, contexts=_COMMON),
            _fixed("valkey", "valkey/valkey:9.1.2", stand_in=True, contexts=_COMMON),
            _fixed("mailpit", "axllent/mailpit:v1.27.10", stand_in=True),
            _fixed("memcached", "memcached:1.6.39"),
            _fixed("rabbitmq", "rabbitmq:4.1.4-management"),
            _fixed("meilisearch", "getmeili/meilisearch:v1.22.1"),
            _fixed("typesense", "typesense/typesense:29.0"),
            _fixed("s3", "rustfs/rustfs:1.0.0-alpha.56"),
            _fixed("mongodb", "mongo:8.0.14"),
            _fixed("selenium", "selenium/standalone-chromium:140.0"),
        )
    }
)
"""By key. The references of frankenphp and node take a version: `base_image` fills it in."""


def base_image(key: str, php_version: str = DEFAULT_PHP, node_version: str = DEFAULT_NODE) -> BaseImage:
    """The base image of this key, for these versions; UsageError for a key that is unknown."""
    try:
        base = BASES[key]
    except KeyError:
        raise UsageError(f"unknown base image {key!r}", f"the images are: {', '.join(BASES)}") from None
    versions = {"php": php_version, "node": NODE_PATCH_VERSIONS.get(node_version, node_version)}
    return replace(base, reference=base.reference.format(**versions), version=base.version.format(**versions))


def _same_branch(version: str, branch: str) -> bool:
    """Whether 24.1.0 or 24 are of the branch 24: compared part by part, so that 8.40 is not of 8.4."""
    parts, wanted = version.split("."), branch.split(".") if branch else []
    return parts[: len(wanted)] == wanted
