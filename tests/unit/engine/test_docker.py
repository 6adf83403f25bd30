"""The docker command and the engine's socket, with programs and servers of the test's own."""

from __future__ import annotations

import os
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from unix_http import serving

from devkit.engine import docker as docker_module
from devkit.engine.connection import Endpoint
from devkit.engine.containers import container_ids, inspect
from devkit.engine.docker import Docker, command_error, describe, find_docker
from devkit.engine.image_inspection import inspect_image
from devkit.project.errors import CommandError, EngineError, FailedError
from devkit.project.paths import machine_paths

pytestmark = pytest.mark.unit


NOWHERE = Endpoint("unix:///nowhere.sock", "default")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def engine_answering(status: int, body: bytes) -> Iterator[Endpoint]:
    """A real HTTP server on a Unix socket, its directory still closed to others."""
    with (
        tempfile.TemporaryDirectory(prefix="dk") as root,
        serving(Path(root) / "docker.sock", lambda _path: (status, body)) as host,
    ):
        yield Endpoint(host, "default")


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Docker]:
    """A `docker` that is the given shell script."""

    def make(script: str, endpoint: Endpoint = NOWHERE) -> Docker:
        path = tmp_path / "docker"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return Docker(path, endpoint)

    return make


def test_an_engine_that_answers_is_there() -> None:
    with engine_answering(200, b"OK") as endpoint:
        Docker(Path("docker"), endpoint).ping()


def test_an_engine_that_answers_with_an_error_gives_its_message() -> None:
    with (
        engine_answering(503, b'{"message": "starting up"}') as endpoint,
        pytest.raises(EngineError, match="starting up"),
    ):
        Docker(Path("docker"), endpoint).ping()


def test_an_engine_that_accepts_but_says_nothing_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_module, "PING_SECONDS", 0.2)

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            done.wait(10)

    done = threading.Event()
    root = Path(tempfile.mkdtemp(prefix="dk"))
    with _Server(str(root / "s"), Silent) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with pytest.raises(EngineError, match=r"does not answer within 0\.2 s"):
            Docker(Path("docker"), Endpoint(f"unix://{root / 's'}", "default")).ping()
        done.set()
        server.shutdown()
        thread.join()
    shutil.rmtree(root)


def test_an_engine_that_is_not_started_is_told_with_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not started") as caught:
        Docker(Path("docker"), Endpoint(f"unix://{tmp_path}/docker.sock", "Colima")).ping()
    assert "colima start" in caught.value.hint


def test_a_user_who_may_not_use_the_socket_is_told_how_to_be_permitted() -> None:
    with engine_answering(200, b"OK") as endpoint:
        assert endpoint.socket_path is not None
        endpoint.socket_path.parent.chmod(0o755)
        endpoint.socket_path.chmod(0)
        said = _without_root(lambda: Docker(Path("docker"), endpoint).ping())
    assert "permission denied" in said
    assert "usermod -aG docker" in said


def _without_root(work: Callable[[], None]) -> str:
    """The EngineError of work that was done in a process of its own, as nobody where the tests are root's."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            work()
        except EngineError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_a_remote_engine_is_asked_through_the_client(program: Callable[..., Docker]) -> None:
    docker = program("echo 'cannot connect to host' >&2; exit 1", Endpoint("ssh://u@host", "context far"))
    with pytest.raises(EngineError, match=r"ssh://u@host \(context far\).*cannot connect to host"):
        docker.ping()


def test_what_the_engine_does_not_have_is_none_and_what_it_refuses_is_an_error_in_its_words() -> None:
    with engine_answering(200, b'{"Id": "a"}') as endpoint:
        assert Docker(Path("docker"), endpoint).find("/containers/a/json") == {"Id": "a"}
    with engine_answering(404, b'{"message": "No such container: a"}') as endpoint:
        assert inspect(Docker(Path("docker"), endpoint), "a") is None
    with (
        engine_answering(500, b'{"message": "out of order"}') as endpoint,
        pytest.raises(FailedError, match="the engine refused /containers/a/json: out of order"),
    ):
        inspect(Docker(Path("docker"), endpoint), "a")


def test_an_engine_that_goes_while_it_is_asked_is_an_engine_error() -> None:
    docker = Docker(Path("docker"), NOWHERE)
    for ask in (lambda: inspect(docker, "a"), lambda: inspect_image(docker, "a"), lambda: container_ids(docker, "a")):
        with pytest.raises(EngineError):
            ask()


def test_no_docker_command_on_the_path_is_told_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(EngineError, match="Docker is not installed"):
        find_docker({"PATH": str(tmp_path), "HOME": str(tmp_path)})


def test_devkits_own_engine_comes_before_the_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    own = machine_paths().engine / "usr" / "bin"
    assert own.is_relative_to(tmp_path)
    system = tmp_path / "bin"
    for directory in (own, system):
        directory.mkdir(parents=True)
        (directory / "docker").write_text("#!/bin/sh\n")
        (directory / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{system}:/usr/bin:/bin")
    docker = find_docker({"PATH": f"{system}:/usr/bin", "HOME": str(tmp_path), "DOCKER_HOST": "unix:///x"})
    assert docker.binary == own / "docker"
    assert docker.environment()["PATH"].split(os.pathsep)[:2] == [str(own), str(own.parent / "sbin")]


def test_docker_host_is_set_only_where_docker_does_not_find_the_engine_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONTEXT", "other")
    podman = Docker(Path("/usr/bin/docker"), Endpoint("unix:///p.sock", "Podman")).environment()
    assert podman["DOCKER_HOST"] == "unix:///p.sock"
    assert "DOCKER_CONTEXT" not in podman
    context = Docker(Path("/usr/bin/docker"), Endpoint("unix:///p.sock", "context other")).environment()
    assert "DOCKER_HOST" not in context
    assert context["DOCKER_CONTEXT"] == "other"


def test_a_failed_command_says_which_with_what_status_and_its_last_words(
    program: Callable[..., Docker],
) -> None:
    with pytest.raises(CommandError) as caught:
        program("echo first >&2; echo 'no such image' >&2; exit 7").run("image", "inspect", "x")
    assert caught.value.message == "docker image inspect x ended with status 7: no such image"
    assert caught.value.returncode == 7
    assert caught.value.detail == "first\nno such image"


def test_input_reaches_the_command_and_output_comes_back(program: Callable[..., Docker]) -> None:
    assert program("cat").run("load", input=b"bytes\x00\xff").stdout == b"bytes\x00\xff"


def test_values_do_not_stand_in_messages() -> None:
    text = describe(("compose", "--project-directory", "/a b", "-p", "x", "exec", "-e", "PASSWORD=secret", "app"))
    assert text == "docker compose exec -e PASSWORD=… app"


def test_lines_come_while_the_command_still_runs(program: Callable[..., Docker], tmp_path: Path) -> None:
    seen: list[str] = []

    def on_line(line: str) -> None:
        seen.append(line)
        (tmp_path / "go").touch()

    # the command goes on only when its first line has been seen
    script = f"echo out; while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; printf 'err\\377\\n' >&2; exit 3"
    assert program(script).stream("x", on_line=on_line) == 3
    assert seen == ["out", "err\ufffd"]


def test_a_line_without_end_is_given_in_pieces(program: Callable[..., Docker]) -> None:
    seen: list[str] = []
    program("head -c 200000 /dev/zero | tr '\\0' a").stream("x", on_line=seen.append)
    assert "".join(seen) == "a" * 200_000
    assert max(map(len, seen)) <= 64 * 1024


def test_an_exception_ends_the_command_and_what_it_started(program: Callable[..., Docker], tmp_path: Path) -> None:
    def fail(_line: str) -> None:
        raise RuntimeError("enough")

    script = f"sleep 300 & echo $! > {tmp_path}/child; echo started; wait"
    with pytest.raises(RuntimeError, match="enough"):
        program(script).stream("x", on_line=fail)
    assert _gone(int((tmp_path / "child").read_text()))


def test_a_command_that_takes_too_long_is_ended(program: Callable[..., Docker], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"did not end within 0\.3 s"):
        program(f"echo $$ > {tmp_path}/pid; exec sleep 300").run("x", timeout=0.3)
    assert _gone(int((tmp_path / "pid").read_text()))


def test_ctrl_c_ends_the_command(program: Callable[..., Docker], tmp_path: Path) -> None:
    docker = program(f"echo $$ > {tmp_path}/pid; echo started; exec sleep 300")
    code = (
        "from pathlib import Path; from devkit.engine.docker import Docker;"
        "from devkit.engine.connection import Endpoint;"
        f"Docker(Path({str(docker.binary)!r}), Endpoint('unix:///x', 'default'))"
        ".stream('x', on_line=lambda line: print(line, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as devkit:
        assert devkit.stdout is not None
        assert devkit.stdout.readline() == b"started\n"
        devkit.send_signal(signal.SIGINT)
        _out, err = devkit.communicate(timeout=15)
    assert b"KeyboardInterrupt" in err
    assert _gone(int((tmp_path / "pid").read_text()))


def _gone(pid: int) -> bool:
    """Whether a process has ended; the kernel tells nobody but its parent, so this looks a few times."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_line_of_env_that_compose_cannot_read_is_never_quoted() -> None:
    said = 'failed to read /shop/.env: line 2: unterminated quoted value "hunter2 x'
    error = command_error(("compose", "up"), 1, said)
    assert "hunter2" not in error.message + error.detail
    assert "line 2: it cannot be read" in error.message
