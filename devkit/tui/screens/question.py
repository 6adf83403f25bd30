"""A question before something is taken away, answered with one key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from devkit.tui.widgets.text_lines import TextLines

_MOST_ROWS = 14


class Question(ModalScreen[bool]):
    """True for y; n, escape and enter mean no. `lines` are what it is about, where that is more than a sentence."""

    DEFAULT_CSS = """
    Question .dialog { width: 76; }
    Question Label { width: 1fr; }
    Question TextLines { max-height: 50vh; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="question.yes", tooltip="Do it"),
        Binding("n,escape,enter,q", "answer(False)", "No", id="question.no", tooltip="Leave it"),
    ]

    def __init__(self, question: str, command: str, lines: Sequence[Text] = ()) -> None:
        super().__init__()
        self._question = question
        self._command = command
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """The question, and the plain command that a yes runs."""
        with Vertical(classes="dialog"):
            yield Label(self._question, markup=False)
            if self._lines:
                text = TextLines(id="about")
                text.styles.height = min(len(self._lines), _MOST_ROWS)
                text.show(self._lines)
                yield text
            yield Label(self._command, markup=False, classes="command")
            yield Label("y yes   n no", markup=False, classes="keys")

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
