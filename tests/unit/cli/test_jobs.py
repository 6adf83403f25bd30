"""What each pass-through command runs, in which service, and where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.cli.jobs import job_of
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def arguments(*words: str, root: Path = Path("/nowhere")) -> list[bytes]:
    return job_of(words).arguments(os.fsencode(root))


@pytest.mark.parametrize(
    ("words", "service", "runs", "at_root"),
    [
        (("artisan", "migrate", "--help"), "app", ["php", "artisan", "migrate", "--help"], True),
        (("tinker", "--execute", "x"), "app", ["php", "artisan", "tinker", "--execute", "x"], True),
        (("pint", "--test"), "app", ["vendor/bin/pint", "--test"], True),
        (("bin", "rector", "process"), "app", ["vendor/bin/rector", "process"], True),
        (("composer", "require", "a/b"), "app", ["composer", "require", "a/b"], False),
        (("php", "-r", ""), "app", ["php", "-r", ""], False),
        (("exec", "redis", "redis-cli", "--", "-x"), "redis", ["redis-cli", "--", "-x"], False),
        (("npm", "run", "build"), "vite", ["npm", "run", "build"], False),
        (("node",), "vite", ["node"], False),
    ],
)
def test_a_command_line_becomes_words_for_a_service(
    words: tuple[str, ...], service: str, runs: list[str], at_root: bool
) -> None:
    found = job_of(words)
    assert (found.service, found.at_root) == (service, at_root)
    assert arguments(*words) == [word.encode() for word in runs]


def test_bytes_that_are_no_text_stay_as_they_came() -> None:
    assert arguments("artisan", os.fsdecode(b"\xff\n"))[-1] == b"\xff\n"


@pytest.mark.parametrize(
    ("installed", "runs"),
    [
        (["vendor/nunomaduro/collision/composer.json", "vendor/bin/pest"], ["php", "artisan", "test"]),
        (["vendor/bin/pest", "vendor/bin/phpunit"], ["vendor/bin/pest"]),
        (["vendor/bin/phpunit"], ["vendor/bin/phpunit"]),
        ([], ["php", "artisan", "test"]),
    ],
)
def test_tests_are_run_by_what_is_installed(installed: list[str], runs: list[str], tmp_path: Path) -> None:
    for name in installed:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert arguments("test", "--filter", "X", root=tmp_path) == [word.encode() for word in [*runs, "--filter", "X"]]


def test_a_package_manager_that_nodes_image_lacks_is_installed_first() -> None:
    shell, _, script, name, *rest = arguments("pnpm", "add", "x y")
    assert (shell, name, rest) == (b"/bin/sh", b"pnpm", [b"add", b"x y"])
    assert b"npm install" in script and b"pnpm@10" in script


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("exec",), "a service and a command"),
        (("exec", "app"), "a service and a command"),
        (("exec", "", "true"), "a service and a command"),
        (("exec", "-it", "app", "sh"), "no flag -it"),
        (("shell", "app", "-c"), "nothing else"),
        (("shell", "--help"), "nothing else"),
        (("bin",), "the name of a program"),
        (("bin", ""), "the name of a program"),
    ],
)
def test_missing_words_are_said_before_anything_runs(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        job_of(words)
