"""A question before an artisan command that takes something away: it names what."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from devkit.tui.keys import artisan as keys

Answer = Literal["", "run", "snapshot"]


class LossQuestion(ModalScreen[Answer]):
    """`run` for y, `snapshot` for s where a snapshot can be taken first; n, escape and enter mean no."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LOSS]
    DEFAULT_CSS = """
    LossQuestion .dialog { width: 90%; max-width: 100; }
    LossQuestion Label { width: 100%; }
    LossQuestion .loss { text-style: bold; }
    LossQuestion .warning { color: $text-error; }
    """

    def __init__(self, loss: str, command: str, *, environment: str = "", can_snapshot: bool = False) -> None:
        super().__init__()
        self._loss = loss
        self._command = command
        self._environment = environment
        self._can_snapshot = can_snapshot

    def compose(self) -> ComposeResult:
        """What is lost, where, and the plain command that a yes runs."""
        with Vertical(classes="dialog"):
            yield Label(f"This takes away: {self._loss}.", markup=False, classes="loss")
            if self._environment:
                yield Label(f"The application is in {self._environment}.", markup=False, classes="warning")
            yield Label(self._command, markup=False, classes="command")
            snapshot = "   s snapshot of the database first, then run" if self._can_snapshot else ""
            yield Label(f"y run{snapshot}   n no", markup=False, classes="keys")

    def action_answer(self, answer: Answer) -> None:
        """Close with the answer."""
        if answer != "snapshot" or self._can_snapshot:
            self.dismiss(answer)
