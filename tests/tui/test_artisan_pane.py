"""The Artisan tab, driven by keys. That commands run as they should is in tests/e2e/test_artisan_tab.py."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from artisan_project import COMMANDS, artisan, rows, title, with_catalogue
from opened_app import Opened, settled
from textual.pilot import Pilot
from textual.widgets import Input, Static

from devkit.laravel.artisan_history import Ran, note, recall, toggle_favourite
from devkit.laravel.catalogue import Catalogue, fingerprint, keep
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.artisan_run import Call, Run, Step
from devkit.tui.panes.artisan import ArtisanPane
from devkit.tui.screens.artisan_form import ArtisanForm, Switched
from devkit.tui.screens.loss_question import LossQuestion

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

SLOW = "[commands]\nslow = 'echo begun; exec sleep 1000'\n"
"""A command of the team's own, which needs no engine."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def known(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", project.docker.endpoint.host)  # of the commands that the tab runs
    with_catalogue(project.paths.root)


def app_of(pilot: Pilot[None]) -> DevkitApp:
    return cast(DevkitApp, pilot.app)


def said(pilot: Pilot[None]) -> list[str]:
    return [one.message for one in app_of(pilot)._notifications]


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await waited(pilot)


async def waited(pilot: Pilot[None]) -> None:
    """Nothing is under way any more but what waits for a person."""
    while any(one.group == "artisan-note" for one in pilot.app.workers) or _runs(pilot):
        await pilot.pause(0.01)
    await pilot.pause()


def _runs(pilot: Pilot[None]) -> bool:
    if any(isinstance(screen, LossQuestion) for screen in pilot.app.screen_stack):
        return False
    return any(one.group == "artisan-run" for one in pilot.app.workers)


def made(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#made", Static).render())


async def form_of(pilot: Pilot[None], name: str, *, by_keys: bool = False) -> ArtisanForm:
    """The form of a command, found as a person finds it or opened at once."""
    if by_keys:
        await press(pilot, "slash", *name, "enter")
    else:
        pane = app_of(pilot).pane
        assert isinstance(pane, ArtisanPane)
        await pane.open_form(name)
        await pilot.pause()
    form = pilot.app.screen
    assert isinstance(form, ArtisanForm)
    return form


async def slow_run(pilot: Pilot[None], pane: ArtisanPane) -> Run:
    """A run that only ends when it is stopped."""
    call = Call(COMMANDS[8], {}, ("queue:work",), ("queue:work",))
    run = Run(call, (Step(("slow",), "devkit slow"),), pane.runs.changed)
    pane.run_worker(pane._run(run, Ran("queue:work", {}, 1.0)), group="slow")
    while b"begun" not in run.lines:
        await pilot.pause(0.01)
    return run


async def test_commands_stand_by_namespace_and_it_is_said_that_the_app_is_down(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        assert rows(pane)[:4] == [
            "artisan:",
            "about Display basic information about your application",
            "migrate Run the database migrations",
            "tinker Interact with your application",
        ]
        assert rows(pane)[4:6] == ["cache:", "cache:clear Flush the application cache"]
        assert not any("_complete" in row for row in rows(pane))
        assert title(pane).startswith("the app is down: a command starts it   10 commands   Laravel Framework 13.31.0")
        assert pane.commands.has_focus


async def test_without_a_catalogue_one_line_says_when_there_will_be_one(opened: Opened, project: Project) -> None:
    (project.paths.state / "catalogue.json").unlink()
    async with opened() as pilot:
        pane = await artisan(pilot)
        assert rows(pane) == []
        assert title(pane).startswith("no commands are known yet: artisan is asked for them as soon as the app runs")
        await press(pilot, "enter", "f", "T", "r", "o", "K", "y", "less_than_sign", "slash", "a", "enter", "escape")
        assert isinstance(app_of(pilot).pane, ArtisanPane)


async def test_a_catalogue_that_another_process_kept_is_shown(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        keep(project.paths.root, Catalogue("Mine", (), COMMANDS[:1], fingerprint(project.paths.root)))
        await press(pilot, "R")
        await settled(pilot)
        assert rows(pane) == ["artisan:", "about Display basic information about your application"]


async def test_a_search_finds_as_it_is_typed_the_best_first(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await press(pilot, "slash", *"migr")
        names = [row.command for row in pane.commands.rows]
        assert names == ["migrate", "migrate:fresh", "migrate:status", "make:migration"]
        await press(pilot, "s", "t")
        assert pane.commands.rows[0].command == "migrate:status"
        await press(pilot, *["backspace"] * 6, *"daemon")
        assert [row.command for row in pane.commands.rows] == ["queue:work"]
        await press(pilot, *"xyz")
        assert rows(pane) == []
        await press(pilot, "enter", "escape")
        assert not pane.query_one("#artisan-search").display
        assert len(rows(pane)) > 10
        assert pane.commands.has_focus


async def test_the_cursor_is_moved_from_the_search_and_enter_opens_the_form(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await press(pilot, "slash", *"migr", "down", "down", "up")
        assert pane.commands.row is not None and pane.commands.row.command == "migrate:fresh"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ArtisanForm)
        assert made(pilot) == "docker compose exec app php artisan migrate:fresh"


async def test_keys_of_the_list(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)

        def at() -> str:
            return pane.commands.row.command if pane.commands.row else ""

        assert at() == "about"
        await press(pilot, "j")
        assert at() == "migrate"
        await press(pilot, "G")
        assert at() == "queue:work"
        await press(pilot, "k")
        assert at() == "queue:flush"
        await press(pilot, "g")
        assert at() == "about"


async def test_the_form_makes_the_command_as_it_is_filled_in(opened: Opened) -> None:
    async with opened(120, 40) as pilot:
        await artisan(pilot)
        form = await form_of(pilot, "mail:send")
        assert made(pilot) == "user is missing (Who gets it)"
        await press(pilot, *"it's")
        assert made(pilot) == "docker compose exec app php artisan mail:send 'it'\"'\"'s'"
        await press(pilot, "tab", *"a 'b c'", "tab", "space")
        assert made(pilot).endswith("a 'b c' --queue")
        await press(pilot, "tab", "space")
        assert made(pilot).endswith("a 'b c' --no-queue")
        assert [box.value for box in form.query(Switched)][:2] == [False, True]
        await press(pilot, "tab", *"-5", "tab", *"s3cret", "tab", "tab", "space")
        assert made(pilot).endswith("--no-queue --subject=-5 '--token=***' --isolated")
        assert form.query_one("#text-4", Input).placeholder == "Hello"
        assert form.query_one("#text-5", Input).password
        form.query_one("#text-1", Input).value = "a 'b"
        await pilot.pause()
        assert made(pilot).startswith("files: the quotes do not end")


async def test_escape_closes_the_form_and_what_was_typed_is_there_again(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "mail:send", by_keys=True)
        await press(pilot, *"ada", "tab", "tab", "space", "escape")
        assert not isinstance(pilot.app.screen, ArtisanForm)
        assert pane.runs.runs == ()
        await press(pilot, "enter")
        assert made(pilot) == "docker compose exec app php artisan mail:send ada --queue"


async def test_nothing_runs_while_something_is_missing(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        form = await form_of(pilot, "mail:send")
        await press(pilot, "ctrl+r", "ctrl+enter", "enter")
        assert pilot.app.screen is form
        assert said(pilot) == ["user is missing (Who gets it)"] * 3
        assert pane.runs.runs == ()


async def test_a_command_that_fails_says_what_it_said_and_its_status(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "about")
        await press(pilot, "ctrl+r")
        (run,) = pane.runs.runs
        assert run.status == 3, list(run.lines)
        lines = pane.runs.output.text().splitlines()
        assert lines[0] == "$ php artisan about"
        assert "devkit: " in lines[1]
        assert str(pane.query_one("#artisan-run").render()).startswith("✗ about   status 3")
        assert said(pilot) == ["php artisan about ended with status 3"]
        assert app_of(pilot).command == "docker compose exec app php artisan about"
        assert rows(pane)[:2] == ["recent:", "about Display basic information about your application"]
    (ran,) = recall(project.paths).runs
    assert (ran.command, ran.status) == ("about", 3)


async def test_what_would_be_lost_is_asked_with_the_databases_name(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "migrate:fresh")
        await press(pilot, "ctrl+r")
        question = pilot.app.screen
        assert isinstance(question, LossQuestion)
        text = " ".join(str(label.render()) for label in question.query("Label"))
        assert "all tables of the SQLite database database/database.sqlite, with everything in them" in text
        assert "docker compose exec app php artisan migrate:fresh" in text
        await press(pilot, "n")
        assert pane.runs.runs == ()
        for key in ("escape", "enter", "q"):
            await form_of(pilot, "migrate:fresh")
            await press(pilot, "ctrl+r", key)
            assert pane.runs.runs == ()
        await form_of(pilot, "migrate:fresh")
        await press(pilot, "ctrl+r", "y")
        assert [run.lines[0] for run in pane.runs.runs] == [b"\x1b[1m$ php artisan migrate:fresh\x1b[0m"]


async def test_the_question_is_answered_with_the_mouse_too(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        for button in ("#no", "#run"):
            assert pane.runs.runs == ()
            await form_of(pilot, "migrate:fresh")
            await pilot.click("#run")
            while not isinstance(pilot.app.screen, LossQuestion):
                await pilot.pause(0.01)
            await pilot.click(button)
            await waited(pilot)
        assert [run.call.words for run in pane.runs.runs] == [("migrate:fresh",)]


async def test_without_the_snapshot_that_was_asked_for_nothing_is_run(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "migrate:fresh")
        await press(pilot, "ctrl+r", "s")
        (run,) = pane.runs.runs
        assert run.status == 1
        assert run.problem == "devkit db snapshot failed: the command was not run"
        text = pane.runs.output.text()
        assert "there is no database file" in text
        assert "php artisan" not in text


async def test_where_a_snapshot_helps_nothing_none_is_offered(opened: Opened, project: Project) -> None:
    project.paths.env.write_text("DB_CONNECTION=mysql\nDB_HOST=db.example.com\nDB_DATABASE=live\nAPP_ENV=production\n")
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "migrate:fresh")
        await press(pilot, "ctrl+r", "s")
        question = pilot.app.screen
        assert isinstance(question, LossQuestion)
        text = " ".join(str(label.render()) for label in question.query("Label"))
        assert "live at db.example.com" in text and "not this project's own" in text
        assert "The application is in production." in text
        assert [button.id for button in question.query("Button")] == ["run", "no"]
        await press(pilot, "n")
        assert pane.runs.runs == ()


@pytest.mark.parametrize("keys", [("ctrl+t",), ("escape", "escape", "T"), ("ctrl+r",)])
async def test_what_talks_with_a_person_gets_the_terminal(opened: Opened, keys: tuple[str, ...]) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "tinker", by_keys=True)
        await press(pilot, *keys)
        assert "there is no terminal here to hand over" in said(pilot)
        assert app_of(pilot).command == "docker compose exec app php artisan tinker"
        assert pane.runs.runs == ()
        assert [ran.status for ran in pane.history.runs] == [None]


async def test_in_the_terminal_artisan_asks_for_what_is_missing(opened: Opened) -> None:
    async with opened() as pilot:
        await artisan(pilot)
        await form_of(pilot, "mail:send")
        await press(pilot, "ctrl+t")
        assert app_of(pilot).command == "docker compose exec app php artisan mail:send"


async def test_again_runs_what_was_run_last(opened: Opened, project: Project) -> None:
    note(project.paths, Ran("migrate", {"--seed": True}, 1.0, 0, 1.0), lambda _name, _value: False)
    async with opened() as pilot:
        pane = await artisan(pilot)
        assert rows(pane)[:2] == ["recent:", "migrate --seed Run the database migrations"]
        await press(pilot, "r")
        await press(pilot, "r")
        assert [run.call.words for run in pane.runs.runs] == [("migrate", "--seed")] * 2


async def test_again_asks_for_a_secret_that_was_not_kept(opened: Opened, project: Project) -> None:
    note(project.paths, Ran("mail:send", {"user": "a", "--token": "x"}, 1.0, 0, 1.0), lambda name, _: "token" in name)
    async with opened() as pilot:
        pane = await artisan(pilot)
        assert rows(pane)[1].startswith("mail:send a (--token not kept)")
        await press(pilot, "r")
        assert isinstance(pilot.app.screen, ArtisanForm)
        assert made(pilot) == "docker compose exec app php artisan mail:send a"
        await press(pilot, "escape", "enter")
        assert made(pilot) == "docker compose exec app php artisan mail:send a"


async def test_a_secret_stands_neither_on_the_screen_nor_in_the_history(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "mail:send")
        await press(pilot, *"ada", *["tab"] * 5, *"s3cret", "ctrl+r")
        (run,) = pane.runs.runs
        assert run.call.words == ("mail:send", "ada", "--token=s3cret")
        assert b"s3cret" not in b" ".join(run.lines)
        assert app_of(pilot).command == "docker compose exec app php artisan mail:send ada '--token=***'"
        assert "s3cret" not in pilot.app.export_screenshot()
    assert "s3cret" not in (project.paths.state / "artisan.json").read_text()


async def test_a_favourite_stands_first_until_it_is_none(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await press(pilot, "G", "f")
        assert rows(pane)[:2] == ["favourites:", "queue:work Start processing jobs on the queue as a daemon"]
        toggle_favourite(project.paths, "about")  # another UI
        await press(pilot, "f")
        assert rows(pane)[:2] == ["favourites:", "about Display basic information about your application"]
    assert recall(project.paths).favourites == ("about",)


@pytest.mark.parametrize("key", ["x", "ctrl+c"])
async def test_what_runs_is_stopped(opened: Opened, project: Project, key: str) -> None:
    with project.paths.settings.open("a") as toml:
        toml.write(SLOW)
    async with opened() as pilot:
        pane = await artisan(pilot)
        run = await slow_run(pilot, pane)
        assert str(pane.query_one("#artisan-run").render()).endswith("x stops it")
        await press(pilot, key)
        assert run.asked
        while run.status is None:
            await pilot.pause(0.01)
        await pilot.pause()
        assert run.status == 143
        assert "stopped, status 143" in str(pane.query_one("#artisan-run").render())
        assert said(pilot) == []


async def test_what_runs_goes_on_behind_another_tab_and_ends_with_the_app(opened: Opened, project: Project) -> None:
    with project.paths.settings.open("a") as toml:
        toml.write(SLOW)
    async with opened() as pilot:
        pane = await artisan(pilot)
        run = await slow_run(pilot, pane)
        await press(pilot, "left_square_bracket")
        assert not pane.display
        assert run.status is None
    assert run.status == 143


async def test_what_ends_behind_another_tab_is_said(opened: Opened, project: Project) -> None:
    with project.paths.settings.open("a") as toml:
        toml.write(SLOW.replace("exec sleep 1000", "read -r _ < go"))
    async with opened() as pilot:
        pane = await artisan(pilot)
        fifo = project.paths.root / "go"
        import os

        os.mkfifo(fifo)
        await slow_run(pilot, pane)
        await press(pilot, "left_square_bracket")
        fifo.write_text("\n")
        while not said(pilot):
            await pilot.pause(0.01)
        assert said(pilot) == ["php artisan queue:work ended with status 0"]


async def test_a_selection_is_copied_by_ctrl_c_while_something_runs(opened: Opened, project: Project) -> None:
    with project.paths.settings.open("a") as toml:
        toml.write(SLOW)
    async with opened() as pilot:
        pane = await artisan(pilot)
        run = await slow_run(pilot, pane)
        await pilot.mouse_down(pane.runs.output, offset=(1, 0))
        await pilot.hover(pane.runs.output, offset=(8, 0))
        await pilot.mouse_up(pane.runs.output, offset=(8, 0))
        await press(pilot, "ctrl+c")
        assert not run.asked
        assert pilot.app.clipboard == "$ devkit"


async def test_the_output_is_copied_and_runs_are_gone_through(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        for name in ("about", "cache:clear"):
            await form_of(pilot, name)
            await press(pilot, "ctrl+r")
        assert str(pane.query_one("#artisan-run").render()).endswith("2 of 2: < >")
        await press(pilot, "less_than_sign", "less_than_sign", "y")
        assert pilot.app.clipboard.startswith("$ php artisan about\n")
        await press(pilot, "greater_than_sign", "c")
        assert pilot.app.clipboard.startswith("$ php artisan cache:clear\n")


async def test_o_goes_to_the_output_and_back_and_escape_back(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await press(pilot, "o")
        assert pane.commands.has_focus
        await form_of(pilot, "about")
        await press(pilot, "ctrl+r", "o")
        assert pane.runs.output.has_focus
        await press(pilot, "o")
        assert pane.commands.has_focus
        await press(pilot, "o", "escape")
        assert pane.commands.has_focus


async def test_the_output_is_scrolled_from_the_list(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await form_of(pilot, "about")
        await press(pilot, "ctrl+r")
        for number in range(100):
            pane.runs.runs[0]._line(b"%d" % number)
        await pilot.pause(0.1)
        end = pane.runs.output.scroll_offset.y
        await press(pilot, "K")
        assert pane.runs.output.scroll_offset.y == end - 5
        await press(pilot, "J")
        assert pane.runs.output.scroll_offset.y == end


async def test_nobody_looks_while_the_tab_is_not_seen(opened: Opened, project: Project) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        await press(pilot, "left_square_bracket")
        assert pane._looking is not None and not pane._looking._active.is_set()
        await press(pilot, "right_square_bracket")
        assert pane._looking._active.is_set()


async def test_every_command_is_in_the_palette(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "colon", *"artisan mail")
        await pilot.pause(0.3)
        await press(pilot, "enter")
        while not isinstance(pilot.app.screen, ArtisanForm):
            await pilot.pause(0.01)
        assert made(pilot) == "user is missing (Who gets it)"


async def test_without_a_catalogue_the_palette_has_no_commands_of_artisan(opened: Opened, project: Project) -> None:
    (project.paths.state / "catalogue.json").unlink()
    async with opened() as pilot:
        await press(pilot, "colon", *"mail:send")
        await pilot.pause(0.3)
        assert "artisan mail:send" not in pilot.app.export_screenshot()


async def test_every_binding_of_the_tab_has_an_id_and_a_tooltip(opened: Opened) -> None:
    async with opened() as pilot:
        pane = await artisan(pilot)
        form = await form_of(pilot, "about")
        search = pane.query_one("#artisan-search")
        for owner in (pane, pane.commands, search, pane.runs.output, form, LossQuestion("", "")):
            for binding in type(owner).BINDINGS:
                assert binding.id and binding.tooltip, binding  # type: ignore[union-attr]
