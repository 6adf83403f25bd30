"""The steps of the workflow that build and test, run as GitHub's runner would, on an application with MySQL and Redis.

Two things are not as there. The builder is the engine's own (driver `docker`): it can read a cache from a registry, and
cannot write one ("Cache export is not supported for the docker driver"), so the step that pushes is not run here. And
the registry of the caches does not answer, as on a pipeline's first run: that is a warning to BuildKit, and no error.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline_steps import Runner, runner, steps_of
from support import Project, devkit

from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.pipelines import DELIVERY
from devkit.scaffold.render import render
from devkit.setup.rendering import context_for

pytestmark = pytest.mark.e2e

NOBODY = "127.0.0.1:9/some/shop"
LEFT_OUT = shutil.ignore_patterns("vendor", "node_modules", ".devkit", ".env*", "compose.override.yaml", ".git")

SERVICES_ARE_ASKED = r"""<?php

namespace Tests\Feature;

use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Redis;
use Tests\TestCase;

class ServicesTest extends TestCase
{
    public function test_the_services_answer_in_the_image_that_is_pushed(): void
    {
        $this->assertSame('mysql', DB::connection()->getDriverName());
        $this->assertSame(3, DB::table('migrations')->count());
        $this->assertTrue((bool) Redis::connection()->ping());
        $this->assertSame('testing', config('app.env'));
        $this->assertSame('array', config('cache.default'));
        $this->assertSame(10001, posix_geteuid());
        $this->assertFileExists(public_path('build/manifest.json'));
    }
}
"""


@pytest.fixture
def job(default_stack: Project, tmp_path: Path) -> Iterator[Runner]:
    """A checkout of the application, as a project with MySQL and Redis; nothing of it was built or started."""
    root = tmp_path / f"pipeline-{secrets.token_hex(4)}"
    shutil.copytree(default_stack.directory, root, ignore=LEFT_OUT)
    settings = Settings(root.name, "mysql", ("redis",))
    for path, file in render(settings, context_for(root, settings, detect(root))).items():
        (root / path).write_text(file.text, encoding="utf-8")
        (root / path).chmod(0o755 if file.executable else 0o644)
    write_settings(root / "devkit.toml", settings)
    (root / "tests" / "Feature" / "ServicesTest.php").write_text(SERVICES_ARE_ASKED)
    assert devkit("scaffold", "github", directory=root).status == 0
    ports = {"FORWARD_DB_PORT": str(free_port()), "FORWARD_REDIS_PORT": str(free_port())}
    try:
        with runner(root, tmp_path, GITHUB_REPOSITORY="Some/Shop", BUILDX_BUILDER="default", **ports) as made:
            yield made
    finally:
        left = subprocess.run(
            ["docker", "ps", "--all", "--quiet", "--filter", f"network={root.name}_default"],
            capture_output=True,
            text=True,
        )
        if left.stdout:
            subprocess.run(["docker", "rm", "--force", "--volumes", *left.stdout.split()], capture_output=True)
        subprocess.run(["docker", "compose", "down", "--volumes"], cwd=root, capture_output=True)
        subprocess.run(["docker", "image", "rm", "app:tested"], capture_output=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_image_is_built_and_tested_with_its_services(job: Runner) -> None:
    steps = steps_of(job.directory / DELIVERY, "image")
    said = {}
    for name in ("Names", "Base from cache", "App", "Packages of the tests", "Tests"):
        status, said[name], seconds = job.run(steps[name])
        print(f"{name}: {seconds:.1f} s")
        assert status == 0, f"{name}:\n{said[name][-4000:]}"
        if name == "Names":
            assert job.environment["IMAGE"] == "ghcr.io/some/shop"
            job.environment["IMAGE"] = NOBODY
    assert "importing cache manifest" in said["Base from cache"]
    assert "create_users_table" in said["Tests"]
    assert "OK (3 tests, 9 assertions)" in said["Tests"]
    assert "Warning" not in said["Tests"]
