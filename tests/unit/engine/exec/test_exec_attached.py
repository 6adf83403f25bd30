"""How a command's end is told, also where the engine or the container ends first: against an engine that obeys."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_engine import CONTAINER, EXEC, REPOSITORY, FakeEngine, fake_engine, frame, remembered_project

pytestmark = pytest.mark.unit

PROGRAM = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from devkit.entry import main; sys.exit(main())"
PID = frame(2, b"devkit 42\n")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine in which the container of the project in `tmp_path` is known already."""
    with fake_engine(tmp_path) as running:
        remembered_project(tmp_path, running, monkeypatch)
        yield running


def start(directory: Path, *arguments: str, **streams: int) -> subprocess.Popen[bytes]:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-IS", "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, cwd=directory, preexec_fn=as_from_a_shell, **pipes)


def as_from_a_shell() -> None:
    """Whoever runs the tests in the background, or under nohup, has these ignored; a child would inherit it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def run(directory: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    with start(directory, *(arguments or ("exec", "app", "true"))) as child:
        out, err = child.communicate(timeout=30)
        return child.returncode, out, err


@pytest.mark.parametrize("status", [0, 1, 42, 126, 127, 130, 143, 255])
def test_the_exit_status_is_the_commands(engine: FakeEngine, tmp_path: Path, status: int) -> None:
    engine.stream = lambda connection: connection.sendall(PID + frame(1, b"out") + frame(2, b"err"))
    engine.ended(ExitCode=status)
    assert run(tmp_path) == (status, b"out", b"err")


def test_the_engine_may_know_a_little_later_that_it_ended(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(PID)
    engine.ended(Running=True, ExitCode=None)
    asked = threading.Event()
    engine.when(f"/exec/{EXEC}/json", asked.set)
    with start(tmp_path, "exec", "app", "true") as child:
        assert asked.wait(20)
        engine.ended(ExitCode=9)
        assert child.wait(20) == 9


def test_an_engine_that_ends_meanwhile_is_told_with_status_3(engine: FakeEngine, tmp_path: Path) -> None:
    def end(connection: socket.socket) -> None:
        connection.sendall(PID + frame(1, b"half"))
        engine.close()

    engine.stream = end
    status, out, err = run(tmp_path)
    assert (status, out) == (3, b"half")
    assert err.decode().splitlines()[0] == "devkit: the container engine ended while the command ran"
    assert len(err.splitlines()) == 2


def test_an_engine_that_was_started_anew_does_not_know_the_command(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(PID)
    del engine.answers[f"/exec/{EXEC}/json"]
    engine.answers[f"/containers/{CONTAINER}/json"] = (200, b'{"State":{"Running":true}}')
    assert run(tmp_path)[0] == 3


@pytest.mark.parametrize("state", [None, b'{"State":{"Running":false}}'])
def test_a_container_that_goes_meanwhile_is_told(engine: FakeEngine, tmp_path: Path, state: bytes | None) -> None:
    engine.stream = lambda connection: connection.sendall(PID)
    engine.ended(ExitCode=137)
    if state is not None:
        engine.answers[f"/containers/{CONTAINER}/json"] = (200, state)
    status, _, err = run(tmp_path)
    assert status == 137
    assert err.startswith(b"devkit: the container of app was stopped or removed while the command ran\n")


@pytest.mark.parametrize(
    ("reason", "status", "said"),
    [
        ('exec: "x": executable file not found in $PATH', 127, "true: not found in service app"),
        ('exec: "x": permission denied', 126, "true: not executable in service app"),
        ('chdir to cwd ("/app") set in config.json failed: no such file', 126, "/app is not in the container of app"),
        ("argument list too long", 126, "the arguments are too long"),
        ("something new", 125, "true was not started: OCI runtime exec failed: something new"),
    ],
)
def test_what_does_not_start_is_one_line_and_no_output(
    engine: FakeEngine, tmp_path: Path, reason: str, status: int, said: str
) -> None:
    engine.stream = lambda connection: connection.sendall(frame(1, f"OCI runtime exec failed: {reason}\r\n".encode()))
    engine.ended(ExitCode=125, Pid=0)
    got, out, err = run(tmp_path)
    assert (got, out) == (status, b"")
    assert said in err.decode().splitlines()[0]


NO_SHELL = b'OCI runtime exec failed: exec: "/bin/sh": stat /bin/sh: no such file or directory\r\n'


def test_an_image_without_a_shell_runs_the_command_itself(engine: FakeEngine, tmp_path: Path) -> None:
    def talk(connection: socket.socket) -> None:
        if b"/bin/sh" in engine.requests[-2][2]:
            connection.sendall(frame(1, NO_SHELL))
        else:
            connection.sendall(frame(1, connection.recv(100)))

    engine.stream = talk
    with start(tmp_path, "exec", "app", "/server", stdin=subprocess.PIPE) as child:
        assert child.communicate(b"all of stdin", timeout=20) == (b"all of stdin", b"")
    assert child.returncode == 0


def test_a_shell_in_an_image_without_one_is_refused(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(frame(1, NO_SHELL))
    status, _, err = run(tmp_path, "shell")
    assert status == 127
    assert err.decode().startswith("devkit: service app has no shell\n")


def test_a_signal_that_nobody_can_hand_on_is_said(engine: FakeEngine, tmp_path: Path) -> None:
    def talk(connection: socket.socket) -> None:
        if b"/bin/sh" in engine.requests[-2][2]:
            connection.sendall(frame(1, NO_SHELL))
        else:
            connection.sendall(frame(1, b"up\n"))
            connection.recv(1)

    engine.stream = talk
    with start(tmp_path, "exec", "app", "/server", stdin=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        child.send_signal(signal.SIGTERM)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 143
    assert b"has no shell that could signal the command" in err


def test_a_signal_ends_devkit_also_where_the_engine_starts_nothing(engine: FakeEngine, tmp_path: Path) -> None:
    silent = threading.Event()

    def talk(connection: socket.socket) -> None:
        silent.set()
        connection.recv(1)

    engine.stream = talk
    with start(tmp_path, "exec", "app", "true") as child:
        assert silent.wait(20)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 3
    assert b"the container engine" in err


def test_what_is_written_to_a_full_disk_is_said_once(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(PID + frame(1, b"more than fits"))
    with Path("/dev/full").open("wb") as full, start(tmp_path, "exec", "app", "true", stdout=full.fileno()) as child:
        _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert err.decode().startswith("devkit: the disk is full")


def test_a_standard_stream_that_is_closed_gives_its_number_to_no_connection(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(PID + frame(1, b"out"))
    line = f"exec {shlex.quote(sys.executable)} -IS -c {shlex.quote(PROGRAM)} exec app true <&- 2>&-"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out", b"")


def test_what_came_with_the_answer_is_not_waited_for(engine: FakeEngine, tmp_path: Path) -> None:
    """The announcement may be in the engine's first packet, and the command waits for stdin then."""
    engine.first = PID
    engine.stream = lambda connection: connection.sendall(frame(1, connection.recv(100)))
    with start(tmp_path, "exec", "app", "cat", stdin=subprocess.PIPE) as child:
        assert child.communicate(b"typed", timeout=20) == (b"typed", b"")


def test_stderr_is_whole_where_nobody_reads_stdout(engine: FakeEngine, tmp_path: Path) -> None:
    engine.stream = lambda connection: connection.sendall(PID + frame(1, b"unread") + frame(2, b"read\n"))
    reader, writer = os.pipe()
    os.close(reader)
    with start(tmp_path, "exec", "app", "true", stdout=writer) as child:
        os.close(writer)
        _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (141, b"read\n")
