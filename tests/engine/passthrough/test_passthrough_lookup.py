"""Where a command runs: the container found, found again, and what is said where there is none."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from passthrough_stack import Stack, as_from_a_shell

from devkit.engine.images.catalogue import base_image

pytestmark = pytest.mark.engine


def remembered(stack: Stack) -> str:
    return (stack.directory / ".devkit/exec").read_text()


def test_the_directory_inside_is_the_one_outside(stack: Stack) -> None:
    below = stack.directory / "app" / "Models"
    assert stack.devkit("exec", "app", "pwd", directory=below).stdout == b"/app/app/Models\n"
    outside = stack.directory.parent
    done = stack.devkit("--project", str(stack.directory), "exec", "app", "pwd", directory=outside)
    assert done.stdout == b"/app\n"
    assert stack.devkit("exec", "other", "pwd", directory=below).stdout == b"/\n"  # nothing is mounted there
    link = stack.directory.parent / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(stack.directory)
    assert stack.devkit("exec", "app", "pwd", directory=link / "app").stdout == b"/app/app\n"


def test_a_directory_that_is_not_in_the_container_is_said(stack: Stack) -> None:
    stack.devkit("exec", "app", "true")
    text = remembered(stack)
    (stack.directory / ".devkit/exec").write_text(text.replace("\t/app\n", "\t/nowhere\n"))
    done = stack.devkit("exec", "app", "true")
    (stack.directory / ".devkit/exec").unlink()
    assert done.returncode == 126
    assert done.stderr.startswith(b"devkit: /nowhere is not in the container of app\n")


def test_variables_that_no_shell_could_set_are_there_too(stack: Stack) -> None:
    assert b"odd.name=a b\n" in stack.devkit("exec", "other", "env").stdout
    assert b"\t".join([b"service", b"other"]) in remembered(stack).encode()


def test_a_container_that_was_recreated_is_found(stack: Stack) -> None:
    assert stack.devkit("exec", "app", "true").returncode == 0
    before = stack.container()
    stack.compose("up", "--detach", "--force-recreate", "--timeout", "1", "app")
    done = stack.devkit("exec", "app", "hostname")
    assert done.stdout.decode().strip() == stack.container()[:12] != before[:12]
    assert done.stderr == b""


def test_a_paused_service_is_said_with_what_to_do(stack: Stack) -> None:
    stack.compose("pause", "other")
    try:
        done = stack.devkit("exec", "other", "true")
    finally:
        stack.compose("unpause", "other")
    assert done.returncode == 1
    assert (
        done.stderr == b"devkit: service other is paused\n  \xe2\x86\x92 let it go on: docker compose unpause other\n"
    )


@pytest.mark.parametrize(("flags", "out"), [((), b""), (("--json",), b'"code": "usage"')])
def test_a_service_that_there_is_none_of_is_named(stack: Stack, flags: tuple[str, ...], out: bytes) -> None:
    done = stack.devkit(*flags, "exec", "databse", "true")
    assert done.returncode == 2
    assert b"this project has no service 'databse'" in done.stderr
    assert out in done.stdout and (out or not done.stdout)


def test_a_broken_devkit_toml_is_said(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text("schema = 2\n")
    done = stack.devkit("exec", "app", "true", directory=tmp_path)
    assert done.returncode == 2
    assert b"devkit.toml has schema 2" in done.stderr


def test_where_nothing_can_be_remembered_it_is_looked_up_each_time(stack: Stack) -> None:
    file = stack.directory / ".devkit/exec"
    file.unlink(missing_ok=True)
    file.mkdir()
    try:
        assert stack.devkit("exec", "app", "echo", "so").stdout == b"so\n"
    finally:
        file.rmdir()


def test_fifty_at_once_all_find_it(stack: Stack) -> None:
    (stack.directory / ".devkit/exec").unlink(missing_ok=True)
    children = [
        subprocess.Popen(
            [stack.launcher, "exec", "app", "echo", str(number)],
            cwd=stack.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=as_from_a_shell,
        )
        for number in range(50)
    ]
    told = [child.communicate(timeout=120) for child in children]
    assert told == [(b"%d\n" % number, b"") for number in range(50)]
    text = remembered(stack)
    assert text.startswith("devkit 1\n") and text.count("service\tapp\t") == 1
    assert [path.name for path in (stack.directory / ".devkit").iterdir() if path.name.startswith(".")] == []


# ------------------------------------------------------------ other ways to the engine


class Way:
    """A listener that carries bytes to the engine's socket, until it is cut."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            theirs = socket.socket(socket.AF_UNIX)
            theirs.connect("/var/run/docker.sock")
            self._open += [ours, theirs]
            for source, target in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def way(stack: Stack, listener: socket.socket, host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    if stack.docker.endpoint.host != "unix:///var/run/docker.sock":
        raise AssertionError("these tests know the engine at its usual address only")
    monkeypatch.setenv("DOCKER_HOST", host)
    carrier = Way(listener)
    try:
        yield carrier
    finally:
        carrier.cut()


def test_an_engine_over_tcp_is_reached_through_the_docker_command(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with way(stack, listener, f"tcp://127.0.0.1:{listener.getsockname()[1]}", monkeypatch):
        for _ in range(2):  # looked up, and remembered
            done = stack.devkit("exec", "app", "sh", "-c", "cat; echo err >&2; exit 7", input=b"in\0")
            assert (done.returncode, done.stdout, done.stderr) == (7, b"in\0", b"err\n")
        with stack.start("exec", "app", "sh", "-c", "echo ready; sleep 71") as child:
            child.terminate()
            assert child.wait(30) == 143
        assert stack.processes() == []
    done = stack.devkit("exec", "app", "true")
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 2


def test_an_engine_that_goes_in_mid_command_is_said_with_status_3(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stack.directory.parent / "engine.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    with way(stack, listener, f"unix://{path}", monkeypatch) as carrier:
        with stack.start("exec", "app", "sh", "-c", "echo ready; sleep 72") as child:
            carrier.cut()
            _, err = child.communicate(timeout=30)
        assert child.returncode == 3
        assert err.startswith(b"devkit: the container engine ended while the command ran\n")
        done = stack.devkit("exec", "app", "true")
        assert done.returncode == 3
        assert b"the container engine is not started" in done.stderr


@pytest.mark.parametrize("arguments", [("kill", "other"), ("rm", "--force", "--stop", "other")])
def test_a_container_that_goes_in_mid_command_is_said(stack: Stack, arguments: tuple[str, ...]) -> None:
    try:
        with stack.start("exec", "other", "sh", "-c", "echo ready; sleep 73") as child:
            stack.compose(*arguments)
            _, err = child.communicate(timeout=30)
    finally:
        stack.compose("up", "--detach", "other")
    assert child.returncode == 137
    assert err.startswith(b"devkit: the container of other was stopped or removed while the command ran\n")


# ------------------------------------------------------------ Node


@pytest.fixture(scope="module")
def front_end(shared_stack: Stack) -> Path:
    """A file for Node to read, in the project."""
    (shared_stack.directory / "app" / "word.txt").write_text("from the project")
    return shared_stack.directory / "app"


SHOWS = "console.log(process.cwd(), require('fs').readFileSync('word.txt').toString()); process.exit(9)"


def test_node_gets_a_container_of_its_own_where_no_service_runs_it(stack: Stack, front_end: Path) -> None:
    done = stack.devkit("node", "-e", SHOWS, directory=front_end)
    assert (done.returncode, done.stdout) == (9, b"/app/app from the project\n")
    left = stack.docker.run("ps", "--all", "--quiet", "--filter", f"name={stack.project}-node")
    assert left.stdout == b""


def test_nodes_container_ends_with_a_devkit_that_is_killed(stack: Stack, front_end: Path) -> None:
    with stack.start("node", "-e", "console.log('ready'); setInterval(() => {}, 1000)") as child:
        listing = stack.docker.run("ps", "--quiet", "--no-trunc", "--filter", f"name={stack.project}-node")
        container = listing.stdout.decode().strip()
        child.kill()
    filters = ("--filter", f"container={container}", "--filter", "event=destroy")
    with subprocess.Popen(
        [stack.docker.binary, "events", "--since", "60s", *filters], stdout=subprocess.PIPE, text=True
    ) as events:
        assert events.stdout is not None
        assert container in events.stdout.readline()
        events.kill()


def test_node_runs_in_the_service_vite_where_that_runs(stack: Stack, front_end: Path) -> None:
    image = base_image("node").reference
    service = f'{{image: "{image}", init: true, command: [sleep, infinity], working_dir: /app, volumes: [".:/app"]}}'
    file = stack.directory / "compose.override.yaml"
    file.write_text(f"services:\n  vite: {service}\n")
    try:
        stack.compose("up", "--detach", "vite")
        done = stack.devkit("node", "-e", SHOWS, directory=front_end)
        assert (done.returncode, done.stdout) == (9, b"/app/app from the project\n")
        assert stack.devkit("node", "-p", "os.hostname()").stdout.decode().strip() == stack.container("vite")[:12]
        stack.compose("rm", "--force", "--stop", "vite")
        assert stack.devkit("node", "-p", "1").stdout == b"1\n"
    finally:
        file.unlink()
