""".env where its secrets are local: what it has, beside what .env.example says an application of this kind needs."""

from __future__ import annotations

from devkit.project.env_file import read_env
from devkit.project.paths import ProjectPaths
from devkit.secrets.drift import Drift


def difference_from_example(paths: ProjectPaths) -> Drift:
    """Names that .env.example has and .env lacks (`added`), and those that only .env has. Values are no matter."""
    local, example = read_env(paths.env), read_env(paths.root / ".env.example")
    return Drift(
        added=tuple(sorted(example.keys() - local.keys())), local_only=tuple(sorted(local.keys() - example.keys()))
    )
