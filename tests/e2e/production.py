"""The stage `app`, built as for production with secrets about, and containers of it as a restricted pod has them."""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doppler_release import served_release
from support import Project, devkit, first_run, remove

KEY = f"base64:{'A' * 43}="
RESTRICTED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "10001:10001")
VARIABLES = {"APP_KEY": KEY, "SESSION_DRIVER": "array", "CACHE_STORE": "array"}

# The second answers with configuration; the third says that it was asked, and takes its time.
_ROUTES = """
Route::get('/closure', fn () => 'made ' . config('app.env'));
Route::get('/told', fn () => [config('services.postmark.token'), config('app.name'), config('session.driver')]);
Route::get('/slow', function () {
    touch('/tmp/asked');
    sleep(2);
    return 'to the end';
});
"""


@dataclass(frozen=True)
class Container:
    """A running container of the image; `port` is its 8080."""

    name: str
    port: int

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def shell(self, script: str) -> str:
        return docker("exec", self.name, "sh", "-c", script)

    def inspect(self, template: str) -> str:
        return docker("inspect", "--format", template, self.name)


@dataclass(frozen=True)
class Production:
    """The project, its image, and what `devkit build` said. `canary` is in every secret that was there meanwhile."""

    project: Project
    report: Any
    canary: str

    @property
    def image(self) -> str:
        return str(self.report["image"])

    @contextmanager
    def container(self, *options: str, variables: Mapping[str, str]) -> Iterator[Container]:
        """A container that has become healthy, for the block."""
        given = [*RESTRICTED, *(flag for name, value in variables.items() for flag in ("--env", f"{name}={value}"))]
        name = docker("run", "--detach", "--publish", "127.0.0.1::8080", *given, *options, self.image)
        try:
            made = Container(name, int(docker("port", name, "8080/tcp").splitlines()[0].rpartition(":")[2]))
            healthy = self.project.until(lambda: made.inspect("{{.State.Health.Status}}") == "healthy")
            assert healthy, subprocess.run(["docker", "logs", name], capture_output=True, check=False)
            yield made
        finally:
            docker("rm", "--force", "--volumes", name)


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def gateway() -> str:
    """An address of this machine that builds and containers reach."""
    return docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")


@contextmanager
def production_image(directory: Path) -> Iterator[Production]:
    """It carries Doppler's CLI: without DOPPLER_TOKEN nothing else is different."""
    canary = secrets.token_hex(12)
    project_directory = directory / "production"
    try:
        with served_release(directory / "release", gateway()) as release:
            project = first_run(project_directory, "--no-start", "--set", "secrets.runtime=true")
            routes = project_directory / "routes" / "web.php"
            project.write("routes/web.php", routes.read_text() + _ROUTES)
            name_release(project, release)
            plant(project, canary)
            token = {"DOPPLER_TOKEN": f"dp.st.prd.{canary}"}
            report = devkit("build", "app", "--json", directory=project_directory, env=token)
            assert report.status == 0, report.stderr[-4000:]
            yield Production(project, report.json, canary)
    finally:
        remove(project_directory)


def name_release(project: Project, arguments: Mapping[str, str]) -> None:
    """Have compose.yaml name build arguments, as a person does for a mirror."""
    compose = (project.directory / "compose.yaml").read_text()
    target = "      target: development\n"
    assert target in compose
    project.write("compose.yaml", compose.replace(target, f"{target}      args: {json.dumps(dict(arguments))}\n"))


def plant(project: Project, canary: str) -> None:
    """Put it where secrets are kept, or are left behind, and in one file that belongs into the image."""
    login = {"username": "person", "password": canary}
    project.write("auth.json", json.dumps({"http-basic": {"packages.invalid": login}}))
    project.write(".env", (project.directory / ".env").read_text() + f"PAYMENT_SECRET={canary}\n")
    for path in (
        ".env.previous",
        ".env.production",
        ".env~",
        "..env.swp",
        "docker/.env",
        "resources/.env.x.devkit-tmp",
    ):
        project.write(path, f"PAYMENT_SECRET={canary}\n")
    for path in ("storage/logs/laravel.log", ".devkit/x", "resources/told.txt"):
        project.write(path, canary)
