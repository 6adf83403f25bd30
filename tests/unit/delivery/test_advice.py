from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from recorded_build import rebuilt, record
from scaffold_examples import FULL, context

from devkit.delivery import advice as advice_module
from devkit.delivery.advice import advice_for_context, advice_for_dockerfile, advice_from_history
from devkit.delivery.context_files import ContextFiles
from devkit.delivery.git_ignored import git_ignored
from devkit.delivery.ignore_patterns import parse_ignore_patterns
from devkit.engine.dockerfile import parse_dockerfile
from devkit.project.settings import Settings
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit

CACHE = "--mount=type=cache,target=/c"


def said(lines: str) -> list[tuple[str, int]]:
    found = advice_for_dockerfile(parse_dockerfile(f"FROM php AS app\n{lines}\n"), "Dockerfile")
    return [(one.id, one.line) for one in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"COPY . .\nRUN {CACHE} composer install", [("copy-order", 2)]),
        (f"COPY app ./app\nCOPY composer.json ./\nRUN {CACHE} composer install --no-dev", [("copy-order", 2)]),
        (f"COPY composer.json composer.lock* ./\nRUN {CACHE} composer install\nCOPY . .", []),
        (f"COPY packages/own ./packages/own\nRUN {CACHE} composer install\nCOPY . .", []),
        (f"COPY --from=x /app .\nRUN {CACHE} npm ci", []),
        (f"COPY ./ .\nRUN {CACHE} npm ci && npm run build", [("copy-order", 2)]),
        ("COPY composer.lock ./\nRUN composer --no-interaction install", [("cache-mount", 3)]),
        ("RUN <<EOF\nset -e\nnpm ci\nEOF", [("cache-mount", 2)]),
        ("RUN npm install --global pnpm", []),
        ("RUN yarn install && pnpm i && bun install", [("cache-mount", 2)] * 3),
        ("RUN composer dump-autoload\nRUN npm run build", []),
        ("RUN apt-get update && apt-get install -y git", [("apt-lists", 2)]),
        ("RUN apt-get -qq install git && rm -rf /var/lib/apt/lists/*", []),
        ("RUN --mount=type=cache,target=/var/lib/apt apt-get install -y git", []),
        ("RUN --mount=type=secret,id=x apt install git", [("apt-lists", 2)]),
    ],
)
def test_lines_that_make_builds_slow_are_named(lines: str, expected: list[tuple[str, int]]) -> None:
    assert said(lines) == expected


@pytest.mark.parametrize("settings", [FULL, Settings("shop")])
def test_there_is_nothing_to_say_of_the_scaffolds_own_dockerfile(settings: Settings) -> None:
    text = render(settings, context(composer_paths=("packages/own",)))["Dockerfile"].text
    assert advice_for_dockerfile(parse_dockerfile(text), "Dockerfile") == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("vendor/\n*.sqlite\n.env\n")
    for name in ("vendor/a/x", "vendor/a/y", "database.sqlite", ".env", "app/User.php", "docs/film.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 1000)
    return tmp_path


def of_context(root: Path, ignored: str, lines: str = "COPY . .") -> list[str]:
    files = ContextFiles(root, parse_ignore_patterns(ignored))
    dockerfile = parse_dockerfile(f"FROM php AS app\n{lines}\n")
    return [one.text for one in advice_for_context(dockerfile, files, git_ignored(root), ".dockerignore")]


def test_what_git_ignores_does_not_belong_in_an_image(repository: Path) -> None:
    found = of_context(repository, ".git")
    assert found == [
        "vendor/ (0.0 MB) is copied: git ignores it, and an image is better without",
        ".env (0.0 MB) is copied: git ignores it, and an image is better without",
        "database.sqlite (0.0 MB) is copied: git ignores it, and an image is better without",
    ]
    assert of_context(repository, ".git\nvendor\n.env\n*.sqlite") == []
    assert of_context(repository, ".git", "COPY app ./app") == []


def test_the_repository_itself_does_not_either(repository: Path) -> None:
    (found,) = of_context(repository, "vendor\n.env\n*.sqlite")
    assert found.startswith(".git/ (") and found.endswith("an image needs no history")


def test_large_files_are_named_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice_module, "LARGE_BYTES", 1000)
    (repository / ".gitignore").write_bytes(b"")
    found = of_context(repository, ".git\nvendor\n.env\n*.sqlite\napp", "COPY docs ./docs\nCOPY . .")
    assert found == ["docs/film.mp4 (0 MB) is copied; if the image does not need it, leave it out"]


def test_a_context_beyond_all_measure_is_said_to_be_one(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice_module, "MOST_FILES", 3)
    assert "more than 3 files are copied" in of_context(repository, ".git")[-1]


def test_outside_a_repository_git_ignores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git_ignored(tmp_path) == []
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_ignored(tmp_path) == []


def test_what_is_no_code_and_changes_layers_again_and_again_is_named() -> None:
    builds = [record(rebuilt("COPY . .", 1.0, "README.md", "app/User.php"), rebuilt("RUN x", 1.0, "README.md"))] * 3
    (found,) = advice_from_history(builds, ".dockerignore")
    assert found.text.startswith("README.md had layers rebuilt in 3 builds")
    assert advice_from_history(builds[:2], ".dockerignore") == []
