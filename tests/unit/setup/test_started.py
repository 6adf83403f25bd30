"""Whatever Compose would make something else of counts as another start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths
from devkit.setup.started import compose_inputs

pytestmark = pytest.mark.unit

COMPOSE = 'name: "x"\n\nservices:\n  app:\n    image: x\n    ports: ["127.0.0.1:${APP_PORT:-8000}:8080"]\n'
INCLUDES_OURS = "include:\n  - docker/compose.adopted.yaml\n"


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    (tmp_path / "docker").mkdir()
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / ".env").write_text("DB_PASSWORD=secret\n")
    return ProjectPaths(tmp_path)


def append(name: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        path = root / name
        path.write_text((path.read_text() if path.exists() else "") + text)

    return change


@pytest.mark.parametrize(
    "change",
    [
        append("compose.yaml", "# edited\n"),
        append("compose.override.yaml", "services: {}\n"),
        append("compose.override.yml", "services: {}\n"),
        append("docker-compose.yml", "services: {}\n"),
        append("docker/compose.adopted.yaml", "services: {}\n"),
        append(".env", "APP_PORT=9000\n"),
    ],
)
def test_a_change_of_a_file_that_compose_reads_is_seen(change: Callable[[Path], object], paths: ProjectPaths) -> None:
    before = compose_inputs(paths, {})
    assert before is not None
    assert compose_inputs(paths, {}) == before
    change(paths.root)
    assert compose_inputs(paths, {}) not in (before, None)


def test_variables_that_are_named_in_a_file_count_and_others_do_not(paths: ProjectPaths) -> None:
    before = compose_inputs(paths, {"TERM": "xterm"})
    assert compose_inputs(paths, {"TERM": "dumb"}) == before
    assert compose_inputs(paths, {"APP_PORT": "9000"}) != before
    assert compose_inputs(paths, {"COMPOSE_PROFILES": "debug"}) != before


@pytest.mark.parametrize(
    "change",
    [
        append("compose.yaml", "    env_file: .search\n"),
        append("compose.yaml", "include: [other.yaml]\n"),
        append("compose.yaml", "    extends: {file: base.yaml, service: app}\n"),
        append("docker/compose.adopted.yaml", "services: {search: {env_file: .search}}\n"),
        append(".env", "COMPOSE_FILE=other.yaml\n"),
    ],
)
def test_where_compose_reads_files_that_are_not_known_it_is_always_asked(
    change: Callable[[Path], object], paths: ProjectPaths
) -> None:
    change(paths.root)
    assert compose_inputs(paths, {}) is None


def test_the_services_of_an_adopted_project_are_known(paths: ProjectPaths) -> None:
    append("compose.yaml", INCLUDES_OURS)(paths.root)
    append("docker/compose.adopted.yaml", "services: {search: {image: y}}\n")(paths.root)
    assert compose_inputs(paths, {}) is not None
    assert compose_inputs(paths, {"COMPOSE_FILE": "other.yaml"}) is None
