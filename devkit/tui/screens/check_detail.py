"""All of one check of the doctor: what is wrong, why, what to do."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from devkit.doctor.found import Found, report
from devkit.logs.escapes import printable
from devkit.tui.keys.doctor import CHECK


class CheckDetail(ModalScreen[None]):
    """Closed with escape, q, enter, or a click beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHECK]

    def __init__(self, check: Found) -> None:
        super().__init__()
        self.check = check

    def compose(self) -> ComposeResult:
        """Title, why, what to do, and the key for it."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(detail(self.check))

    def action_close(self) -> None:
        """Back."""
        self.dismiss()

    def action_copy(self) -> None:
        """As the report has it."""
        self.app.copy_to_clipboard(report([self.check]))
        self.notify("copied")

    def on_click(self, event: events.Click) -> None:
        """A click beside it closes it."""
        if event.widget is self:
            self.dismiss()


def detail(check: Found) -> Text:
    """The text."""
    text = Text().append(check.title, "bold").append(f"   {check.status} ({check.id})", "dim")
    if check.why:
        text.append(f"\n\n{printable(check.why)}")
    if check.needs_work and check.fix:
        text.append("\n\nWhat to do: ", "dim").append(printable(check.fix))
    if check.needs_work and check.fixable:
        text.append(f"\n\nf in the list does it: devkit doctor --fix {check.id}", "cyan")
    return text
