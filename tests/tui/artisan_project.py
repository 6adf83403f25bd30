"""A project whose artisan commands are known: a few of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from opened_app import settled
from textual.pilot import Pilot

from devkit.laravel.catalogue import Argument, Catalogue, Command, Option, fingerprint, keep
from devkit.tui.app import DevkitApp
from devkit.tui.pane import ARTISAN, TABS
from devkit.tui.panes.artisan import ArtisanPane

EVERYWHERE = (
    Option("--help", "-h", "none", False, "Display help for the given command", default=False),
    Option("--quiet", "-q", "none", False, "Only errors are displayed", default=False),
    Option("--verbose", "-v|-vv|-vvv", "none", False, "Increase the verbosity of messages", default=False),
    Option("--env", "", "optional", False, "The environment the command should run under"),
)
SEND = (
    Argument("user", True, False, "Who gets it"),
    Argument("files", False, True, "What goes <info>with</info> it"),
)
OPTIONS = (
    Option("--queue", "-Q", "none", False, "Later", default=False),
    Option("--no-queue", "", "none", False, 'Negate the "--queue" option', default=True),
    Option("--subject", "", "required", False, "What it says", default="Hello"),
    Option("--token", "", "optional", False, "The token of the [mail] server"),
    Option("--isolated", "", "optional", False, "Not twice", default=False),
)


def command(
    name: str, description: str, arguments: tuple[Argument, ...] = (), options: tuple[Option, ...] = ()
) -> Command:
    return Command(name, description, "", False, arguments, options)


COMMANDS = (
    command("about", "Display basic information about your application"),
    command("cache:clear", "Flush the application cache"),
    command("mail:send", "Send [the] mails", SEND, OPTIONS),
    command("make:migration", "Create a new migration file", (Argument("name", True, False, "The name"),)),
    command("migrate", "Run the database migrations", (), (Option("--seed", "", "none", False, "Seed as well"),)),
    command("migrate:fresh", "Drop all tables and re-run all migrations"),
    command("migrate:status", "Show the status of each migration"),
    command("queue:flush", "Flush all of the failed queue jobs", (), (Option("--hours", "", "optional", False, ""),)),
    command("queue:work", "Start processing jobs on the queue as a daemon"),
    command("tinker", "Interact with your application"),
    Command("_complete", "", "", True, (), ()),
)


def with_catalogue(root: Path) -> None:
    """Keep it, as it is when nothing has changed since."""
    (root / ".env").write_text("DB_CONNECTION=sqlite\nAPP_KEY=base64:x\n")
    keep(root, Catalogue("Laravel Framework 13.31.0", EVERYWHERE, COMMANDS, fingerprint(root)))


async def artisan(pilot: Pilot[None]) -> ArtisanPane:
    """The tab, opened."""
    app = cast(DevkitApp, pilot.app)
    await app.open_pane(next(tab for tab in TABS if tab.id == ARTISAN))
    await settled(pilot)
    pane = app.pane
    assert isinstance(pane, ArtisanPane)
    return pane


def rows(pane: ArtisanPane) -> list[str]:
    """The list as it stands there, headings with a colon behind."""
    return [" ".join(row.text.plain.split()) if row.command else f"{row.text.plain}:" for row in pane.commands.rows]


def title(pane: ArtisanPane) -> str:
    return str(pane.query_one("#artisan-title").render())
