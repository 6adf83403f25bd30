"""The rendered health checks of queue worker and scheduler, where PHP runs the process and where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.project.settings import Settings
from devkit.scaffold.context import RenderContext
from devkit.scaffold.render import render

pytestmark = pytest.mark.engine

FRANKENPHP = base_image("frankenphp").reference
CONTEXT = RenderContext({"frankenphp": FRANKENPHP, "node": "n"})


@pytest.mark.parametrize("name", ["queue", "scheduler"])
def test_a_process_is_healthy_only_while_php_runs_it(docker: Docker, project_directory: Path, name: str) -> None:
    rendered = yaml.safe_load(render(Settings("x", services=(name,)), CONTEXT)["compose.yaml"].text)["services"][name]
    service = {
        "image": FRANKENPHP,
        "init": rendered["init"],
        "network_mode": "none",
        "working_dir": "/app",
        "volumes": ["./artisan:/app/artisan:ro"],
        "healthcheck": {**rendered["healthcheck"], "interval": "300ms", "start_period": "0s", "retries": 3},
    }
    held = ["sh", "-c", 'sleep infinity; exec "$@"', "entrypoint", *rendered["command"]]
    stack = {
        "services": {
            "runs": {**service, "entrypoint": [], "command": rendered["command"]},
            "held": {**service, "entrypoint": held[:4], "command": held[4:]},
            "ended": {**service, "entrypoint": ["sh", "-c", "exec sleep infinity"], "command": rendered["command"]},
        }
    }
    (project_directory / "compose.yaml").write_text(yaml.safe_dump(stack))
    (project_directory / "artisan").write_text("<?php sleep(600);")
    docker.run("compose", "up", "--detach", "--wait", "runs", cwd=project_directory)
    for other in ("held", "ended"):
        done = docker.run("compose", "up", "--detach", "--wait", other, cwd=project_directory, check=False)
        assert done.returncode != 0 and b"unhealthy" in done.stderr, other
