"""The application itself: made by `composer create-project`, or an existing one completed with what it lacks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths
from devkit.project.services import SERVICES
from devkit.project.settings import Settings
from devkit.secrets.dotenv import begin_env
from devkit.setup.composer import ComposerRunner, is_installed, requires
from devkit.setup.installed import lock_is_installed

OCTANE = "laravel/octane"
_COMPLETE = ".complete"


@dataclass(frozen=True)
class Application:
    """The Laravel application in a project's directory, and the packages that the stack needs of it."""

    paths: ProjectPaths
    packages: tuple[str, ...]

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.paths.root

    def exists(self) -> bool:
        """Whether the sources are there: artisan is moved in last."""
        return (self.root / "artisan").is_file() and (self.root / "composer.json").is_file()

    def create(self, composer: ComposerRunner, on_line: Callable[[str], None]) -> None:
        """`composer create-project laravel/laravel`, beside and then moved in.

        Composer takes only an empty directory, and the scaffold's files stand here already. Whatever was
        interrupted is made again; files that exist are never overwritten.
        """
        fresh = self.paths.state / "application"
        if not (fresh / _COMPLETE).is_file():
            composer.end_leftovers()  # it may be writing into what is taken away here
            shutil.rmtree(fresh, ignore_errors=True)
            inside = f"/app/{fresh.relative_to(self.root).as_posix()}"
            composer.run(
                ["composer", "create-project", "laravel/laravel", inside, "--no-install", "--no-scripts"],
                on_line,
            )
            (fresh / _COMPLETE).touch()
        entries = sorted(fresh.iterdir(), key=lambda entry: entry.name == "artisan")
        for entry in entries:
            if entry.name != _COMPLETE:
                _move_in(entry, self.root / entry.name)
        shutil.rmtree(fresh)

    def is_complete(self) -> bool:
        """Whether vendor/ holds what composer.lock says and every package that the stack needs."""
        return (
            is_installed(self.root)
            and lock_is_installed(self.root)
            and all(requires(self.root, name) and is_installed(self.root, name) for name in self.packages)
        )

    def commands(self) -> list[tuple[str, ...]]:
        """What installs the packages; those that the stack needs are required first, so that one install does all."""
        missing = [name for name in self.packages if not requires(self.root, name)]
        if not missing:
            return [("composer", "install")]
        if is_installed(self.root) or (self.root / "composer.lock").is_file():
            return [("composer", "require", *missing, "--with-all-dependencies")]
        return [("composer", "require", *missing, "--no-update"), ("composer", "install")]

    def complete(self, composer: ComposerRunner, on_line: Callable[[str], None]) -> None:
        """Run `commands`. CommandError with Composer's own reason."""
        for command in self.commands():
            composer.run(command, on_line)


def packages_of(settings: Settings) -> tuple[str, ...]:
    """The packages that the stack needs of the application: Octane's workers, and what a service is reached by."""
    services = (SERVICES[name].package for name in settings.all_services)
    octane = (OCTANE,) if settings.php.mode == "worker" else ()
    return (*octane, *(package for package in services if package))


def ensure_env_file(paths: ProjectPaths) -> None:
    """.env from .env.example where there is none (as Laravel's own installer does)."""
    if paths.env.exists():
        return
    example = paths.root / ".env.example"
    begin_env(paths.env, example.read_bytes() if example.is_file() else b"")


def ensure_sqlite(paths: ProjectPaths) -> None:
    """database/database.sqlite, empty, where it is missing."""
    path = paths.root / "database" / "database.sqlite"
    if path.parent.is_dir() and not path.exists():
        write_atomically(path, b"")


def _move_in(source: Path, target: Path) -> None:
    """Move a file or directory to where it belongs; what is there already stays as it is."""
    if target.is_dir() and source.is_dir() and not source.is_symlink():
        for entry in source.iterdir():
            _move_in(entry, target / entry.name)
    elif target.name == ".gitignore" and target.is_file():
        present = target.read_text(encoding="utf-8").splitlines()
        added = [line for line in source.read_text(encoding="utf-8").splitlines() if line not in present]
        write_atomically(target, "\n".join([*added, *present]) + "\n")
    elif not target.exists():
        source.rename(target)
