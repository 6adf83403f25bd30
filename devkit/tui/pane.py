"""A tab's content, what it may ask of the app, and the table of all tabs."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.containers import Vertical
from textual.worker import Worker

from devkit.setup.project import Project
from devkit.tui.compose_action import Action
from devkit.tui.session import Session


class Host(Protocol):
    """What a pane asks of the app, whatever app that is."""

    project: Project
    session: Session

    @property
    def editor(self) -> str:
        """The person's editor as chosen in the settings; empty where it is the system's."""

    def act(self, action: Action) -> Worker[None]:
        """Run a command of docker beside the app: asked first if it has a question, its failure said.

        What comes back can be waited for.
        """

    def hand_over(self, command: Sequence[str], plain: str) -> None:
        """Give the terminal to a command until it ends."""

    def in_terminal(self, words: Sequence[str], plain: str) -> None:
        """The same for `devkit WORDS`."""

    def look_again(self) -> None:
        """Tell that something was done that may have run migrations or jobs: badges are counted anew."""

    def say(self, text: str = "", *, problem: bool = False, command: str = "") -> None:
        """Show a line at the bottom; `command` is the plain one behind what was done, and is copied with `Y`."""


class Pane(Vertical):
    """One tab. It exists from when it is first opened on, and is told when it is seen and when no more."""

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(id=id)
        self.host = host

    def shown(self) -> None:
        """It is seen now: what costs while it is looked at begins, and what has the keys is focused."""

    def hidden(self) -> None:
        """Another tab is seen: what costs ends."""

    def lines_came(self) -> None:
        """The session's store has more log lines; said while it is seen."""

    def files_followed(self) -> None:
        """A saved file was followed, or who follows them has changed."""

    def back(self) -> None:
        """Escape: out of a prompt, a filter or a detail."""


@dataclass(frozen=True)
class Tab:
    """One entry of the tab bar: `made_by` is a class of Pane, as `module:name`, that is imported when it is opened."""

    id: str
    title: str
    made_by: str

    def make(self, host: Host) -> Pane:
        """The pane, with `pane-ID` as its id."""
        module, _, name = self.made_by.partition(":")
        made = getattr(importlib.import_module(module), name)(host, id=f"pane-{self.id}")
        assert isinstance(made, Pane)
        return made


LOGS, ARTISAN, WORKERS, BUILD = "logs", "artisan", "workers", "build"
TABS = (
    Tab(LOGS, "Logs", "devkit.tui.panes.logs:LogsPane"),
    Tab("tests", "Tests", "devkit.tui.panes.tests:TestsPane"),
    Tab(ARTISAN, "Artisan", "devkit.tui.panes.artisan:ArtisanPane"),
    Tab(WORKERS, "Workers", "devkit.tui.panes.workers:WorkersPane"),
    Tab("queue", "Queue", "devkit.tui.panes.queue:QueuePane"),
    Tab("requests", "Requests", "devkit.tui.panes.requests:RequestsPane"),
    Tab(BUILD, "Build", "devkit.tui.panes.build:BuildPane"),
    Tab("environment", "Environment", "devkit.tui.panes.environment:EnvironmentPane"),
    Tab("doctor", "Doctor", "devkit.tui.panes.doctor:DoctorPane"),
)
