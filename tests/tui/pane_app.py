"""One pane alone on the screen, for pictures of it that no other part of the app changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult

from devkit.setup.project import Project
from devkit.tui.compose_action import Action
from devkit.tui.pane import Pane, Tab
from devkit.tui.session import Listeners, Session


class PaneApp(App[None]):
    """A host that shows one pane and watches nothing."""

    CSS_PATH = "../../devkit/tui/devkit.tcss"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, project: Project, tab: Tab) -> None:
        super().__init__()
        self.project = project
        self.session = Session(project, Listeners(*[lambda *_: None] * 7))
        self.pane: Pane = tab.make(self)

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.shown()

    def on_unmount(self) -> None:
        self.session.close()

    def act(self, action: Action) -> None:
        raise NotImplementedError

    def in_terminal(self, words: Sequence[str], plain: str) -> None:
        raise NotImplementedError

    def say(self, text: str = "", *, problem: bool = False, command: str = "") -> None:
        """There is no line for it."""
