"""What is imported when: the core knows nothing of terminals, and what has to be fast imports little."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fake_engine import REPOSITORY, fake_engine, frame, remembered_project

pytestmark = pytest.mark.unit

HEAVY = {"textual", "rich", "questionary", "prompt_toolkit", "docker"}


def imported_by(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after `code`."""
    program = (
        "import json, sys, pkgutil, importlib, contextlib, io\n"
        f"{code}\n"
        "sys.stderr.write(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "package",
    ["project", "engine", "scaffold", "laravel", "logs", "secrets", "doctor", "delivery", "setup", "database"],
)
def test_no_module_of_the_core_imports_a_terminal_library_or_the_docker_sdk(package: str) -> None:
    code = (
        f"package = importlib.import_module('devkit.{package}')\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
    )
    assert imported_by(code) & HEAVY == set()


@pytest.mark.parametrize("module", ["setup.up", "setup.first_run", "setup.stack", "doctor.checks"])
def test_what_starts_and_finds_the_hosts_watcher_does_not_import_what_watches(module: str) -> None:
    assert "watchfiles" not in imported_by(f"import devkit.{module}")


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_the_version_and_help_are_told_without_importing_what_commands_need(flag: str) -> None:
    code = (
        "import devkit.entry\n"
        "with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):\n"
        f"    devkit.entry.main(['{flag}'])\n"
        "assert said.getvalue().startswith('devkit '), said.getvalue()\n"
    )
    slow = HEAVY | {"jinja2", "yaml", "tomlkit", "watchfiles", "asyncio", "argparse", "dataclasses", "subprocess"}
    assert imported_by(code) & slow == set()


LAUNCHED = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from devkit.entry import main; sys.exit(main())"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--version"], "devkit "),
        (["--help"], "of this project"),
        (["completion", "answer", "zsh", ""], "lint:"),
        (["completion", "answer", "zsh", "logs", ""], "mailpit:"),
        (["completion", "answer", "zsh", "config", "get", ""], "php.mode"),
        (["completion", "answer", "zsh", "open", ""], "horizon:"),
        (["completion", "answer", "zsh", "test", "--filter", ""], "test_it"),
        (["completion", "answer", "zsh", "artisan", ""], ""),
    ],
)
def test_help_the_version_and_completion_do_without_installed_packages(
    words: list[str], said: str, tmp_path: Path
) -> None:
    settings = '[project]\nname = "shop"\n[services]\nwith = ["mailpit"]\n[commands]\nlint = "vendor/bin/pint"\n'
    (tmp_path / "devkit.toml").write_text(settings)
    (tmp_path / "composer.lock").write_text('{"packages": [{"name": "laravel/horizon"}]}')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "OneTest.php").write_text("<?php class OneTest { function test_it() {} }")
    command = [sys.executable, "-IS", "-X", "importtime", "-c", LAUNCHED, *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert not [line for line in done.stderr.splitlines() if line.rpartition("|")[2].strip() == "site"]


BUILT_IN = {
    *("__future__", "_abc", "_codecs", "_collections", "_frozen_importlib_external", "_io", "_locale", "_signal"),
    *("_socket", "_stat", "_thread", "_weakref", "abc", "codecs", "encodings", "errno", "io", "itertools", "marshal"),
    *("posix", "pwd", "select", "stat", "sys", "termios", "time", "zipimport"),
}
"""What the scripted path may load besides devkit's own: C modules, and what Python itself starts with."""


def test_the_scripted_path_loads_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_engine(tmp_path) as engine:
        engine.stream = lambda connection: connection.sendall(frame(2, b"devkit 7\n") + frame(1, b"done"))
        remembered_project(tmp_path, engine, monkeypatch)
        command = [sys.executable, "-IS", "-X", "importtime", "-c", LAUNCHED, "exec", "app", "true"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
        )
    assert done.stdout == "done"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    foreign = {name.partition(".")[0] for name in loaded} - {"imported package", "devkit"}
    assert "devkit.engine.exec.attached" in loaded
    assert foreign <= BUILT_IN
    own = {name for name in loaded if name.startswith("devkit.")}
    assert len(own) <= 18, own  # each costs a fifth of a millisecond
