"""The Artisan tab on a real Laravel: what it knows, what it runs, and that nothing is left in the container."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pexpect
import pyte
import pytest
from support import Project
from textual.pilot import Pilot

from devkit.cli.context import AGENT_VARIABLES
from devkit.laravel.artisan_words import Values, with_colours, words
from devkit.laravel.catalogue import Catalogue, kept
from devkit.setup.project import open_project
from devkit.tui.app import DevkitApp
from devkit.tui.artisan_run import Run
from devkit.tui.pane import ARTISAN, TABS
from devkit.tui.panes.artisan import ArtisanPane
from devkit.tui.screens.artisan_form import ArtisanForm
from devkit.tui.screens.loss_question import LossQuestion

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

PATIENCE = 60
ECHO = """<?php
namespace App\\Console\\Commands;
use Symfony\\Component\\Console\\Input\\{InputArgument as A, InputOption as O};
class EchoInput extends \\Illuminate\\Console\\Command {
    protected $name = 'input:echo';
    protected $description = 'Say what was given';
    protected function getArguments() {
        return [['first', A::REQUIRED], ['second', A::OPTIONAL, '', 'two'], ['rest', A::IS_ARRAY, 'The rest']];
    }
    protected function getOptions() {
        return [
            ['flag', 'f', O::VALUE_NONE, 'A switch'], ['text', null, O::VALUE_REQUIRED, '', 'default'],
            ['many', 'm', O::VALUE_REQUIRED | O::VALUE_IS_ARRAY], ['maybe', null, O::VALUE_OPTIONAL, '', false],
            ['either', null, O::VALUE_NEGATABLE],
        ];
    }
    public function handle(): int {
        $given = array_intersect_key($this->options(), array_flip(['flag', 'text', 'many', 'maybe', 'either']));
        $this->output->writeln(json_encode($this->arguments() + $given + ['v' => $this->output->getVerbosity()]));
        return 0;
    }
}
"""
STUBBORN = """<?php
namespace App\\Console\\Commands;
class Stubborn extends \\Illuminate\\Console\\Command {
    protected $signature = 'input:stubborn';
    public function handle(): int {
        $this->trap([SIGTERM, SIGINT], fn () => $this->line('not yet'));
        $this->line('begun');
        while (true) { sleep(1); }
    }
}
"""
LATER = STUBBORN.replace("Stubborn", "Later").replace("stubborn", "later")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def project(default_stack: Project) -> Iterator[Project]:
    """The default stack with commands of its own, and without the snapshots afterwards."""
    default_stack.write("app/Console/Commands/EchoInput.php", ECHO)
    default_stack.write("app/Console/Commands/Stubborn.php", STUBBORN)
    assert default_stack.devkit("completion", "refresh").status == 0
    yield default_stack
    shutil.rmtree(default_stack.directory / "app" / "Console", ignore_errors=True)
    shutil.rmtree(default_stack.devkit("db", "snapshots", "--json").json["directory"], ignore_errors=True)


@asynccontextmanager
async def opened(project: Project) -> AsyncIterator[tuple[Pilot[None], ArtisanPane]]:
    """The tab, once it has the application's commands."""
    app = DevkitApp(open_project(project.directory))
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await until(pilot, lambda: app.session.snapshot.connected and bool(app.session.snapshot.services))
        pane = await artisan(pilot)
        await until(pilot, lambda: bool(pane.commands.rows) and pane.keeper.note == "")
        yield pilot, pane


async def artisan(pilot: Pilot[None]) -> ArtisanPane:
    """The tab, opened once the app is complete."""
    app = pilot.app
    assert isinstance(app, DevkitApp)
    await until(pilot, lambda: bool(app.query("KeyRow")))
    await app.open_pane(next(tab for tab in TABS if tab.id == ARTISAN))
    pane = app.pane
    assert isinstance(pane, ArtisanPane)
    return pane


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, str(pilot.app.screen)
        await pilot.pause(0.02)


async def fill(pilot: Pilot[None], pane: ArtisanPane, name: str, *keys: str) -> None:
    """Open a command's form, press keys in it, and the one that runs it."""
    await pane.open_form(name)
    await until(pilot, lambda: isinstance(pilot.app.screen, ArtisanForm))
    await pilot.press(*keys, "ctrl+r")


async def run(pilot: Pilot[None], pane: ArtisanPane, name: str, *keys: str) -> Run:
    """The same for a command that asks nothing: its run."""
    before = len(pane.runs.runs)
    await fill(pilot, pane, name, *keys)
    await until(pilot, lambda: len(pane.runs.runs) > before)
    return pane.runs.runs[-1]


async def ended(pilot: Pilot[None], run: Run) -> str:
    await until(pilot, lambda: run.status is not None)
    await until(pilot, lambda: not any(worker.group == "artisan-run" for worker in pilot.app.workers))
    return b"\n".join(run.lines).decode(errors="replace")


def in_container(project: Project, text: str) -> list[str]:
    """The command lines of the app's container that have a text."""
    script = 'for one in /proc/[0-9]*/cmdline; do tr "\\0" " " < $one; echo; done 2>/dev/null'
    command = ["docker", "compose", "exec", "-T", "app", "sh", "-c", script]
    done = subprocess.run(command, cwd=project.directory, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if text in line]


def catalogue_of(project: Project) -> Catalogue:
    found = kept(project.directory)
    assert found is not None
    return found


async def test_the_catalogue_is_the_applications_and_has_a_new_command_soon(project: Project) -> None:
    async with opened(project) as (pilot, pane):
        known = [row.command for row in pane.commands.rows]
        assert {"about", "migrate:fresh", "make:model", "queue:work"} <= set(known)
        project.write("app/Console/Commands/Later.php", LATER)
        await until(pilot, lambda: "input:later" in [row.command for row in pane.commands.rows])
    command = catalogue_of(project).find("input:echo")
    assert command is not None
    assert [(one.name, one.required, one.many, one.default) for one in command.arguments] == [
        ("first", True, False, None),
        ("second", False, False, "two"),
        ("rest", False, True, []),
    ]
    assert [(one.name, one.shortcut, one.value, one.many, one.default, one.negates) for one in command.options] == [
        ("--flag", "-f", "none", False, False, ""),
        ("--text", "", "required", False, "default", ""),
        ("--many", "-m", "required", True, [], ""),
        ("--maybe", "", "optional", False, False, ""),
        ("--either", "", "none", False, None, ""),
        ("--no-either", "", "none", False, None, "--either"),
    ]


NOTHING = {"command": "input:echo", "second": "two", "rest": [], "flag": False, "text": "default"}
NOTHING |= {"many": [], "maybe": False, "either": None, "v": 32}


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({"first": "a"}, {"first": "a"}),
        ({"first": ""}, {"first": ""}),
        ({"first": "-5", "second": "--text=x"}, {"first": "-5", "second": "--text=x"}),
        ({"first": "-", "second": "", "rest": ("a b", "", "-c")}, {"second": "", "rest": ["a b", "", "-c"]}),
        ({"first": "$HOME `x` 'y' \"z\" \\ * \n ü"}, {}),
        ({"first": "a", "--text": ""}, {"text": ""}),
        ({"first": "a", "--text": "-x=y"}, {"text": "-x=y"}),
        ({"first": "a", "--many": ("x", "", "-y", "z=1")}, {"many": ["x", "", "-y", "z=1"]}),
        ({"first": "a", "--maybe": True}, {"maybe": None}),
        ({"first": "-a", "--maybe": True}, {"maybe": None}),
        ({"first": "a", "--maybe": "", "--flag": True}, {"maybe": "", "flag": True}),
        ({"first": "a", "--maybe": "-1"}, {"maybe": "-1"}),
        ({"first": "a", "--either": True}, {"either": True}),
        ({"first": "-a", "--no-either": True}, {"either": False}),
        ({"first": "a", "--verbose": "-vvv"}, {"v": 256}),
    ],
)
def test_laravel_reads_what_was_filled_in_as_it_was_meant(
    values: Values, given: dict[str, object], project: Project
) -> None:
    catalogue = catalogue_of(project)
    command = catalogue.find("input:echo")
    assert command is not None
    done = project.devkit("artisan", *with_colours(words(command, values, catalogue.options)))
    assert done.status == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {**NOTHING, "first": values["first"], **given}


async def test_output_comes_with_its_colours_and_fits(project: Project) -> None:
    async with opened(project) as (pilot, pane):
        said = await ended(pilot, await run(pilot, pane, "about"))
        assert "Laravel Version" in said and "\x1b[" in said
        lines = pane.runs.output.text().splitlines()
        assert max(map(len, lines)) in range(80, pane.runs.output.size.width + 1)
        done = await run(pilot, pane, "migrate:status")
        assert "create_users_table" in await ended(pilot, done)
        assert done.status == 0
        failed = await run(pilot, pane, "migrate", *"nowhere")
        assert await ended(pilot, failed)
        assert failed.status == 1


async def test_a_destructive_command_runs_only_after_a_yes_and_the_snapshot_brings_all_back(project: Project) -> None:
    count = ("tinker", "--execute", "echo DB::table('cache')->where('key', 'like', '%kept%')->count();")
    project.artisan("tinker", "--execute", "Cache::put('kept', 1);")
    async with opened(project) as (pilot, pane):
        await fill(pilot, pane, "migrate:fresh")
        await until(pilot, lambda: isinstance(pilot.app.screen, LossQuestion))
        question = pilot.app.screen
        assert isinstance(question, LossQuestion)
        text = " ".join(str(label.render()) for label in question.query("Label"))
        assert "all tables of the SQLite database database/database.sqlite" in text
        await pilot.press("n")
        await pilot.pause()
        assert pane.runs.runs == ()
        assert project.artisan(*count) == "1"
        await fill(pilot, pane, "migrate:fresh")
        await until(pilot, lambda: isinstance(pilot.app.screen, LossQuestion))
        await pilot.press("s")
        await until(pilot, lambda: bool(pane.runs.runs))
        said = await ended(pilot, pane.runs.runs[0])
        assert "$ devkit db snapshot" in said and "Dropping all tables" in said
        assert pane.runs.runs[0].status == 0
    assert project.artisan(*count) == "0"
    assert project.devkit("--yes", "db", "restore").status == 0
    assert project.artisan(*count) == "1"


async def test_what_runs_until_it_is_stopped_leaves_nothing_in_the_container(project: Project) -> None:
    async with opened(project) as (pilot, pane):
        work = await run(pilot, pane, "queue:work")
        await until(pilot, lambda: bool(in_container(project, "queue:work")))
        await pilot.press("x")
        await ended(pilot, work)
        assert in_container(project, "queue:work") == []
        stubborn = await run(pilot, pane, "input:stubborn")
        await until(pilot, lambda: any(b"begun" in line for line in stubborn.lines))
        await pilot.press("x")
        await until(pilot, lambda: any(b"not yet" in line for line in stubborn.lines))
        assert stubborn.status is None
        await pilot.press("x")
        await ended(pilot, stubborn)
        assert stubborn.status == 137
        assert in_container(project, "input:stubborn") == []


async def test_leaving_the_app_ends_what_runs_also_what_does_not_want_to(project: Project) -> None:
    async with opened(project) as (pilot, pane):
        stubborn = await run(pilot, pane, "input:stubborn")
        await until(pilot, lambda: any(b"begun" in line for line in stubborn.lines))
    assert project.until(lambda: in_container(project, "input:stubborn") == [])


async def test_with_the_app_down_the_kept_catalogue_is_shown_and_a_command_starts_it(project: Project) -> None:
    assert project.devkit("stop").status == 0
    app = DevkitApp(open_project(project.directory))
    async with app.run_test(size=(140, 45)) as pilot:
        pane = await artisan(pilot)
        await until(pilot, lambda: pane.keeper.note == "the app is down: a command starts it")
        assert pane.commands.rows
        said = await ended(pilot, await run(pilot, pane, "env"))
        assert "starting the stack" in said and "[local]" in said
        await until(pilot, lambda: pane.keeper.note == "")
    assert project.get("/up")[0] == 200


def test_tinker_has_the_real_terminal_and_the_tab_is_there_again_behind_it(project: Project) -> None:
    hidden = {"CI", *AGENT_VARIABLES}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry"],
        cwd=str(project.directory),
        env={**{name: value for name, value in os.environ.items() if name not in hidden}, "TERM": "xterm-256color"},
        dimensions=(30, 120),
        timeout=PATIENCE,
    )
    screen = pyte.Screen(120, 30)
    stream = pyte.ByteStream(screen)

    def until_shown(text: str) -> None:
        end = time.monotonic() + PATIENCE
        while not any(text in line for line in screen.display):
            assert time.monotonic() < end, "\n".join(screen.display)
            with suppress(pexpect.TIMEOUT):
                stream.feed(child.read_nonblocking(65536, timeout=1))

    try:
        until_shown("following")
        child.send("]" * [tab.id for tab in TABS].index(ARTISAN))
        until_shown("Interact with your application")
        child.send("/")
        until_shown("find a command")
        child.send("tinker")
        until_shown(" 1 command ")
        child.send("\r")
        until_shown("takes the whole terminal")
        child.send("\x12")
        until_shown("> ")
        child.send("6 * 7\r")
        until_shown("42")
        child.send("exit\r")
        until_shown("recent")
        child.send("q")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)
