"""The watcher on the host: for mounts that deliver no events, it restarts the workers when code was saved."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path, PurePosixPath

from watchfiles import DefaultFilter, awatch

from devkit.engine.docker import Docker
from devkit.laravel.follow_switch import is_on
from devkit.laravel.mounts import on_slow_mount
from devkit.laravel.workers import RESTART_COMMAND
from devkit.project.paths import ProjectPaths
from devkit.project.watch_list import is_watched, watch_roots

DEBOUNCE_MILLISECONDS = 50
STEP_MILLISECONDS = 15
"""How often it is looked at what the system has told. That alone takes 0.4 % of a core; at 100 nothing is measured."""

_RESTART_SECONDS = 40.0
_OFF = "saves are not followed (f in devkit's Workers tab turns that on)"


async def watch_changes(
    root: Path,
    *,
    stop: asyncio.Event,
    force_polling: bool | None = None,
    wanted: Callable[[PurePosixPath], bool] = is_watched,
    more: Sequence[str] = (),
    more_trees: Sequence[str] = (),
    on_watching: Callable[[], None] = lambda: None,
    step: int = STEP_MILLISECONDS,
) -> AsyncGenerator[tuple[str, ...], None]:
    """The watched files that changed, relative to `root`, a batch at a time, until `stop` is set or `root` is gone.

    `wanted` says which files count, `more` names directories besides those of the list whose own files are watched,
    `more_trees` such that are watched with all below them; `on_watching` is called as soon as no save is missed any
    more, and when directories were taken up. Every `step` milliseconds it is looked at what the system has told.
    A directory of the list that is made later is taken up: the project's root is watched too. Files are polled where
    the system has no events for them, or where WATCHFILES_FORCE_POLLING is set (watchfiles' own variable).
    """
    polling = on_slow_mount(root) or _polling_is_forced() if force_polling is None else force_polling
    while not stop.is_set() and _is_there(root):
        ended = asyncio.Event()
        both = asyncio.ensure_future(_either(stop, ended))
        try:
            async for batch in _batches(root, ended, stop, polling, wanted, more, more_trees, on_watching, step):
                yield batch
        finally:
            both.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await both


def _is_there(root: Path) -> bool:
    return root.is_dir()


def _polling_is_forced() -> bool:
    return os.environ.get("WATCHFILES_FORCE_POLLING", "").lower() not in ("", "false", "disable", "disabled")


async def _either(stop: asyncio.Event, ended: asyncio.Event) -> None:
    await stop.wait()
    ended.set()


async def _batches(
    root: Path,
    ended: asyncio.Event,
    stop: asyncio.Event,
    polling: bool,
    wanted: Callable[[PurePosixPath], bool],
    more: Sequence[str],
    more_trees: Sequence[str],
    on_watching: Callable[[], None],
    step: int,
) -> AsyncGenerator[tuple[str, ...], None]:
    """Batches of one set of watches; ends when the directories of the list are others than before."""
    trees = _trees(root, more_trees)
    own = {directory for directory, whole in watch_roots(root) if not whole}
    flat = sorted(own | {root / name for name in more if (root / name).is_dir()})
    queue: asyncio.Queue[set[str] | None] = asyncio.Queue()

    async def follow(paths: Sequence[Path], recursive: bool) -> None:
        if not paths:
            return
        async for changes in awatch(
            *paths,
            watch_filter=DefaultFilter(ignore_dirs=("vendor", "node_modules", ".git")),
            debounce=max(DEBOUNCE_MILLISECONDS, 2 * step),
            step=step,
            stop_event=ended,
            recursive=recursive,
            force_polling=polling,
            poll_delay_ms=DEBOUNCE_MILLISECONDS * 2,
        ):
            await queue.put({path for _, path in changes})

    async def follow_all() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(follow(trees, True))
                group.create_task(follow(flat, False))
                await asyncio.sleep(0)  # both make their watches before they wait for the first time
                on_watching()
        finally:
            await queue.put(None)

    following = asyncio.ensure_future(follow_all())
    try:
        while (paths := await queue.get()) is not None:
            names = sorted(
                {
                    relative.as_posix()
                    for relative in (_relative(root, path) for path in paths)
                    if relative is not None and wanted(relative)
                }
            )
            if names:
                yield tuple(names)
            if not _is_there(root):
                return
            if not stop.is_set() and trees != _trees(root, more_trees):
                return
        await following  # a watch that failed says so here
    finally:
        ended.set()
        await asyncio.gather(following, return_exceptions=True)


def _trees(root: Path, more: Sequence[str]) -> list[Path]:
    own = {directory for directory, whole in watch_roots(root) if whole}
    return sorted(own | {root / name for name in more if (root / name).is_dir()})


async def restart_on_change(
    docker: Docker,
    container: Callable[[], str],
    root: Path,
    *,
    stop: asyncio.Event,
    on_restart: Callable[[tuple[str, ...], str | None], None],
    force_polling: bool | None = None,
) -> None:
    """Restart the workers of `container` after each batch, until `stop` is set or the project is gone; sets `stop`.

    `on_restart` gets the files and, where the restart failed, why; then the watch goes on: the next save may do. While
    `container` gives an empty text none runs, and nothing is to be restarted: one that starts has the new code.
    """
    changes = watch_changes(root, stop=stop, force_polling=force_polling)
    paths = ProjectPaths(root)
    try:
        async with contextlib.aclosing(changes):
            async for names in changes:
                if running := container():
                    on_restart(names, await _restart(docker, running) if is_on(paths) else _OFF)
    finally:
        stop.set()


async def _restart(docker: Docker, container: str) -> str | None:
    """`docker exec`, half as long as `docker compose exec`; None if it did well, else why not."""
    child = await asyncio.create_subprocess_exec(
        str(docker.binary),
        "exec",
        container,
        *RESTART_COMMAND,
        env=docker.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(child.communicate(), _RESTART_SECONDS)
    except TimeoutError:
        return f"no answer within {_RESTART_SECONDS:g} s"
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 0:
        return None
    lines = errors.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"docker exec ended with status {child.returncode}"


def _relative(root: Path, path: str) -> PurePosixPath | None:
    for base in (root, root.resolve()):
        if Path(path).is_relative_to(base):
            return PurePosixPath(Path(path).relative_to(base).as_posix())
    return None
