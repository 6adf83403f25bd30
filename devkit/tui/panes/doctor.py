"""The doctor: what is wrong with machine and project, problems first, with what to do and a fix where one is safe.

Checks ask programs that may take their time, so they run in a `devkit doctor` beside the app, which is ended with
everything that it started.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static
from textual.widgets.option_list import Option

from devkit.doctor.found import Found, error_in, found_in, mark, report, worst_first
from devkit.logs.escapes import printable
from devkit.setup import child
from devkit.tui.keys.doctor import DOCTOR
from devkit.tui.pane import Host, Pane
from devkit.tui.widgets.choices import Choices
from devkit.tui.widgets.tab_bar import TabBar

_COLOURS = {"problem": "red", "warning": "yellow", "ok": "green", "skipped": "dim"}
_PLAIN = "devkit doctor"


class DoctorPane(Pane):
    """Checks when it is seen first, and when it is asked to."""

    BINDINGS: ClassVar[list[BindingType]] = [*DOCTOR]

    DEFAULT_CSS = """
    DoctorPane #found { height: 1; padding: 0 1; background: $panel; color: $text; }
    DoctorPane #checks { padding: 0 1; }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.checks: dict[str, Found] = {}
        self._checked = False
        self._busy = False
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """What was found in a line, and the checks."""
        yield Static("", id="found", markup=False)
        yield Choices(id="checks", markup=False)

    def shown(self) -> None:
        """The list has the keys; the first time everything is checked."""
        self.query_one("#checks").focus()
        if not self._checked and not self._busy:
            self._check()

    def hidden(self) -> None:
        """Checks that still run end; they begin anew when it is seen again."""
        self.workers.cancel_group(self, "checks")

    def action_again(self) -> None:
        """Check everything again."""
        self._check()

    def action_copy(self) -> None:
        """The report, as `devkit doctor` prints it."""
        self.app.copy_to_clipboard(report(self.checks.values()))
        self.notify("the report is copied")

    @work(exclusive=True, group="fix", exit_on_error=False)
    async def action_fix(self) -> None:
        """Put right what is under the cursor, after a question."""
        from devkit.tui.screens.question import Question

        check = self._chosen()
        if check is None or not check.needs_work:
            self.notify("there is nothing to put right")
            return
        if not check.fixable:
            self.notify(f"this is yours to do: {check.fix}" if check.fix else "there is no fix", markup=False)
            return
        plain = f"{_PLAIN} --fix {check.id}"
        if not await self.app.push_screen_wait(Question(f"{check.title}: {check.why}.\n{check.fix}?", plain)):
            return
        self.host.say(f"{check.title} …   {plain}", command=plain)
        failed: list[str] = []
        words = ["--yes", "--quiet", "--json", "doctor", "--fix", check.id]
        try:
            await child.run(self.host.project.paths.root, words, lambda line: failed.append(error_in(line.decode())))
        except OSError as error:
            failed.append(f"devkit cannot be run: {error.strerror}")
        self.host.say()
        if any(failed):
            self.notify(f"{check.title}: {''.join(failed)}", severity="error", timeout=10, markup=False)
        self._check()

    @work(exclusive=True, group="checks", exit_on_error=False)
    async def _check(self) -> None:
        self.checks, self._trouble, self._busy = {}, "", True
        self._show()
        done = False
        try:
            await child.run(self.host.project.paths.root, ["--quiet", "--json", "doctor", "--lines"], self._line_came)
            done = bool(self.checks)
        except OSError as error:
            self._trouble = f"devkit cannot be run: {error.strerror}"
        finally:
            self._busy, self._checked = False, done
        self._show()

    def _line_came(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace")
        if (check := found_in(text)) is not None:
            self.checks[check.id] = check
            self._show()
        elif error := error_in(text):
            self._trouble = error

    def _show(self) -> None:
        choices = self.query_one("#checks", Choices)
        former = self._chosen() if choices.highlighted else None
        checks = worst_first(self.checks.values())
        choices.clear_options()
        choices.add_options(Option(_row(check), id=check.id) for check in checks)
        if checks:  # at the top it stays there, where the worst will stand
            choices.highlighted = next((at for at, check in enumerate(checks) if former and check.id == former.id), 0)
        problems = Counter(check.status for check in checks)["problem"]
        self.query_one("#found", Static).update(self._summary(checks))
        self.app.query_one(TabBar).badge("doctor", str(problems) if problems else "")

    def _summary(self, checks: list[Found]) -> str:
        counts = Counter(check.status for check in checks)
        parts = [_counted(counts[status], status) for status in ("problem", "warning") if counts[status]]
        said = ", ".join(parts) or "nothing is wrong"
        if self._busy:
            return f"checking …   {len(checks)} done" + (f", {', '.join(parts)}" if parts else "")
        if self._trouble:
            return self._trouble
        return f"{len(checks)} checks: {said}" if checks else ""

    def _chosen(self) -> Found | None:
        option = self.query_one("#checks", Choices).highlighted_option
        return self.checks.get(option.id) if option is not None and option.id is not None else None

    @on(Choices.OptionSelected, "#checks")
    def _opened(self) -> None:
        from devkit.tui.screens.check_detail import CheckDetail

        if (check := self._chosen()) is not None:
            self.app.push_screen(CheckDetail(check))


def _row(check: Found) -> Text:
    row = Text().append(f"{mark(check.status)} ", _COLOURS[check.status])
    row.append(check.title, "bold" if check.needs_work else "dim" if check.status == "skipped" else "")
    if check.why:
        row.append(f": {printable(check.why)}", "" if check.needs_work else "dim")
    if check.needs_work and check.fix:
        row.append(f"\n    {printable(check.fix)}", "cyan")
        row.append("   f does it" if check.fixable else "", "dim")
    return row


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
