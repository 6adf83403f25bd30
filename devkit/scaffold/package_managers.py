"""npm, pnpm, Yarn and Bun: how each is fetched, what its lock files are called, and how it installs and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from devkit.project.settings import PackageManager


@dataclass(frozen=True)
class Manager:
    """One package manager: `spec` is what npm installs it by (None: it comes with Node), `files` those in the project
    that an installation reads besides package.json and `locks`. `locked` installs what the lock file says, `free`
    may change it; `cache` is where root's downloads are kept.
    """

    name: str
    spec: str | None
    locks: tuple[str, ...]
    files: tuple[str, ...]
    locked: str
    free: str
    cache: str

    @property
    def run(self) -> str:
        """The command that starts a script of package.json."""
        return f"{self.name} run"

    @property
    def globs(self) -> str:
        """The files as COPY takes them: one that is missing is no error where its name is a pattern."""
        return " ".join(f"{name[:-1]}[{name[-1]}]" for name in (*self.locks, *self.files))


_MANAGERS: Mapping[PackageManager, Manager] = MappingProxyType(
    {
        "npm": Manager(
            "npm", None, ("package-lock.json", "npm-shrinkwrap.json"), (), "npm ci", "npm install", "/root/.npm"
        ),
        "pnpm": Manager(
            "pnpm",
            "pnpm@10",
            ("pnpm-lock.yaml",),
            ("pnpm-workspace.yaml",),
            "pnpm install --frozen-lockfile",
            "pnpm install",
            "/root/.local/share/pnpm/store",
        ),
        "yarn": Manager(
            "yarn",
            "yarn@1",
            ("yarn.lock",),
            (".yarnrc.yml",),
            "yarn install --frozen-lockfile",
            "yarn install",
            "/usr/local/share/.cache/yarn",
        ),
        "bun": Manager(
            "bun",
            "bun@1",
            ("bun.lock", "bun.lockb"),
            (),
            "bun install --frozen-lockfile",
            "bun install",
            "/root/.bun/install/cache",
        ),
    }
)


def package_manager(name: PackageManager, version: str | None = None) -> Manager:
    """The package manager, in the version that the project names or else in the usual one.

    Yarn since version 2 is a program of its own: another package, other options, another cache
    (https://yarnpkg.com/cli/install).
    """
    manager = _MANAGERS[name]
    if version is None or manager.spec is None:
        return manager
    if name == "yarn" and int(version.partition(".")[0]) > 1:
        return replace(
            manager,
            spec=f"@yarnpkg/cli-dist@{version}",
            locked="yarn install --immutable",
            free="yarn install --no-immutable",
            cache="/root/.yarn/berry/cache",
        )
    return replace(manager, spec=f"{name}@{version}")
