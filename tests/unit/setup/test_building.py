from __future__ import annotations

import json
from pathlib import Path

import pytest

from devkit.engine.buildkit import BuildStep
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup import building
from devkit.setup.building import BuildReport, build
from devkit.setup.project import Project

pytestmark = pytest.mark.unit


def test_a_report_counts_the_steps_that_came_from_the_cache() -> None:
    steps = (BuildStep("RUN make", "app", False, 1.5), BuildStep("COPY x y", "dependencies", True, 0.0))
    assert BuildReport("app", "shop-app:app", 2.0, steps).to_json() == {
        "stage": "app",
        "image": "shop-app:app",
        "seconds": 2.0,
        "steps": [
            {"name": "RUN make", "stage": "app", "cached": False, "seconds": 1.5},
            {"name": "COPY x y", "stage": "dependencies", "cached": True, "seconds": 0.0},
        ],
        "hits": 1,
        "total": 2,
    }


DOCKER = """\
#!/bin/sh
case "$*" in
buildx*) echo "ERROR: failed to solve: cannot log in with hunter2hunter2"; exit 1 ;;
*config*) cat "$(dirname "$0")/config.json" ;;
esac
"""


def test_a_build_that_fails_says_so_without_the_secrets_of_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "provide", lambda *_words, **_options: [])
    service = {"build": {"context": str(tmp_path), "target": "development"}}
    (tmp_path / "config.json").write_text(json.dumps({"services": {"app": service}}))
    (tmp_path / "Dockerfile").write_text("FROM scratch AS development\n")
    (tmp_path / ".env").write_text("REGISTRY_PASSWORD=hunter2hunter2\n")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    docker = Docker(tmp_path / "docker", Endpoint("tcp://192.0.2.1", "DOCKER_HOST"))
    with pytest.raises(CommandError) as caught:
        build(Project(ProjectPaths(tmp_path), Settings("shop"), docker), None, lambda _line: None)
    assert "***REGISTRY_PASSWORD***" in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.detail}"
