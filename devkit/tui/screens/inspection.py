"""A container looked at closely: what matters first, its processes, and all that the engine says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal, get_args

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from devkit.engine.container_facts import Section
from devkit.engine.containers import Inspection
from devkit.engine.live_services import LiveService
from devkit.engine.processes import ProcessTable
from devkit.logs.escapes import printable
from devkit.project.errors import DevkitError
from devkit.setup.inspected import inspected, processes
from devkit.setup.project import Project
from devkit.tui.figures import memory
from devkit.tui.keys.inspection import INSPECTION
from devkit.tui.widgets.text_lines import TextLines

Part = Literal["facts", "processes", "json"]

_PARTS: tuple[Part, ...] = get_args(Part)
_PROCESS_SECONDS = 2.0
_NAME = 18
_KIBIBYTE = 1024


class InspectionScreen(ModalScreen[None]):
    """A service's containers. `find` gives a service as it is now: its containers may be made anew meanwhile."""

    DEFAULT_CSS = """
    InspectionScreen > Vertical { width: 94%; height: 94%; padding: 0 1; background: $surface; border: round $accent; }
    InspectionScreen #head, InspectionScreen #hints { height: 1; }
    InspectionScreen #hints { color: $text-muted; }
    InspectionScreen TextLines { height: 1fr; margin: 1 0; }
    InspectionScreen #asked { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*INSPECTION]

    def __init__(self, project: Project, name: str, find: Callable[[str], LiveService | None], part: Part) -> None:
        super().__init__()
        self._service = name
        self._project = project
        self._find = find
        self._part: Part = part
        self._number = 0
        self._note = ""

    def compose(self) -> ComposeResult:
        """The parts' names, the text, the prompt, the keys."""
        with Vertical():
            yield Static("", id="head", markup=False)
            yield TextLines(id="text")
            yield Input(id="asked", compact=True, placeholder="find")
            yield Static("", id="hints", markup=False)

    def on_mount(self) -> None:
        """Ask the engine."""
        self.text.focus()
        self.action_reload()

    @property
    def text(self) -> TextLines:
        """What is shown of it."""
        return self.query_one(TextLines)

    def action_part(self, part: Part) -> None:
        """Show another part."""
        self._part = part
        self.action_reload()

    def action_next_part(self, steps: int) -> None:
        """The part beside this one."""
        self.action_part(_PARTS[(_PARTS.index(self._part) + steps) % len(_PARTS)])

    def action_next_container(self, steps: int) -> None:
        """Another container of the service."""
        if count := len(self._containers()):
            self._number = (self._number + steps) % count
            self.action_reload()

    def action_reload(self) -> None:
        """Ask the engine again."""
        self._note = "asking the engine …"
        self._show_head()
        self._load()

    @work(exclusive=True, group="inspect", exit_on_error=False)
    async def _load(self) -> None:
        is_first = True
        while True:
            try:
                lines = await self._lines()
                self._note = ""
            except DevkitError as error:
                lines, self._note = [], error.message
            if lines or is_first:
                self.text.show(lines, top=is_first)
            self._show_head()
            if self._part != "processes":
                return
            is_first = False
            await asyncio.sleep(_PROCESS_SECONDS)

    async def _lines(self) -> list[Text]:
        containers = self._containers()
        if not containers:
            self._note = "it has no container now"
            return []
        container = containers[min(self._number, len(containers) - 1)].service.container
        if self._part == "processes":
            return process_lines(await processes(self._project, container))
        found = await inspected(self._project, container)
        if self._part == "json":
            return [Text(printable(line), no_wrap=True, end="") for line in found.text.splitlines()]
        return fact_lines(found.sections)

    def action_ask(self) -> None:
        """Ask for a text to find."""
        prompt = self.query_one("#asked", Input)
        prompt.value = self.text.query_text
        prompt.display = True
        self.set_focus(prompt)

    @on(Input.Submitted, "#asked")
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_prompt()
        self.text.search(event.value)
        self._show_head()

    def action_search_next(self, direction: int) -> None:
        """Another place with the text."""
        self.text.search_next(direction)
        self._show_head()

    def action_copy(self) -> None:
        """All of what is shown."""
        self.app.copy_to_clipboard(self.text.plain)
        self.notify("copied, without values of the environment")

    def action_back(self) -> None:
        """Close the prompt, else end the search, else close."""
        if self.query_one("#asked").display:
            self._close_prompt()
        elif self.text.query_text:
            self.text.search("")
            self._show_head()
        else:
            self.dismiss()

    def _close_prompt(self) -> None:
        self.query_one("#asked").display = False
        self.set_focus(self.text)

    def _containers(self) -> Sequence[Inspection]:
        service = self._find(self._service)
        return service.containers if service is not None else ()

    def _show_head(self) -> None:
        containers = self._containers()
        head = Text(no_wrap=True, end="")
        for number, part in enumerate(_PARTS, 1):
            head.append(f" {number} {part} ", "bold reverse" if part == self._part else "dim")
        if containers:
            number = min(self._number, len(containers) - 1)
            head.append(f"  {containers[number].name}", "bold")
            if len(containers) > 1:
                head.append(f"  {number + 1} of {len(containers)}", "dim")
        if self.text.query_text:
            place = 0 if self.text.place is None else self.text.place + 1
            head.append(f"  /{self.text.query_text} {place} of {self.text.places}", "yellow")
        head.append(f"  {self._note}", "yellow")
        self.query_one("#head", Static).update(head)
        several = "   ← → container" if len(containers) > 1 else ""
        self.query_one("#hints", Static).update(f"/ find   n N next, former   y copy   ^r refresh   esc close{several}")


def fact_lines(sections: Sequence[Section]) -> list[Text]:
    """Each section with its title, names in a column."""
    lines: list[Text] = []
    for section in sections:
        lines += [Text(section.title, "bold", end="")]
        width = min(40, max(_NAME, *(len(name) for name, _ in section.facts)))
        for name, text in section.facts:
            first, *rest = map(printable, text.splitlines() or [""])
            lines.append(Text(f"  {printable(name):<{width}}  ", "cyan", end="").append(first, "not cyan default"))
            lines += [Text(f"  {'':<{width}}  {line}", end="") for line in rest]
        lines.append(Text("", end=""))
    return lines[:-1]


def process_lines(table: ProcessTable) -> list[Text]:
    """A row for each process, its command last and indented below its parent."""
    rows = [[*map(printable, row)] for row in table.rows]
    if "RSS" in table.titles:
        at = table.titles.index("RSS")
        for row in rows:
            row[at] = memory(int(row[at]) * _KIBIBYTE) if row[at].isdigit() else row[at]
    for row, depth in zip(rows, table.depths, strict=True):
        row[-1] = "  " * depth + row[-1]
    widths = [max(map(len, column)) for column in zip(table.titles, *rows, strict=True)][:-1]

    def line(row: Sequence[str], style: str) -> Text:
        cells = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=False)]
        return Text("  ".join([*cells, row[-1]]), style, end="")

    return [line(table.titles, "bold"), *(line(row, "") for row in rows)]
