"""The files of delivery that the first run can write: by the word that `devkit scaffold` takes, with a title."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DELIVERIES: Mapping[str, str] = MappingProxyType(
    {"github": "GitHub Actions", "gitlab": "GitLab CI", "kubernetes": "Kubernetes"}
)
