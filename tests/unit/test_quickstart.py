"""quickstart.py: the environment that it makes, repairs and leaves alone, and the command that it puts on the PATH."""

from __future__ import annotations

import ast
import base64
import errno
import hashlib
import http.server
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "quickstart.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("quickstart", SCRIPT)
    assert spec is not None and spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def quickstart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module, in a home directory of its own and without uv."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin:/bin")
    return load()


@pytest.fixture
def environment(quickstart: Any, tmp_path: Path) -> Any:
    """An environment with nothing to install: made without a network."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    return quickstart.Environment(tmp_path / "data" / "venv", requirements)


@pytest.mark.unit
def test_the_file_can_be_read_by_python_3_6_so_that_old_pythons_get_the_message() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.unit
def test_nothing_but_the_standard_library_is_imported() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= set(sys.stdlib_module_names)


@pytest.mark.e2e
def test_an_environment_is_made_once_and_imports_devkit_from_the_checkout(quickstart: Any, environment: Any) -> None:
    assert quickstart.prepare(environment) is True
    assert quickstart.prepare(environment) is False
    told = subprocess.run(
        [environment.python, "-I", "-c", "import devkit; print(devkit.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.strip()) == SCRIPT.parent / "devkit/__init__.py"


@pytest.mark.e2e
def test_an_interrupted_environment_is_made_anew(quickstart: Any, environment: Any) -> None:
    environment.directory.mkdir(parents=True)
    (environment.directory / "rubble").write_text("left by a killed run")
    assert quickstart.prepare(environment) is True
    assert not (environment.directory / "rubble").exists()
    assert quickstart.is_ready(environment)


@pytest.mark.e2e
def test_a_run_that_is_killed_is_followed_by_one_that_finishes(quickstart: Any, environment: Any) -> None:
    code = (
        "import importlib.util, sys, pathlib\n"
        f"spec = importlib.util.spec_from_file_location('quickstart', {str(SCRIPT)!r})\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        f"module.prepare(module.Environment(pathlib.Path({str(environment.directory)!r}),"
        f" pathlib.Path({str(environment.requirements)!r})))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    while not (environment.directory / "pyvenv.cfg").exists():  # no event tells how far another process is
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not quickstart.is_ready(environment)
    quickstart.prepare(environment)
    assert quickstart.is_ready(environment)


@pytest.mark.parametrize("change", ["requirements", "python", "stamp"])
@pytest.mark.unit
def test_what_the_environment_was_made_from_decides_whether_it_is_still_good(
    quickstart: Any, environment: Any, change: str
) -> None:
    (environment.directory / "bin").mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    stamp = environment.directory / quickstart.STAMP
    stamp.write_text(
        json.dumps({"digest": quickstart.digest(environment), "python": str(environment.python.resolve())})
    )
    assert quickstart.is_ready(environment)
    if change == "requirements":
        environment.requirements.write_text("# something else\n")
    elif change == "python":
        environment.python.unlink()
        environment.python.symlink_to("/nonexistent/python3")
    else:
        stamp.write_text("{half")
    assert not quickstart.is_ready(environment)


@pytest.mark.e2e
def test_a_second_start_at_the_same_time_waits_for_the_first(
    quickstart: Any, environment: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    threads = [threading.Thread(target=quickstart.prepare, args=(environment,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = capfd.readouterr().err
    assert said.count("Setting up") == 1
    assert "Another quickstart" in said
    assert quickstart.is_ready(environment)


@pytest.mark.unit
def test_a_data_directory_that_cannot_be_written_is_named_with_what_to_do(quickstart: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(quickstart.SetupError, match="cannot be written") as error:
        quickstart.prepare(quickstart.Environment(blocked / "venv", SCRIPT))
    assert "XDG_DATA_HOME" in error.value.hint


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: NewConnectionError('x')\nERROR: No matching distribution", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "another hash"),
        ("error: invalid peer certificate: UnknownIssuer", "not trusted"),
        ("something odd", "something odd"),
    ],
)
@pytest.mark.unit
def test_a_failure_is_said_in_one_line_with_what_to_do(quickstart: Any, output: str, message: str) -> None:
    error = quickstart.explain(["python", "-m", "pip"], output)
    assert message in str(error)
    assert "\n" not in str(error)
    assert error.hint


def run_script(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script as a person runs it, with a data directory and a home of its own."""
    environ = {**os.environ, "XDG_DATA_HOME": str(data), "HOME": str(data.parent)}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@pytest.mark.unit
def test_a_failure_is_one_json_object_too_where_a_program_reads(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    done = run_script(tmp_path / "data", "shop", "--yes", "--json")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert error["code"] == "failed" and "cannot be written" in error["message"]
    assert "XDG_DATA_HOME" in error["hint"] and error["hint"] in done.stderr


@pytest.mark.unit
def test_help_explains_the_flags_and_sets_nothing_up(tmp_path: Path) -> None:
    done = run_script(tmp_path / "data", "--help")
    assert done.returncode == 0, done.stderr
    assert "--install-docker" in done.stdout
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------ the devkit command


@pytest.mark.unit
def test_the_command_is_put_into_the_home_and_the_missing_path_is_said(
    quickstart: Any, environment: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    quickstart.put_on_path(environment)
    command = Path.home() / ".local/bin/devkit"
    assert os.access(command, os.X_OK)
    assert "fish_add_path" in capfd.readouterr().err
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin")
    quickstart.put_on_path(environment)
    assert capfd.readouterr().err == ""


@pytest.mark.unit
def test_a_command_that_cannot_be_written_leaves_nothing_behind(
    quickstart: Any, environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    command = tmp_path / "bin" / "devkit"
    with pytest.raises(quickstart.SetupError, match="No space left"):
        quickstart.write_launcher(command, environment)
    assert list(command.parent.iterdir()) == []


@pytest.mark.unit
def test_a_command_of_someone_else_is_left_alone_and_said(
    quickstart: Any, environment: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    command = Path.home() / ".local/bin/devkit"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho mine\n")
    quickstart.put_on_path(environment)
    assert command.read_text() == "#!/bin/sh\necho mine\n"
    assert "not devkit's own" in capfd.readouterr().err


@pytest.mark.unit
@pytest.mark.parametrize("name", ["venv", "with a 'space", "x" * 120])
def test_the_command_starts_python_without_site_packages_and_hands_on_every_byte(
    quickstart: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    checkout = tmp_path / "it's a checkout"
    (checkout / "devkit").mkdir(parents=True)
    (checkout / "devkit/__init__.py").touch()
    shows = "import os, sys\ndef main(bundle):\n os.write(1, b'|'.join(map(os.fsencode, sys.argv[1:])))\n"
    (checkout / "devkit/entry.py").write_text(f"{shows} return 40 + sys.flags.no_site + sys.flags.isolated\n")
    monkeypatch.setattr(quickstart, "CHECKOUT", checkout)
    environment = quickstart.Environment(tmp_path / name, SCRIPT)
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    command = tmp_path / "devkit"
    assert quickstart.write_launcher(command, environment)
    done = subprocess.run([command, b"", b"\xff", b"--help", b"a\nb"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (42, b"|\xff|--help|a\nb")


# ------------------------------------------------------------ pip from an index, without ensurepip


class Index(http.server.BaseHTTPRequestHandler):
    """A package index with one file."""

    name = ""
    content = b""
    told = ""
    as_json = True

    def do_GET(self) -> None:
        if self.path.endswith("/pip/"):
            if self.as_json:
                entry = {"filename": self.name, "url": "../../files/" + self.name, "hashes": {"sha256": self.told}}
                body = json.dumps({"files": [entry]}).encode()
            else:
                body = f'<a href="../../files/{self.name}#sha256={self.told}">{self.name}</a>'.encode()
        else:
            body = self.content
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def index(quickstart: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Index]]:
    content = b"this is a wheel"
    digest = hashlib.sha256(content).hexdigest()
    checkout = tmp_path / "checkout"
    (checkout / "requirements").mkdir(parents=True)
    (checkout / "requirements/bootstrap.txt").write_text(f"pip==1.2 \\\n    --hash=sha256:{digest}\n")
    monkeypatch.setattr(quickstart, "CHECKOUT", checkout)
    handler = type("OneIndex", (Index,), {"name": "pip-1.2-py3-none-any.whl", "content": content, "told": digest})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("no_proxy", "*")
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.unit
def test_pip_is_taken_from_the_machines_index(
    quickstart: Any, index: type[Index], tmp_path: Path, as_json: bool
) -> None:
    index.as_json = as_json
    wheel = quickstart.pip_from_index(tmp_path, 0)
    assert wheel.read_bytes() == index.content


@pytest.mark.unit
def test_a_pip_with_another_hash_than_the_pinned_one_is_refused(
    quickstart: Any, index: type[Index], tmp_path: Path
) -> None:
    index.content = b"this is another wheel"
    index.told = hashlib.sha256(index.content).hexdigest()
    with pytest.raises(quickstart.SetupError, match="another hash"):
        quickstart.pip_from_index(tmp_path, 0)
    assert not list(tmp_path.glob("*.whl"))


@pytest.mark.unit
def test_a_password_of_the_index_goes_to_no_other_host(quickstart: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    seen: list[tuple[str, str | None]] = []

    class Redirecting(Index):
        content = b"here"

        def do_GET(self) -> None:
            host, port = self.headers["Host"].split(":")
            seen.append((f"{host}{self.path}", self.headers["Authorization"]))
            there = {"/first": "/second", "/second": f"http://localhost:{port}/third"}.get(self.path)
            if there is None:
                return super().do_GET()
            self.send_response(302)
            self.send_header("Location", there)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            fetched = quickstart.download(f"http://me:secret@127.0.0.1:{server.server_port}/first", "*/*")
        finally:
            server.shutdown()
            thread.join()
    login = "Basic " + base64.b64encode(b"me:secret").decode()
    assert fetched == b"here"
    assert seen == [("127.0.0.1/first", login), ("127.0.0.1/second", login), ("localhost/third", None)]


@pytest.mark.unit
def test_the_index_is_read_from_pips_own_configuration(
    quickstart: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://packages.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    assert quickstart.pip_setting("index-url") == "https://packages.example/simple"
