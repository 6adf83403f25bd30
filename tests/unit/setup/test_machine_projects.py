from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from devkit.project.errors import CommandError
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.setup.known_projects import remember_project
from devkit.setup.machine_projects import power_off

pytestmark = pytest.mark.unit

CLIENT = """\
#!/bin/sh
[ "$2" = broken ] && { echo "Error response from daemon: cannot stop it" >&2; exit 1; }
echo "$@" >> "$(dirname "$0")/called"
"""


class Engine(BaseHTTPRequestHandler):
    """Says of every project that its one container, of the project's name, runs."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        found = []
        if "filters" in query:
            name = json.loads(query["filters"][0])["label"][0].rpartition("=")[2]
            labels = {"com.docker.compose.service": "app"}
            found = [{"Id": name, "Image": "i", "Labels": labels, "State": "running", "Status": "Up 1 second"}]
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a socket"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(CLIENT)
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/s")
    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "s"), Engine) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield docker
        server.shutdown()
        thread.join()


def test_a_project_that_cannot_be_stopped_keeps_no_other_running(
    client: Path, machine_paths: MachinePaths, tmp_path: Path
) -> None:
    for name in ("broken", "last", "one"):
        root = tmp_path / name
        root.mkdir()
        ProjectPaths(root).settings.write_text(f'[project]\nname = "{name}"\n')
        remember_project(machine_paths, name, root)
    told: list[str] = []
    with pytest.raises(CommandError, match=r"broken could not be stopped: .*cannot stop it"):
        power_off(machine_paths, on_stop=told.append, on_wait=told.append)
    assert told == ["last", "one"]
    assert (client.parent / "called").read_text() == "stop last\nstop one\n"
