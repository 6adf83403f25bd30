"""What the rendered Caddyfile answers, in one container per mode: PHP of our own instead of Laravel's."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from uuid import UUID

import pytest

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.logs.parse import request_id
from devkit.project.settings import PhpSettings, Settings
from devkit.scaffold.context import RenderContext
from devkit.scaffold.render import render

pytestmark = pytest.mark.engine

FRANKENPHP = base_image("frankenphp").reference
UPLOADED = ("x.php", "y.PHP", "z.pHp", "a.php.php", "deep/er/x.php", ".php", "sp ace.php", "t.php.txt")
"""What a person may have uploaded to the public disk: each is run if PHP ever sees it."""

ASKED = (
    "/storage/x.php",
    "/storage/x.php/foo",
    "/storage/x.php/",
    "/storage/x.php%2f",
    "/storage/x.php%2Ffoo",
    "/storage/x%2ephp",
    "/storage/x%2Ephp/foo",
    "/storage/y.PHP",
    "/storage/y.PHP/foo",
    "/storage/z.pHp",
    "/storage/a.php.php",
    "/storage/deep/er/x.php",
    "/storage/deep/er/x.php/foo",
    "/storage/.php",
    "/storage/sp%20ace.php",
    "/STORAGE/x.php",
    "//storage/x.php",
    "/storage//x.php",
    "/./storage/x.php",
    "/build/../storage/x.php",
    "/build/..%2fstorage/x.php",
    "/storage%2fx.php",
    "/%73torage/x.php",
    "/storage/./x.php/foo",
    "/storage/x.php/foo.php",
    "/storage/x.php?a=b",
    "/storage/x.php%00",
    "/storage/t.php.txt/foo",
    "/storage/t.php.txt/foo.php",
)
NAMED = "<?php header('X-Seen: '.$_SERVER['HTTP_X_REQUEST_ID']); if (isset($_GET['own'])) header('X-Request-Id: own');"
FRONT = f"{NAMED} echo 'front ', $_SERVER['REQUEST_URI'];"
WORKER = FRONT.replace("<?php", "<?php while (frankenphp_handle_request(function () {") + " })) {}"


class Server:
    """A container that serves `public/` by the rendered Caddyfile."""

    def __init__(self, docker: Docker, container: str) -> None:
        self.docker = docker
        self.container = container

    def ask(self, *paths: str) -> list[tuple[int, str]]:
        """Status and body of each path, as it is written."""
        asked = 'curl -s --path-as-is -w "\\n%{http_code}\\n" --noproxy "*" "http://127.0.0.1:8080$path"'
        script = f'for path; do {asked} | tr "\\n" " "; echo; done'
        done = self.docker.run("exec", self.container, "sh", "-c", script, "sh", *paths, check=False)
        answers = [line.strip().rpartition(" ") for line in done.stdout.decode(errors="replace").splitlines()]
        return [(int(status), body.strip()) for body, _, status in answers]


@pytest.fixture(scope="module", params=["worker", "classic"])
def server(
    docker: Docker, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("served")
    settings = Settings("served", php=PhpSettings(mode=request.param, workers=1))
    context = RenderContext({"frankenphp": FRANKENPHP, "node": base_image("node").reference})
    files = {path: file.text for path, file in render(settings, context).items() if path.endswith("addyfile")}
    files |= {"public/index.php": FRONT, "public/frankenphp-worker.php": WORKER}
    files |= {f"storage/app/public/{name}": "<?php echo 'EXE', 'CUTED';" for name in UPLOADED}
    files |= {"storage/app/public/photo.txt": "a photo " * 500, "public/build/app.css": "a{}"}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "public" / "storage").symlink_to("../storage/app/public")
    name = f"devkit-test-{secrets.token_hex(4)}"
    command = ("frankenphp", "run", "--config", "/app/docker/Caddyfile")
    options = ("--detach", "--name", name, "--network", "none", "--volume", f"{root}:/app:ro")
    ready = ("curl", "-s", "-o", "/dev/null", "--noproxy", "*", "--retry", "60", "--retry-connrefused")
    try:
        docker.run("run", *options, FRANKENPHP, *command)
        docker.run("exec", name, *ready, "http://127.0.0.1:8080/healthz")
        yield Server(docker, name)
    finally:
        docker.run("rm", "--force", "--volumes", name, check=False)


def test_uploaded_php_is_never_executed(server: Server) -> None:
    answers = dict(zip(ASKED, server.ask(*ASKED), strict=True))
    assert len(answers) == len(ASKED)
    assert {path: body for path, (_, body) in answers.items() if "EXECUTED" in body} == {}
    assert answers["/storage/x.php"][0] == answers["/storage/x.php/foo"][0] == answers["/storage/y.PHP"][0] == 403


def test_an_uploaded_file_is_served_and_a_route_below_storage_is_laravels(server: Server) -> None:
    photo, route, words = server.ask("/storage/photo.txt", "/storage/private/7", "/storage/x.phpinfo")
    assert photo == (200, ("a photo " * 500).strip())
    assert route == (200, "front /storage/private/7")
    assert words == (200, "front /storage/x.phpinfo")


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_answers_are_compressed_as_the_browser_asks(server: Server, encoding: str) -> None:
    done = server.docker.run(
        *("exec", server.container, "curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-D", "-"),
        *("--header", f"Accept-Encoding: {encoding}", "http://127.0.0.1:8080/storage/photo.txt"),
    )
    assert f"content-encoding: {encoding}" in done.stdout.decode().lower()


def named(server: Server, path: str, *options: str) -> tuple[str, str, dict[str, object]]:
    """The id that PHP saw, the one of the answer, and the request's line in the access log."""
    asked = ("curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-D", "-", *options, f"http://127.0.0.1:8080{path}")
    head = server.docker.run("exec", server.container, *asked).stdout.decode()
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    lines = [line for line in logged(server) if f'"uri":"{path}"' in line]
    return fields.get("X-Seen", ""), fields["X-Request-Id"], json.loads(lines[-1])


def logged(server: Server) -> list[str]:
    done = server.docker.run("logs", server.container)
    return (done.stdout + done.stderr).decode().splitlines()


def test_every_request_has_an_id_in_php_in_its_answer_and_in_the_access_log(server: Server) -> None:
    seen, answered, line = named(server, "/orders/1")
    assert UUID(seen)
    assert seen == answered == request_id(line)
    assert named(server, "/orders/1")[0] != seen
    _, answered, line = named(server, "/build/app.css")
    assert UUID(answered)
    assert answered == request_id(line)


def test_an_id_that_a_proxy_gave_or_the_application_stays(server: Server) -> None:
    seen, answered, line = named(server, "/orders/2", "--header", "X-Request-Id: of-a-proxy")
    assert seen == answered == request_id(line) == "of-a-proxy"
    seen, answered, line = named(server, "/orders/3?own=1")
    assert UUID(seen)
    assert answered == request_id(line) == "own"


def test_every_answer_of_a_server_that_drains_ends_its_connection(server: Server) -> None:
    paths = ("/orders/4", "/build/app.css", "/healthz", "/orders/5")

    def connections() -> str:
        """How many connections curl made for each of the paths, one after another."""
        every = [word for path in paths for word in ("--output", "/dev/null", f"http://127.0.0.1:8080{path}")]
        asked = ("curl", "-s", "--noproxy", "*", "--write-out", "%{http_code}:%{num_connects} ", *every)
        return server.docker.run("exec", server.container, *asked).stdout.decode().strip()

    assert connections() == "200:1 200:0 200:0 200:0"
    try:
        server.docker.run("exec", server.container, "touch", "/dev/shm/draining")
        assert connections() == "200:1 200:1 200:1 200:1"
    finally:
        server.docker.run("exec", server.container, "rm", "-f", "/dev/shm/draining")
    assert connections() == "200:1 200:0 200:0 200:0"
