"""The application itself: made by `composer create-project`, or an existing one completed with what it lacks."""

from __future__ import annotations

import base64
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths
from devkit.setup.composer import ComposerRunner, is_installed, requires

_OCTANE = "laravel/octane"
_COMPLETE = ".complete"


@dataclass(frozen=True)
class Application:
    """The Laravel application in a project's directory."""

    paths: ProjectPaths
    worker_mode: bool

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
        """Whether every package that composer.json asks for is installed, Octane among them in worker mode."""
        if not is_installed(self.root):
            return False
        return not self.worker_mode or (requires(self.root, _OCTANE) and is_installed(self.root, _OCTANE))

    def complete(self, composer: ComposerRunner, on_line: Callable[[str], None]) -> None:
        """Install the packages; in worker mode Octane is required first, so that one install does both."""
        if self.worker_mode and not requires(self.root, _OCTANE):
            if is_installed(self.root) or (self.root / "composer.lock").is_file():
                composer.run(["composer", "require", _OCTANE, "--with-all-dependencies"], on_line)
                return
            composer.run(["composer", "require", _OCTANE, "--no-update"], on_line)
        composer.run(["composer", "install"], on_line)


def ensure_env_file(paths: ProjectPaths) -> None:
    """.env from .env.example where there is none (as Laravel's own installer does)."""
    if paths.env.exists():
        return
    example = paths.root / ".env.example"
    text = example.read_bytes() if example.is_file() else b""
    write_atomically(paths.env, text, mode=0o600)


def new_app_key() -> str:
    """An APP_KEY as `artisan key:generate` makes it: 32 random bytes."""
    return "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()


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
