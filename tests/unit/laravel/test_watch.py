from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from devkit.laravel import host_watcher
from devkit.laravel.host_watcher import watch_changes
from devkit.laravel.mounts import mount_of, on_slow_mount, parse_mounts
from devkit.laravel.test_watch import counts_for_tests
from devkit.laravel.test_watch import test_changes as changes_of_tests

pytestmark = pytest.mark.unit

PATIENCE = 10.0


def changes_after(root: Path, *actions: Callable[[], object], polling: bool | None = False) -> list[tuple[str, ...]]:
    """One batch for each action, and a clean end."""

    async def collect() -> list[tuple[str, ...]]:
        stop = asyncio.Event()
        batches: list[tuple[str, ...]] = []
        changes = watch_changes(root, stop=stop, force_polling=polling)
        for action in actions:
            following = asyncio.ensure_future(anext(changes))
            # A watch says nothing when it is set up: the action is repeated until it is seen.
            for _ in range(int(PATIENCE / 0.4)):
                action()
                done, _pending = await asyncio.wait({following}, timeout=0.4)
                if done:
                    break
            batches.append(await asyncio.wait_for(following, PATIENCE))
        stop.set()
        await asyncio.wait_for(changes.aclose(), PATIENCE)
        return batches

    return asyncio.run(collect())


@pytest.mark.parametrize("polling", [False, True])
def test_a_saved_file_is_reported_once_and_the_watch_ends_cleanly(tmp_path: Path, polling: bool) -> None:
    (tmp_path / "app").mkdir()
    assert changes_after(tmp_path, lambda: (tmp_path / "app" / "A.php").write_text("<?php"), polling=polling) == [
        ("app/A.php",)
    ]


def test_a_file_replaced_by_renaming_is_seen_and_unwatched_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()

    def save() -> None:
        (tmp_path / "storage" / "laravel.log").write_text("x")
        (tmp_path / ".env.new").write_text("A=2")
        (tmp_path / ".env.new").replace(tmp_path / ".env")

    assert changes_after(tmp_path, save) == [(".env",)]


def test_a_directory_made_later_is_taken_up(tmp_path: Path) -> None:
    first = changes_after(
        tmp_path,
        lambda: ((tmp_path / "routes").mkdir(exist_ok=True), (tmp_path / ".env").write_text("A=1")),
        lambda: (tmp_path / "routes" / "web.php").write_text("<?php"),
    )
    assert any("routes/web.php" in batch for batch in first)


@pytest.mark.parametrize("polling", [False, True])
def test_the_watch_ends_when_the_project_is_gone(tmp_path: Path, polling: bool) -> None:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / ".env").touch()

    async def collect() -> list[tuple[str, ...]]:
        changes = watch_changes(root, stop=asyncio.Event(), force_polling=polling)
        following = asyncio.ensure_future(anext(changes))
        for number in range(int(PATIENCE / 0.4)):  # it is watched once a save is seen
            (root / ".env").write_text(str(number))
            if (await asyncio.wait({following}, timeout=0.4))[0]:
                break
        shutil.rmtree(root)
        return [batch async for batch in changes]

    async def in_time() -> None:
        async with asyncio.timeout(PATIENCE):
            await collect()

    asyncio.run(in_time())


@pytest.mark.parametrize("polling", [False, True])
def test_no_save_is_missed_once_it_says_that_it_watches(tmp_path: Path, polling: bool) -> None:
    for name in ("app", "docker"):
        (tmp_path / name).mkdir()

    async def seen() -> tuple[str, ...]:
        stop, watching = asyncio.Event(), asyncio.Event()
        changes = watch_changes(
            tmp_path,
            stop=stop,
            force_polling=polling,
            wanted=lambda path: path.name == "Caddyfile",
            more=("docker",),
            on_watching=watching.set,
        )
        following = asyncio.ensure_future(anext(changes))
        async with asyncio.timeout(PATIENCE):
            await watching.wait()
            (tmp_path / "app" / "A.php").write_text("<?php")
            (tmp_path / "docker" / "Caddyfile").write_text("{}")
            found = await following
            stop.set()
            await changes.aclose()
        return found

    assert asyncio.run(seen()) == ("docker/Caddyfile",)


def test_watchfiles_own_variable_forces_polling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    (tmp_path / "app").mkdir()
    asked = []
    real = host_watcher.awatch

    def noted(*paths: Path, **options: object) -> object:
        asked.append(options["force_polling"])
        return real(*paths, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(host_watcher, "awatch", noted)
    seen = changes_after(tmp_path, lambda: (tmp_path / "app" / "A.php").write_text("<?php"), polling=None)
    assert seen == [("app/A.php",)]
    assert set(asked) == {True}


def test_the_mount_of_a_path_is_the_deepest_and_of_equal_ones_the_last() -> None:
    mounts = parse_mounts(
        "overlay / overlay rw 0 0\n/dev/sda1 /app ext4 rw 0 0\nD: /app 9p rw 0 0\nx /app/my\\040dir tmpfs rw 0 0\n"
    )
    found = mount_of(PurePosixPath("/app"), mounts)
    assert found is not None
    assert (found.file_system, found.delivers_events) == ("9p", False)
    deeper = mount_of(PurePosixPath("/app/my dir/file"), mounts)
    assert deeper is not None
    assert (deeper.file_system, deeper.delivers_events) == ("tmpfs", True)


@pytest.mark.parametrize("kind", ["9p", "drvfs", "fuse.sshfs", "fuse.grpcfuse", "virtiofs", "grpcfuse", "nfs4", "cifs"])
def test_shares_deliver_no_events(kind: str) -> None:
    assert not parse_mounts(f"x /app {kind} rw 0 0")[0].delivers_events


def test_a_share_on_the_host_is_polled(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"rootfs / ext4 rw 0 0\nC: {tmp_path} 9p rw 0 0\n")
    assert on_slow_mount(tmp_path, mounts)
    assert not on_slow_mount(Path("/"), mounts)
    assert not on_slow_mount(tmp_path, tmp_path / "none")


def test_whole_directories_beside_the_list_are_watched_too(tmp_path: Path) -> None:
    (tmp_path / "tests" / "Unit").mkdir(parents=True)

    async def seen() -> tuple[str, ...]:
        stop, watching = asyncio.Event(), asyncio.Event()
        changes = changes_of_tests(tmp_path, stop, watching.set)
        following = asyncio.ensure_future(anext(changes))
        async with asyncio.timeout(PATIENCE):
            await watching.wait()
            (tmp_path / "tests" / "Unit" / "data.json").write_text("{}")
            (tmp_path / "tests" / "Unit" / "ATest.php").write_text("<?php")
            found = await following
            stop.set()
            await changes.aclose()
        return found

    assert asyncio.run(seen()) == ("tests/Unit/ATest.php",)


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("app/A.php", True),
        ("tests/Pest.php", True),
        ("phpunit.xml", True),
        (".env.testing", True),
        ("tests/.ATest.php.swp", False),
        ("tests/a.txt", False),
        ("README.md", False),
        ("vendor/a/tests/A.php", False),
    ],
)
def test_code_tests_and_their_settings_count_for_tests(path: str, counts: bool) -> None:
    assert counts_for_tests(PurePosixPath(path)) is counts
