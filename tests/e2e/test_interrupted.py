"""The first run killed at any step, ports that are taken, odd names, and bad input."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from laravel_application import laravel
from support import Finished, Project, devkit, nobody_else_provides, remove

from devkit.engine.buildkit import local_builder
from devkit.engine.docker import find_docker
from devkit.engine.images.catalogue import INPUTS_LABEL, base_image
from devkit.engine.images.provide import planned_images
from devkit.setup.run import step_names

pytestmark = pytest.mark.e2e

ODD_NAME = "O'Brien's \"Café\" & $HOME `x` №1"
STEPS = step_names(start=True)
IN_THE_MIDDLE = {
    "files": "compose.yaml",
    "application": ".devkit/application",
    "packages": "vendor/composer",
    "environment": ".env",
}
"""What a step makes before it is through with its work."""
PORT = 21510


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("killed") / ODD_NAME
    try:
        yield directory
    finally:
        remove(directory)


def killed_at(
    step: str, directory: Path, *flags: str, once_there: str | None = None, once_runs: str | None = None
) -> str:
    """Start a first run and kill it, with all its children, when it says that the step begins; what it said.

    With `once_there` it is killed as soon as the step has made that file, with `once_runs` as soon as it has started a
    program whose arguments hold that word.
    """
    command = [sys.executable, "-m", "devkit.entry", "init", str(directory), "--yes", "--json", *flags]
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=directory.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                said.append(line)
                if line.startswith((f"▸ {step}:", f"> {step}:")):
                    break
            end = time.monotonic() + 60
            while once_there and not (directory / once_there).exists() and time.monotonic() < end:
                time.sleep(0.002)  # the step sends no event
            while once_runs and not runs(once_runs, process.pid) and time.monotonic() < end:
                time.sleep(0.002)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "".join(said)
    return "".join(said)


def runs(word: str, session: int) -> bool:
    """Whether a program with that word among its arguments runs in a session."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            words = (directory / "cmdline").read_bytes().split(b"\0")
            if word.encode() in words and os.getsid(int(directory.name)) == session:
                return True
    return False


def test_a_run_killed_at_each_step_is_finished_by_the_next(odd: Path) -> None:
    for step in STEPS:
        killed_at(step, odd, "--port", str(PORT))
        if step in IN_THE_MIDDLE:
            killed_at(step, odd, "--port", str(PORT), once_there=IN_THE_MIDDLE[step])
    done = devkit("init", str(odd), "--yes", "--json", "--port", str(PORT), directory=odd.parent)
    assert done.status == 0, done.stderr[-4000:]
    project = Project(odd, PORT, done.json)
    assert done.json["url"] == f"http://localhost:{PORT}"
    assert project.get("/up")[0] == 200
    assert project.get("/")[0] == 200
    states = {service["health"] for service in project.devkit("status", "--json").json["services"]}
    assert states == {"healthy"}


def test_a_run_killed_while_it_builds_a_base_image_is_finished_by_the_next(tmp_path: Path) -> None:
    docker, valkey = find_docker(), base_image("valkey").reference
    older = ("--builder", local_builder(docker), "--load", "--label", f"{INPUTS_LABEL}=older", "--tag", valkey, "-")
    directory = tmp_path / "with-valkey"
    with nobody_else_provides("valkey"):
        docker.run("buildx", "build", *older, input=f"FROM {valkey}".encode())
        killed_at("images", directory, "--with", "valkey", once_runs=valkey)
        assert [image.id for image in planned_images(["valkey"])] == [""]
        try:
            again = ("init", str(directory), "--yes", "--json", "--with", "valkey", "--no-start")
            done = devkit(*again, directory=tmp_path)
            assert done.status == 0, done.stderr[-4000:]
            assert [image.id for image in planned_images(["valkey"])] != [""]
        finally:
            remove(directory)


def test_a_port_taken_meanwhile_is_replaced_and_the_choice_remembered(odd: Path, tmp_path: Path) -> None:
    directory = tmp_path / "neighbour"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        first = Path("/proc/self/comm").read_text().strip() if sys.platform == "linux" else "python"
        killed = killed_at("build", directory, "--port", str(port))
        assert f"port {port} for app is taken by process {first} (pid {os.getpid()})" in killed
        chosen = chosen_port(directory)
        assert chosen > port
        assert f"using {chosen}" in killed
    try:
        again = killed_at("build", directory)
        assert "is taken by" not in again
        assert chosen_port(directory) == chosen
    finally:
        remove(directory)


def test_a_container_that_holds_the_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    name, image = f"holder-of-{port}", base_image("frankenphp").reference
    run = ["docker", "run", "--detach", "--rm", "--name", name, "--publish", f"127.0.0.1:{port}:80", "--entrypoint"]
    subprocess.run([*run, "sleep", image, "60"], check=True, capture_output=True)
    try:
        said = killed_at("build", tmp_path / "next-door", "--port", str(port))
        assert f"port {port} for app is taken by container {name}: using " in said
    finally:
        subprocess.run(["docker", "rm", "--force", name], check=True, capture_output=True)
        remove(tmp_path / "next-door")


def chosen_port(directory: Path) -> int:
    text = (directory / "compose.override.yaml").read_text(encoding="utf-8")
    (port,) = [int(line.split(":")[-2]) for line in text.splitlines() if line.rstrip('"').endswith(":8080")]
    return port


def plan(directory: Path, *flags: str, parent: Path) -> Finished:
    """What a first run in `directory` would do; nothing may be written."""
    return devkit("init", "--yes", "--json", "--dry-run", *flags, "--", str(directory), directory=parent)


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("two words", "two-words"),
        ('it\'s "quoted"', "it-s-quoted"),
        ("pay $HOME", "pay-home"),
        ("Zürich 東京", "zurich"),
        ("東京", "app"),
        ("-dash", "dash"),
        ("x" * 255, "x" * 50),
    ],
)
def test_any_directory_name_makes_a_project_name(name: str, project: str, tmp_path: Path) -> None:
    for directory in (tmp_path / name, Path(name)):
        done = plan(directory, parent=tmp_path)
        assert done.status == 0, done.stderr
        assert done.json["project"] == project
        assert done.json["directory"] == str(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_symlinked_directory_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    done = plan(tmp_path / "link", parent=tmp_path)
    assert done.status == 0
    assert done.json["directory"] == str(real)
    assert list(real.iterdir()) == []


def test_a_directory_inside_a_git_repository_is_used_and_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    done = plan(tmp_path / "shop", parent=tmp_path)
    assert done.status == 0
    assert any(str(tmp_path) in warning for warning in done.json["warnings"])
    assert not (tmp_path / "shop").exists()


DEVKIT_TOML = 'schema = 1\n[project]\nname = "x"\n'

BAD_FLAGS = {
    "port 0": ("--port", "0"),
    "port 99999": ("--port", "99999"),
    "a port that is no number": ("--port", "eighty"),
    "unknown service": ("--with", "mysq"),
    "two databases": ("--with", "mysql,pgsql"),
    "unknown database": ("--database", "oracle"),
    "unknown flag": ("--prot", "8000"),
    "unknown setting": ("--set", "php.wrokers=4"),
    "a setting without a value": ("--set", "php.workers"),
    "a bad value": ("--set", "php.workers=many"),
    "unknown mode": ("--mode", "fast"),
    "unknown PHP": ("--php", "5.6"),
    "a bad name": ("--name", "Not A Name"),
    "a name with a leading dash": ("--name=-x",),
    "a name of 300 characters": ("--name", "x" * 300),
    "an answers file that is missing": ("--answers", "missing.toml"),
}


@pytest.mark.parametrize("case", BAD_FLAGS)
def test_a_bad_flag_is_refused_before_anything_is_written(case: str, tmp_path: Path) -> None:
    done = devkit("init", "shop", "--yes", "--json", *BAD_FLAGS[case], directory=tmp_path)
    assert_refused(done)
    assert list(tmp_path.iterdir()) == []


BROKEN_FILES = {
    "composer.json": ("composer.json", '{"require": {', "composer.json"),
    "composer.json that is a list": ("composer.json", "[]", "composer.json"),
    ".env": (".env", "APP_NAME='open\nX=1\n", ".env"),
    "devkit.toml": ("devkit.toml", "schema = 1\n[project\n", "devkit.toml"),
    "devkit.toml with an unknown setting": ("devkit.toml", DEVKIT_TOML + "[php]\nwrokers = 4\n", "php.wrokers"),
    "devkit.toml with port 0": ("devkit.toml", DEVKIT_TOML + "[ports]\napp = 0\n", "port 0"),
    "compose.yaml": ("compose.yaml", "services:\n  app: [\n", "compose.yaml"),
}


@pytest.mark.parametrize("case", BROKEN_FILES)
def test_a_broken_file_is_named_and_left_as_it_is(case: str, tmp_path: Path) -> None:
    directory = laravel(tmp_path / "shop")
    name, text, named = BROKEN_FILES[case]
    (directory / name).write_text(text)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    done = devkit("init", str(directory), "--yes", "--json", directory=tmp_path)
    assert_refused(done)
    assert named in done.json["error"]["message"]
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_directories_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("full", "file", "file/below", "loop", "x" * 300, "colon:name", "/proc/nothing"):
        assert_refused(devkit("init", name, "--yes", "--json", directory=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "full", "loop"]
    assert [path.name for path in full.iterdir()] == ["thesis.tex"]


def assert_refused(done: Finished) -> None:
    """Exit 2 or 1; one object that says what and why, and what to do."""
    assert done.status in (1, 2), done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["message"]
    assert error["hint"]
    assert "\n" not in error["message"]
    assert "Traceback" not in done.stderr
