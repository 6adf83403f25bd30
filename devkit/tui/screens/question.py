"""A question before something is taken away, answered with one key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label


class Question(ModalScreen[bool]):
    """True for y; n, escape and enter mean no."""

    DEFAULT_CSS = """
    Question .dialog { width: 76; }
    Question Label { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="question.yes", tooltip="Do it"),
        Binding("n,escape,enter,q", "answer(False)", "No", id="question.no", tooltip="Leave it"),
    ]

    def __init__(self, question: str, command: str) -> None:
        super().__init__()
        self._question = question
        self._command = command

    def compose(self) -> ComposeResult:
        """The question, and the plain command that a yes runs."""
        with Vertical(classes="dialog"):
            yield Label(self._question, markup=False)
            yield Label(self._command, markup=False, classes="command")
            yield Label("y yes   n no", markup=False, classes="keys")

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
