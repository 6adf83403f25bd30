"""An engine unpacked from Debian's archive and started beside the one that runs, replacing nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from second_daemon import second_daemon

from devkit.engine.install import apt, can_install, start_daemon
from devkit.engine.install.machine import distribution, rights
from devkit.engine.install.packages import NEXT_RELEASE
from devkit.engine.install.programs import programs_in
from devkit.engine.install.unpacked import unpack_engine
from devkit.project.errors import EngineError
from devkit.project.paths import MachinePaths

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> MachinePaths:
    """devkit's directories with a freshly unpacked engine."""
    here = distribution()
    assert here is not None and here.family == "debian" and can_install(), "the engine is unpacked on Debian, as root"
    root = tmp_path_factory.mktemp("unpacked")
    made = MachinePaths(root / "data", root / "cache", root / "state")
    mirror = apt.mirror(here.codename)
    if mirror is None:
        allowed = rights()
        assert allowed is not None
        apt.update(allowed, print)
        mirror = apt.mirror(here.codename)
    assert mirror is not None
    for left in ("engine.new-left", "engine.old-1"):  # as a killed run leaves them
        (made.data / left).mkdir(parents=True)
    release = NEXT_RELEASE.get(here.codename, here.codename)
    for said in ("Get:", "unpacking"):
        killed_once_it_says(said, made, mirror, release)
    unpack_engine(made, mirror=mirror, release=release, on_line=print)
    return made


UNPACKING = """
import sys
from pathlib import Path

from devkit.engine.install.unpacked import unpack_engine
from devkit.project.paths import MachinePaths

data, cache, state, mirror, release = sys.argv[1:]
paths = MachinePaths(Path(data), Path(cache), Path(state))
unpack_engine(paths, mirror=mirror, release=release, on_line=lambda line: print(line, flush=True))
"""


def killed_once_it_says(word: str, paths: MachinePaths, mirror: str, release: str) -> None:
    """An installation that is killed, with all its programs, in the middle of its work."""
    directories = [str(path) for path in (paths.data, paths.cache, paths.state)]
    command = [sys.executable, "-c", UNPACKING, *directories, mirror, release]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as unpacking:
        assert unpacking.stdout is not None
        found = any(line.startswith(word) for line in unpacking.stdout)
        os.killpg(unpacking.pid, signal.SIGKILL)
    assert found
    assert unpacking.returncode == -signal.SIGKILL


def test_an_engine_whose_installation_was_killed_twice_is_whole_and_alone(paths: MachinePaths) -> None:
    assert programs_in(paths.engine).suffice
    assert [path.name for path in paths.data.iterdir()] == ["engine"]


BESIDE = """
import sys
from pathlib import Path

from devkit.engine.install import start_daemon
from devkit.engine.install.daemon import answers
from devkit.project.paths import MachinePaths

data, cache, state, socket, *arguments = sys.argv[1:]
paths = MachinePaths(Path(data), Path(cache), Path(state))
daemon = start_daemon(paths, print, extra_args=arguments, socket_path=Path(socket))
assert daemon is not None
try:
    assert answers(Path(socket))
    assert start_daemon(paths, print, socket_path=Path(socket)) is None
finally:
    daemon.process.terminate()
    assert daemon.process.wait(timeout=30) == 0
"""


def test_an_unpacked_daemon_starts_without_systemd_and_is_ready_when_the_call_returns(
    paths: MachinePaths, tmp_path: Path
) -> None:
    socket = tmp_path / "engine.sock"
    directories = [str(paths.data), str(paths.cache), str(paths.state), str(socket)]
    command = ["unshare", "--net", sys.executable, "-c", BESIDE, *directories, *second_daemon(tmp_path, socket)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_a_daemon_that_ends_at_once_says_why(paths: MachinePaths, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="unknown flag: --nonsense"):
        start_daemon(paths, print, extra_args=["--nonsense"], socket_path=tmp_path / "engine.sock")
