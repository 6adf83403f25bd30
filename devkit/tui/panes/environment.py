"""The names of .env: where each comes from and how it differs from Doppler; masked, and pulled after a look at what."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Input, Static

from devkit.logs.escapes import one_line
from devkit.logs.query import Query, parse_query
from devkit.project.errors import DevkitError
from devkit.secrets.comparison import Comparison, Standing
from devkit.secrets.variables import Order, Variable, ordered
from devkit.setup.local_environment import line_of
from devkit.tui.directory_watch import watch_file
from devkit.tui.environment_keeper import EnvironmentKeeper
from devkit.tui.environment_rows import (
    COLUMNS,
    CONNECT,
    NARROW_COLUMNS,
    chosen,
    detail_text,
    filter_text,
    note_text,
    pull_summary,
    pull_text,
    push_question,
    title_text,
    variable_rows,
)
from devkit.tui.keys.environment import ENVIRONMENT
from devkit.tui.pane import Host, Pane
from devkit.tui.reveal import Reveal
from devkit.tui.widgets.table import Table

_NARROW = 76
_LOW = 18


class EnvironmentPane(Pane):
    """Rows come from .env at once, and what Doppler has beside it as soon as that was asked."""

    BINDINGS: ClassVar[list[BindingType]] = [*ENVIRONMENT]
    DEFAULT_CSS = """
    EnvironmentPane {
        #environment-title { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        #environment-note { height: auto; max-height: 3; padding: 0 1; display: none; color: $text-muted; }
        #environment-note.problem { background: $error; color: $text; }
        #environment-detail { height: auto; max-height: 40%; padding: 0 1; border-top: solid $panel; }
        #environment-detail Static { height: auto; }
        #environment-prompt { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
        &.-low #environment-detail { display: none; border-top: none; }
        &.-revealed #environment-detail { display: block; }
    }
    """

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(host, id=id)
        self.keeper = EnvironmentKeeper(host.project)
        self.reveal = Reveal(self, self._show)
        self.order = Order.DRIFT
        self.filter: Query | None = None
        self.with_unset = False
        self._rows: list[Variable] = []
        self._seen = False
        self._comparing = 0
        self._at_work = False

    def compose(self) -> ComposeResult:
        """Title, what is the matter, names, the chosen one, prompt."""
        yield Static("", id="environment-title", markup=False)
        yield Static("", id="environment-note", markup=False)
        yield Table(COLUMNS, id="environment-names")
        with VerticalScroll(id="environment-detail", can_focus=False):
            yield Static("", markup=False)
        yield Input(id="environment-prompt", compact=True, placeholder="only names with this; ! for those without")

    def on_mount(self) -> None:
        """What hides a value is heard of from now on."""
        self.reveal.begin()

    def on_resize(self) -> None:
        """A narrow tab has fewer columns; in a low one enter shows what is known of a name."""
        self.set_class(self.size.height < _LOW, "-low")
        columns = NARROW_COLUMNS if self.size.width < _NARROW else COLUMNS
        if self.names.columns_shown != columns:
            self.names.set_columns(columns)
            self._show()

    @property
    def names(self) -> Table:
        """The table."""
        return self.query_one("#environment-names", Table)

    @property
    def variable(self) -> Variable | None:
        """The name under the cursor."""
        return next((one for one in self._rows if one.name == self.names.key), None)

    def shown(self) -> None:
        """Look at .env from now on; the first time it is compared too."""
        self.names.focus()
        if not self._seen:
            self._seen = True
            self._watch()

    def hidden(self) -> None:
        """No value is shown, and nothing looked at any more; a command that was begun goes on."""
        self._seen = False
        self.reveal.hide()
        self.workers.cancel_group(self, "watch")
        self.workers.cancel_group(self, "environment")

    def back(self) -> None:
        """Out of the prompt; else no value is shown any more; else no filter."""
        if self._prompt.display:
            self._close_prompt()
        elif self.reveal.name:
            self.reveal.hide()
        elif self.filter is not None:
            self.filter = None
            self._show()

    def action_reveal(self) -> None:
        """The value under the cursor for a while, or no more."""
        if (one := self.variable) is None:
            return
        if self.reveal.name == one.name:
            self.reveal.hide()
        elif one.value is None:
            self.notify(f".env has no {one_line(one.name)}", markup=False)
        else:
            self.reveal.show(one.name)
            self.host.say(command=f"devkit env show {one_line(one.name)}")

    def action_copy(self) -> None:
        """The name."""
        if (one := self.variable) is not None:
            self.app.copy_to_clipboard(one.name)
            self.notify("the name is copied")

    def action_copy_value(self) -> None:
        """The value, where it is revealed: nobody copies one unseen by a wrong key."""
        one = self.variable
        if one is None or one.value is None or self.reveal.name != one.name:
            self.notify("v reveals a value, then it can be copied")
            return
        self.app.copy_to_clipboard(one.value)
        self.notify(f"the value of {one_line(one.name)} is copied", markup=False)

    def action_order(self, name: str) -> None:
        """Another order."""
        self.order = Order[name]
        self._show()

    def action_unset(self) -> None:
        """With names that are set nowhere, or without."""
        self.with_unset = not self.with_unset
        self.host.say(command="devkit env check")
        self._show()

    def action_ask(self) -> None:
        """Ask for a part of names."""
        self._prompt.value = ("!" if self.filter.inverted else "") + self.filter.text if self.filter else ""
        self._prompt.display = True
        self.screen.set_focus(self._prompt)  # at once: the next keys may be there already

    def action_again(self) -> None:
        """Compare now."""
        self.keeper.compared = False
        self.host.say(command="devkit env diff")
        self._look()

    async def action_edit(self) -> None:
        """.env in the editor, at the line of the name under the cursor."""
        from devkit.tui.open_place import open_file

        path, one = self.host.project.paths.env, self.variable
        try:
            line = await asyncio.to_thread(line_of, path, one.name) if one is not None else None
        except (DevkitError, OSError):
            line = None  # the editor is where it is put right
        open_file(self, self.host, path, line, f".env:{line}" if line else ".env")

    @work(group="environment-command", exit_on_error=False)
    async def action_pull(self) -> None:
        """What Doppler has into .env, after a look at what that changes."""
        if (now := await self._compared_anew()) is None:
            return
        if now.is_none:
            self.notify(f".env has what {one_line(now.where)} has", markup=False)
            return
        from devkit.tui.screens.question import Question

        plain, summary = "devkit env pull", pull_summary(now)
        question = Question(f"Pull from {one_line(now.where)} into .env? {summary}", plain, pull_text(now))
        if await self.app.push_screen_wait(question):
            await self._do(["pull"], f"pulled from {one_line(now.where)}: {summary}")

    @work(group="environment-command", exit_on_error=False)
    async def action_push(self) -> None:
        """The value under the cursor to Doppler."""
        one = self.variable
        if one is None or self._is_at_work():
            return
        now = self.keeper.comparison
        if now is None or not now.is_doppler:
            self.notify(CONNECT if now is not None else "it is not known yet where secrets are kept", markup=False)
        elif one.value is None:
            self.notify(f".env has no {one_line(one.name)}", markup=False)
        elif one.standing is Standing.SAME:
            self.notify(f"{one_line(now.where)} has the same value", markup=False)
        else:
            from devkit.tui.screens.question import Question

            asked = push_question(one, now)
            if await self.app.push_screen_wait(Question(asked, f"devkit env push {one_line(one.name)}")):
                await self._do(["push", one.name], f"{one_line(now.where)} has .env's value of {one_line(one.name)}")

    @on(Table.Opened, "#environment-names")
    def _opened(self) -> None:
        if (one := self.variable) is not None:
            from devkit.tui.screens.text_detail import TextDetail

            self.app.push_screen(TextDetail(detail_text(one), one.name))

    @on(DataTable.RowHighlighted)
    def _other_row(self) -> None:
        if self.reveal.name and self.reveal.name != self.names.key:
            self.reveal.hide()
        self._show_detail()

    @on(Input.Changed, "#environment-prompt")
    def _typed(self, event: Input.Changed) -> None:
        if self._prompt.display:
            self.filter = parse_query(event.value)
            self._show()

    @on(Input.Submitted, "#environment-prompt")
    def _answered(self) -> None:
        self._close_prompt()

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _watch(self) -> None:
        await watch_file(self.host.project.paths.env, self._file_changed)

    def _file_changed(self) -> None:
        self._look()

    @work(group="environment", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        """Read .env, and compare it where it has become another or it never was."""
        if await self.keeper.read():
            self.reveal.hide()
        self._show()
        if not self.keeper.compared and not self._at_work:
            await self._compare()

    async def _compare(self) -> Comparison | None:
        """Ask what differs. Who stands at the top stays there the first time, where what needs a look will stand."""
        was_known, at_the_top = self.keeper.comparison is not None, self.names.cursor_row == 0
        self._comparing += 1
        self._show()
        try:
            found = await self.keeper.compare()
        finally:
            self._comparing -= 1
        self._show()
        if not was_known and at_the_top:
            self.names.move_to(None)
        return found

    async def _compared_anew(self) -> Comparison | None:
        """How .env differs from Doppler right now; None, and why is said, where there is nothing to pull from."""
        if self._is_at_work():
            return None
        self.workers.cancel_group(self, "environment")
        self._at_work = True
        try:
            await self.keeper.read()
            found = await self._compare()
        finally:
            self._at_work = False
        if not self._seen:
            return None
        if found is None:
            self.host.say(self.keeper.problem, problem=True)
        elif not found.is_doppler:
            self.notify(CONNECT, markup=False)
        return found if found is not None and found.is_doppler else None

    def _is_at_work(self) -> bool:
        if self._at_work:
            self.notify("another pull or push is under way")
        return self._at_work

    async def _do(self, words: list[str], done: str) -> None:
        """Run `devkit env WORDS`: its lines at the bottom as they come, then what came of it, and all anew."""
        if self._is_at_work():
            return
        plain = one_line(f"devkit env {' '.join(words)}")
        self._at_work = True
        self.host.say(f"{plain} …", command=plain)
        try:
            await self.keeper.do(words, lambda line: self.host.say(line, command=plain))
        except DevkitError as error:
            self.host.say(f"{plain}: {error.message}", problem=True)
        else:
            self.notify(done, markup=False)
            self.host.look_again()
        finally:
            self._at_work = False
        if self._seen:
            self._look()

    def _show(self) -> None:
        """Names, title and detail as they are now."""
        if not self.is_mounted:
            return
        self.set_class(bool(self.reveal.name), "-revealed")
        self._rows = self._chosen()
        self.names.show(variable_rows(self._rows, self.reveal.name, narrow=self._is_narrow))
        self._show_title()
        self._show_detail()

    def _show_title(self) -> None:
        keeper = self.keeper
        doing = "comparing …" if self._comparing else ""
        more = [filter_text(self.filter)] if self.filter is not None else []
        if not self.with_unset and (unset := sum(one.standing is Standing.UNSET for one in keeper.variables)):
            more.append(f"m {unset} unset")
        title = title_text(
            self._rows, keeper.comparison, self.order, time.time(), narrow=self._is_narrow, doing=doing, more=more
        )
        self.query_one("#environment-title", Static).update(title)
        text = keeper.problem or note_text(keeper.comparison, exists=keeper.local.exists)
        note = self.query_one("#environment-note", Static)
        note.update(one_line(text))
        note.display = bool(text)
        note.set_class(bool(keeper.problem), "problem")

    def _show_detail(self) -> None:
        one = self.variable
        detail = self.query_one("#environment-detail Static", Static)
        detail.update(detail_text(one, is_revealed=one.name == self.reveal.name) if one is not None else "")

    def _chosen(self) -> list[Variable]:
        """The names that are looked at, in their order."""
        return ordered(chosen(self.keeper.variables, self.filter, with_unset=self.with_unset), self.order)

    @property
    def _is_narrow(self) -> bool:
        return self.names.columns_shown == NARROW_COLUMNS

    @property
    def _prompt(self) -> Input:
        return self.query_one("#environment-prompt", Input)

    def _close_prompt(self) -> None:
        self._prompt.display = False
        self.screen.set_focus(self.names)
