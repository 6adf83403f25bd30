"""The stage `app`, built as for production and run as a restricted Kubernetes pod would run it."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support import Project, first_run, remove

pytestmark = pytest.mark.e2e

KEY = f"base64:{'A' * 43}="
RESTRICTED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "10001:10001")
VARIABLES = {"APP_KEY": KEY, "SESSION_DRIVER": "array", "CACHE_STORE": "array"}


@dataclass(frozen=True)
class Production:
    """The built image, what `devkit build` said, and a running container."""

    project: Project
    report: Any
    container: str
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
        return docker("exec", self.container, "sh", "-c", script)


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    directory = tmp_path_factory.mktemp("e2e") / "production"
    container = ""
    try:
        project = first_run(directory, "--no-start")
        routes = directory / "routes" / "web.php"
        routes.write_text(routes.read_text() + "\nRoute::get('/closure', fn () => 'made ' . config('app.env'));\n")
        report = project.devkit("build", "app", "--json")
        assert report.status == 0, report.stderr[-4000:]
        flags = [flag for name, value in VARIABLES.items() for flag in ("--env", f"{name}={value}")]
        container = docker("run", "--detach", "--publish", "127.0.0.1::8080", *RESTRICTED, *flags, report.json["image"])
        port = int(docker("port", container, "8080/tcp").splitlines()[0].rpartition(":")[2])
        made = Production(project, report.json, container, port)
        assert project.until(lambda: health(container) == "healthy"), docker("logs", container)
        yield made
    finally:
        if container:
            docker("rm", "--force", "--volumes", container)
        remove(directory)


def health(container: str) -> str:
    return docker("inspect", "--format", "{{.State.Health.Status}}", container)


def test_it_answers_without_root_and_without_capabilities(production: Production) -> None:
    assert production.get("/up")[0] == 200
    status, page = production.get("/")
    assert status == 200
    assert "/build/assets/" in page  # the front end was built
    assert production.shell("id -u") == "10001"
    assert production.shell("cat /proc/1/comm") == "frankenphp"


def test_cached_routes_that_are_closures_answer_each_time(production: Production) -> None:
    assert {production.get("/closure") for _ in range(10)} == {(200, "made production")}


def test_the_build_says_what_came_from_the_cache(production: Production) -> None:
    report = production.report
    assert (report["stage"], report["image"]) == ("app", f"{production.project.result['project']}-app:app")
    assert report["total"] == len(report["steps"]) > 10
    assert {step["stage"] for step in report["steps"]} >= {"base-runtime", "dependencies", "frontend-build", "app"}
    again = production.project.devkit("build", "app", "--json").json
    assert again["hits"] == again["total"]


def test_nothing_of_the_machine_and_no_secret_is_in_the_image(production: Production) -> None:
    left = production.shell("ls -a /app; find / -xdev -name auth.json -o -xdev -name .npmrc 2>/dev/null; true")
    assert not {".env", ".git", "auth.json", ".npmrc", "node_modules", "compose.override.yaml"} & set(left.split())
    assert production.shell("find /app -name 'auth.json' -o -name '.npmrc' | wc -l") == "0"
    assert (
        production.shell("cat /etc/apt/sources.list.d/*.sources /etc/apt/apt.conf.d/99machine 2>/dev/null; true") == ""
    )
    key = next(line for line in (production.project.directory / ".env").read_text().splitlines() if "APP_KEY" in line)
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", production.report["image"])
    variables = json.loads(docker("inspect", "--format", "{{json .Config.Env}}", production.report["image"]))
    for text in (history, "\n".join(variables)):
        assert key.partition("=")[2] not in text
        assert "PROXY" not in text.upper()


def test_development_tools_stay_out(production: Production) -> None:
    assert production.shell("command -v composer node npm; true") == ""
    assert production.shell("php -r 'var_dump(ini_get(\"opcache.validate_timestamps\"));'") == 'string(1) "0"'
