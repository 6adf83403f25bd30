"""What makes devkit easy to live with, on a real project: completion in real shells, plain commands, pages, sharing."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from support import Project, running

from devkit.cli.context import AGENT_VARIABLES
from devkit.engine.install import apt
from devkit.engine.install.machine import rights
from devkit.laravel.catalogue import kept

pytestmark = pytest.mark.e2e

COMMAND = """<?php
namespace App\\Console\\Commands;
class SendMails extends \\Illuminate\\Console\\Command {
    protected $signature = 'mail:send {user : Who gets it} {--queue : Later}';
    protected $description = 'Send the mails';
    public function handle(): int { return 0; }
}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("e2e") / "people"
    with running(directory, "--with", "mailpit") as made:
        yield made


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A person's environment: this devkit, and nothing else of ours, on the PATH."""
    programs = tmp_path_factory.mktemp("bin")
    launcher = programs / "devkit"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m devkit.entry "$@"\n')
    launcher.chmod(0o755)
    hidden = {"CI", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", *AGENT_VARIABLES}
    kept_variables = {key: value for key, value in os.environ.items() if key not in hidden}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**kept_variables, "PATH": path, "TERM": "xterm", "PS1": "> ", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module")
def shells() -> None:
    """bash, zsh and fish, and what reads man pages: installed where they are missing."""
    missing = [name for name in ("bash", "zsh", "fish", "mandoc") if shutil.which(name) is None]
    if missing:
        allowed = rights()
        assert allowed is not None, f"{', '.join(missing)} missing, and nobody may install here"
        apt.update(allowed, print, fatal=False)
        apt.install(allowed, missing, print)


@pytest.fixture(scope="module")
def catalogue(project: Project) -> None:
    assert project.devkit("completion", "refresh").status == 0


def completed(command: list[str], setup: str, typed: str, wanted: str, project: Project, env: dict[str, str]) -> None:
    """Type into an interactive shell and press Tab, until the line on the screen is the wanted one."""
    child = pexpect.spawn(
        command[0], command[1:], cwd=str(project.directory), env=env, dimensions=(40, 160), timeout=30
    )
    screen = pyte.Screen(160, 40)
    stream = pyte.ByteStream(screen)

    def until(text: str) -> bool:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if any(line.rstrip().endswith(text) for line in screen.display):
                return True
            try:
                stream.feed(child.read_nonblocking(65536, timeout=1))
            except pexpect.TIMEOUT:
                continue
        return False

    try:
        child.sendline(f"{setup}; echo rea''dy")
        assert until("ready"), screen.display
        child.send(f"{typed}\t")
        assert until(f"> {wanted}"), screen.display
    finally:
        child.close(force=True)


@pytest.mark.usefixtures("catalogue", "shells")
@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("devkit artisan make:mode", "devkit artisan make:model"),
        ("devkit artisan migrate --forc", "devkit artisan migrate --force"),
        ("devkit test --filter=test_that_true", "devkit test --filter=test_that_true_is_true"),
        ("devkit restart mailp", "devkit restart mailpit"),
        ("devkit --project databa", "devkit --project database/"),
        ("sail artisan mak", "sail artisan make:"),
    ],
)
@pytest.mark.parametrize(
    ("command", "setup"),
    [
        (["bash", "--norc", "--noprofile", "-i"], 'alias sail=devkit; eval "$(devkit completion bash)"'),
        (
            ["zsh", "-f", "-i"],
            'PROMPT="> "; alias sail=devkit; autoload -Uz compinit; compinit -D -u; eval "$(devkit completion zsh)"',
        ),
    ],
    ids=["bash", "zsh"],
)
def test_tab_completes_in_an_interactive_shell(
    command: list[str], setup: str, typed: str, wanted: str, project: Project, environment: dict[str, str]
) -> None:
    completed(command, setup, typed, wanted, project, environment)


@pytest.mark.usefixtures("catalogue", "shells")
def test_fish_completes_with_descriptions(project: Project, environment: dict[str, str]) -> None:
    lines = [
        "devkit artisan make:mode",
        "devkit artisan migrate --forc",
        "devkit test --filter=test_that",
        "devkit open ",
        "devkit --project compo",
    ]
    script = "; ".join(["devkit completion fish | source", *(f"complete -C '{line}'; echo END" for line in lines)])
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=project.directory,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [part.strip().splitlines() for part in done.stdout.split("END\n")]
    assert answers[0] == ["make:model\tCreate a new Eloquent model class"]
    assert answers[1][0].startswith("--force\tForce the operation")
    assert answers[2] == ["--filter=test_that_true_is_true\ttests/Unit/ExampleTest.php"]
    assert answers[3] == ["app\tthe application", "mailpit\tMailpit"]
    assert "compose.yaml" in answers[4]


def test_a_new_command_is_known_soon_and_nobody_waits_for_it(project: Project) -> None:
    assert project.devkit("completion", "refresh").status == 0
    project.write("app/Console/Commands/SendMails.php", COMMAND)
    project.devkit("completion", "answer", "fish", "artisan", "")

    def known() -> bool:
        catalogue = kept(project.directory)
        return catalogue is not None and catalogue.find("mail:send") is not None

    assert project.until(known)
    found = kept(project.directory)
    assert found is not None
    command = found.find("mail:send")
    assert command is not None
    assert [(argument.name, argument.required) for argument in command.arguments] == [("user", True)]
    assert [option.name for option in command.options] == ["--queue"]


@pytest.mark.parametrize(
    "words",
    [
        ["artisan", "env", "--no-ansi"],
        ["php", "-r", """echo getcwd(), ' $HOME `x` ', "it's";"""],
        ["exec", "app", "sh", "-c", 'pwd; printf "%s|" "$@"', "sh", "a b", "", "*"],
        ["bin", "phpunit", "--version"],
    ],
)
def test_a_pasted_command_does_what_it_says(words: list[str], project: Project) -> None:
    below = project.directory / "app" / "Models"
    done = subprocess.run(
        [sys.executable, "-m", "devkit.entry", "explain", *words], cwd=below, capture_output=True, text=True, check=True
    )
    pasted = subprocess.run(["sh", "-c", done.stdout], cwd=below, capture_output=True, text=True, check=False)
    assert pasted.returncode == 0, pasted.stderr
    expected = {
        "artisan": r"local",
        "php": r"^/app/app/Models \$HOME `x` it\'s$",
        "exec": r"^/app/app/Models\na b\|\|\*\|$",
        "bin": r"^PHPUnit \d+",
    }
    assert re.search(expected[words[0]], pasted.stdout), pasted.stdout


def test_the_plain_commands_say_what_devkits_say(project: Project, tmp_path: Path) -> None:
    def plain(*words: str) -> str:
        lines = project.devkit("explain", *words).stdout
        return subprocess.run(["sh", "-ec", lines], cwd=project.directory, capture_output=True, text=True).stdout

    status = project.devkit("status", "--json").json
    assert all(service["name"] in plain("status") for service in status["services"])
    assert plain("open").strip() == f"127.0.0.1:{project.port}"
    mailpit = project.devkit("open", "mailpit").stdout.strip()
    assert plain("open", "mailpit").strip().rpartition(":")[2] == mailpit.rpartition(":")[2]
    log = project.devkit("logs", "mailpit", "--tail", "1", "--json").json["message"]
    assert log in plain("logs", "mailpit", "--tail", "1")


def test_every_page_answers(project: Project) -> None:
    pages = project.devkit("open", "--list", "--json").json["pages"]
    assert [page["name"] for page in pages] == ["app", "mailpit"]
    for page in pages:
        with urllib.request.urlopen(page["url"], timeout=30) as answer:
            assert answer.status == 200


def test_what_is_stopped_with_sails_words_starts_again(project: Project) -> None:
    def states() -> dict[str, str]:
        return {service["name"]: service["state"] for service in project.devkit("ps", "--json").json["services"]}

    assert project.devkit("stop", "mailpit").status == 0
    assert states() == {"app": "running", "mailpit": "exited"}
    assert project.devkit("start", "-d", "mailpit").status == 0
    assert states() == {"app": "running", "mailpit": "running"}
    assert project.devkit("stop", "nothing").status == 2


def test_sharing_says_what_is_exposed_and_ends_its_tool(project: Project, tmp_path: Path) -> None:
    tool = tmp_path / "cloudflared"  # the person's own tool, which this machine has not
    tool.write_text(
        '#!/bin/sh\necho "$@" > called\necho $$ > pid\n'
        'echo "INF | https://a-b.trycloudflare.com |" >&2\nexec sleep 300\n'
    )
    tool.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "devkit.entry", "share"]
    refused = subprocess.run(
        command, cwd=project.directory, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, capture_output=True
    )
    assert (refused.returncode, refused.stdout) == (5, b"")
    assert b"APP_DEBUG is on" in refused.stderr
    with subprocess.Popen(
        [*command, "--yes", "--json"],
        cwd=project.directory,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        said = json.loads(child.stdout.readline())
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 143
    target = f"http://localhost:{project.port}"
    assert said == {"url": "https://a-b.trycloudflare.com", "target": target, "tool": "cloudflared"}
    assert (project.directory / "called").read_text().split()[-1] == target
    with pytest.raises(ProcessLookupError):
        os.kill(int((project.directory / "pid").read_text()), 0)


@pytest.mark.usefixtures("shells")
def test_the_man_page_has_no_fault() -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "devkit.1"
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", str(page)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
