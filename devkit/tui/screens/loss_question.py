"""A question before an artisan command that takes something away: it names what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

from devkit.tui.keys import artisan as keys

Answer = Literal["", "run", "snapshot"]


class LossQuestion(ModalScreen[Answer]):
    """`run` for y, `snapshot` for s where a snapshot can be taken first; n, escape and enter mean no."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LOSS]
    DEFAULT_CSS = """
    LossQuestion Vertical { width: 90%; max-width: 100; height: auto; max-height: 90%; padding: 1 2;
        background: $surface; border: round $accent; }
    LossQuestion Label { width: 100%; }
    LossQuestion .loss { text-style: bold; }
    LossQuestion .warning { color: $text-error; }
    LossQuestion .command { color: $text-muted; margin: 1 0; }
    LossQuestion Horizontal { height: 1; }
    LossQuestion Button { margin-right: 2; }
    """

    def __init__(self, loss: str, command: str, *, environment: str = "", can_snapshot: bool = False) -> None:
        super().__init__()
        self._loss = loss
        self._command = command
        self._environment = environment
        self._can_snapshot = can_snapshot

    def compose(self) -> ComposeResult:
        """What is lost, where, and the plain command that a yes runs."""
        with Vertical():
            yield Label(f"This takes away: {self._loss}.", markup=False, classes="loss")
            if self._environment:
                yield Label(f"The application is in {self._environment}.", markup=False, classes="warning")
            yield Label(self._command, markup=False, classes="command")
            with Horizontal():
                yield from map(_button, self._answers())

    def _answers(self) -> Iterator[tuple[str, str]]:
        yield "Run (y)", "run"
        if self._can_snapshot:
            yield "Snapshot of the database first (s)", "snapshot"
        yield "No (n)", "no"

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer("run" if event.button.id == "run" else "snapshot" if event.button.id == "snapshot" else "")

    def action_answer(self, answer: Answer) -> None:
        """Close with the answer."""
        if answer != "snapshot" or self._can_snapshot:
            self.dismiss(answer)


def _button(answer: tuple[str, str]) -> Button:
    """For the mouse alone: enter means no, whatever would have the focus."""
    label, name = answer
    button = Button(label, id=name, compact=True)
    button.can_focus = False
    return button
