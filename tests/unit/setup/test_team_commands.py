from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.team_commands import run_hook

pytestmark = pytest.mark.unit


def project(root: Path, *lines: str) -> tuple[ProjectPaths, Settings]:
    return ProjectPaths(root), Settings("shop", hooks={"before-up": lines})


def test_the_lines_of_a_hook_run_in_order_in_the_projects_root(tmp_path: Path) -> None:
    said: list[str] = []
    run_hook(*project(tmp_path, "pwd", "echo two >&2; cat"), "before-up", said.append)
    assert said == ["before-up: pwd", str(tmp_path), "before-up: echo two >&2; cat", "two"]
    run_hook(*project(tmp_path, "pwd"), "after-up", said.append)
    assert len(said) == 4


def test_the_first_line_that_fails_ends_it_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"before-up failed with status 3: echo no VPN; exit 3: no VPN"):
        run_hook(*project(tmp_path, "echo no VPN; exit 3", "touch never"), "before-up", lambda _text: None)
    assert not (tmp_path / "never").exists()


def test_what_a_hook_said_last_comes_without_the_secrets_of_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_TOKEN=hunter2hunter2\n")
    with pytest.raises(FailedError, match=r"refused: \*\*\*API_TOKEN\*\*\* "):
        run_hook(*project(tmp_path, "echo refused: $(cut -d= -f2 .env); exit 1"), "before-up", lambda _text: None)


HOOKS = """
import sys
from pathlib import Path
from devkit.cli.front import signals_raise
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.team_commands import run_hook
settings = Settings("shop", hooks={"before-up": (sys.argv[2],)})
with signals_raise():
    run_hook(ProjectPaths(Path(sys.argv[1])), settings, "before-up", lambda text: print(text, flush=True))
"""


@pytest.mark.parametrize(
    ("number", "stubborn"),
    [(signal.SIGTERM, ""), (signal.SIGHUP, ""), (signal.SIGINT, ""), (signal.SIGTERM, "trap '' TERM; ")],
)
def test_a_signal_ends_all_that_a_hook_has_started(tmp_path: Path, number: signal.Signals, stubborn: str) -> None:
    line = f"{stubborn}sh -c 'exec sleep 310' & sh -c 'echo ready; exec sleep 311'; true"
    command = [sys.executable, "-c", HOOKS, str(tmp_path), line]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        while child.stdout.readline() != "ready\n":
            assert child.poll() is None
        child.send_signal(number)
        assert child.wait(60) != 0
    left = [path for path in Path("/proc").glob("[0-9]*/cwd") if _is(path, tmp_path)]
    assert left == []


def _is(link: Path, directory: Path) -> bool:
    try:
        return link.readlink() == directory
    except OSError:
        return False


def test_what_a_hook_starts_runs_no_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    run_hook(*project(tmp_path, "echo $DEVKIT_HOOK"), "before-up", said.append)
    assert said[-1] == "before-up"
    monkeypatch.setenv("DEVKIT_HOOK", "before-up")
    run_hook(*project(tmp_path, "touch never"), "before-up", said.append)
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hooks": {"before-down": ("x",)}}, "unknown hook 'before-down'"),
        ({"hooks": {"after-up": ("  ",)}}, "hooks.after-up is an empty command line"),
        ({"commands": {"x": "app:"}}, "commands.x is an empty command line"),
        ({"commands": {"-x": "true"}}, "cannot be a command's name"),
    ],
)
def test_what_could_never_run_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings("shop").with_(**changes)
    assert message in caught.value.message
