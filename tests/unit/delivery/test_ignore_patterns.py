from __future__ import annotations

from pathlib import Path

import pytest

from devkit.delivery.ignore_patterns import parse_ignore_patterns, read_ignore_patterns

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("vendor", "vendor", True),
        ("vendor", "vendor/laravel/x.php", True),
        ("vendor", "app/vendor", False),
        ("/vendor/", "vendor/x", True),
        ("./vendor", "vendor/x", True),
        ("*.log", "a.log", True),
        ("*.log", "storage/a.log", False),
        ("**/*.log", "storage/logs/a.log", True),
        ("**/*.log", "a.log", True),
        ("storage/**", "storage/a/b", True),
        ("storage/**", "storage", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("?.php", "a.php", True),
        ("?.php", "ab.php", False),
        ("[a-c].php", "b.php", True),
        ("[^a-c].php", "b.php", False),
        (".env.*\n!.env.example", ".env.example", False),
        (".env.*\n!.env.example", ".env.local", True),
        ("!.env.example\n.env.*", ".env.example", True),
        ("docs\n!docs/keep", "docs/keep/x", False),
        ("docs\n!docs/keep", "docs/other", True),
        ("# vendor\n\n  node_modules  ", "node_modules/x", True),
        ("# vendor", "vendor", False),
        ("a+b(c).php", "a+b(c).php", True),
        ("\\*.php", "*.php", True),
        ("\\*.php", "a.php", False),
        ("[", "[", True),
        (".", "anything", False),
    ],
)
def test_paths_are_kept_out_as_buildkit_does(patterns: str, path: str, ignored: bool) -> None:
    assert parse_ignore_patterns(patterns).ignores(path) is ignored


@pytest.mark.parametrize(
    ("patterns", "directory", "nothing"),
    [
        ("node_modules", "node_modules", True),
        ("node_modules\n!.env.example", "node_modules", True),
        ("docs\n!docs/keep", "docs", False),
        ("docs\n!docs/keep", "docs/other", True),
        ("docs\n!**/keep.md", "docs", False),
        ("*.log", "docs", False),
    ],
)
def test_a_directory_is_left_alone_where_nothing_in_it_can_be_taken(
    patterns: str, directory: str, nothing: bool
) -> None:
    assert parse_ignore_patterns(patterns).ignores_all_in(directory) is nothing


def test_the_file_beside_the_dockerfile_comes_before_the_contexts(tmp_path: Path) -> None:
    dockerfile = tmp_path / "docker" / "own.Dockerfile"
    dockerfile.parent.mkdir()
    assert not read_ignore_patterns(tmp_path, dockerfile).ignores("a")
    (tmp_path / ".dockerignore").write_text("a\n")
    assert read_ignore_patterns(tmp_path, dockerfile).ignores("a")
    (tmp_path / "docker" / "own.Dockerfile.dockerignore").write_text("b\n")
    assert not read_ignore_patterns(tmp_path, dockerfile).ignores("a")
    assert read_ignore_patterns(tmp_path, dockerfile).ignores("b")
