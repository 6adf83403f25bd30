"""What is saved while tests are watched: code, tests, and what decides how they run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path, PurePosixPath

from devkit.laravel.host_watcher import watch_changes
from devkit.project.watch_list import is_temporary, is_watched

_DIRECTORY = "tests"
_SETTINGS = ("phpunit.xml", "phpunit.dist.xml", "phpunit.xml.dist", ".env.testing")


def counts_for_tests(path: PurePosixPath) -> bool:
    """Whether tests may end in another way after `path`, relative to the project, was saved."""
    if is_watched(path) or str(path) in _SETTINGS:
        return True
    return path.parts[:1] == (_DIRECTORY,) and path.suffix == ".php" and not is_temporary(path)


def test_changes(
    root: Path, stop: asyncio.Event, on_watching: Callable[[], None] = lambda: None
) -> AsyncGenerator[tuple[str, ...], None]:
    """The files that were saved, a batch at a time, until `stop` is set; arguments as of `watch_changes`."""
    return watch_changes(root, stop=stop, wanted=counts_for_tests, more_trees=(_DIRECTORY,), on_watching=on_watching)


test_changes.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test of its own
