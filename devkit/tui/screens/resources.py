"""The project's images, volumes and networks with their sizes, and what can be removed of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar, Literal, get_args

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from devkit.engine.client import Client
from devkit.engine.resources import Image, Resources, Volume, measured, project_resources
from devkit.logs.escapes import printable
from devkit.project.errors import DevkitError
from devkit.tui import resource_action
from devkit.tui.choice import Choice
from devkit.tui.compose_action import Action
from devkit.tui.figures import duration, memory
from devkit.tui.keys.resources import RESOURCES
from devkit.tui.pane import Host
from devkit.tui.resource_action import Resource, listed, title
from devkit.tui.screens.menu import Menu

Part = Literal["images", "volumes", "networks"]

_PARTS: tuple[Part, ...] = get_args(Part)
_COLUMNS: dict[Part, tuple[str, ...]] = {
    "images": ("image", "size", "its own", "made", "used by"),
    "volumes": ("volume", "size", "in compose.yaml", "used by"),
    "networks": ("network", "driver", "subnet", "used by"),
}
_MEASURING = "…"


class ResourcesScreen(ModalScreen[None]):
    """Three tables. The engine is asked when it opens and when something was removed, never in between."""

    DEFAULT_CSS = """
    ResourcesScreen > Vertical { width: 94%; height: 94%; padding: 0 1; background: $surface; border: round $accent; }
    ResourcesScreen #head, ResourcesScreen #sum, ResourcesScreen #hints { height: 1; }
    ResourcesScreen #sum, ResourcesScreen #hints { color: $text-muted; }
    ResourcesScreen DataTable { height: 1fr; margin: 1 0; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*RESOURCES]

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self._part: Part = "images"
        self._found = Resources()
        self._note = ""

    def compose(self) -> ComposeResult:
        """The parts' names, the table, what it comes to, the keys."""
        with Vertical():
            yield Static("", id="head", markup=False)
            yield DataTable(cursor_type="row", zebra_stripes=True)
            yield Static("", id="sum", markup=False)
            yield Static("d remove   p prune   y copy   ^r refresh   esc close", id="hints", markup=False)

    def on_mount(self) -> None:
        """Ask the engine."""
        self.table.focus()
        self.action_reload()

    @property
    def table(self) -> DataTable[Text]:
        """What is shown of them."""
        return self.query_one(DataTable)

    @property
    def chosen(self) -> Resource | None:
        """What the cursor is on."""
        shown = self._shown()
        return shown[self.table.cursor_row] if self.table.cursor_row < len(shown) else None

    def action_part(self, part: Part) -> None:
        """Show another part."""
        self._part = part
        self._show()
        self.table.move_cursor(row=0)

    def action_next_part(self, steps: int) -> None:
        """The part beside this one."""
        self.action_part(_PARTS[(_PARTS.index(self._part) + steps) % len(_PARTS)])

    def action_move(self, rows: int) -> None:
        """Another row."""
        self.table.move_cursor(row=self.table.cursor_row + rows)

    def action_copy(self) -> None:
        """The name of what the cursor is on."""
        if (chosen := self.chosen) is not None:
            self.app.copy_to_clipboard(title(chosen))
            self.notify(f"copied: {title(chosen)}", markup=False)

    def action_close(self) -> None:
        """Back to the services."""
        self.dismiss()

    @work(exclusive=True, group="resources", exit_on_error=False)
    async def action_reload(self) -> None:
        """Ask the engine again: for names, which come at once, then for sizes."""
        self._note = "asking the engine …"
        self._show_head()
        try:
            async with Client(self._host.project.docker) as client:
                self._found = await project_resources(client, self._host.project.settings.name)
                self._note = "the engine measures …"
                self._show()
                self._found = await measured(client, self._found)
            self._note = ""
        except DevkitError as error:
            self._note = error.message
        self._show()

    @work(group="remove", exit_on_error=False)
    async def action_remove(self) -> None:
        """Take away what the cursor is on, if nothing uses it."""
        if (chosen := self.chosen) is None:
            return
        if why := resource_action.in_use(chosen):
            self.notify(why, severity="warning", markup=False)
            return
        await self._do(resource_action.remove(chosen))

    @work(group="remove", exit_on_error=False)
    async def action_prune(self) -> None:
        """Take away all that is left over of one kind."""
        choices = resource_action.prunings(self._found, self._host.project.settings.name)
        if not choices:
            self.notify("nothing is left over" if not self._note else f"not known yet: {self._note}", markup=False)
            return
        choice: Choice | None = await self.app.push_screen_wait(Menu("Remove what is left over", choices))
        if choice is not None and isinstance(choice.does, Action):
            await self._do(choice.does)

    async def _do(self, action: Action) -> None:
        await self._host.act(action).wait()
        if self.is_mounted:
            self.action_reload()

    def _shown(self) -> Sequence[Resource]:
        match self._part:
            case "images":
                return self._found.images
            case "volumes":
                return self._found.volumes
            case "networks":
                return self._found.networks

    def _show(self) -> None:
        table, row = self.table, self.table.cursor_row
        table.clear(columns=True)
        for name in _COLUMNS[self._part]:
            table.add_column(name)
        for resource in self._shown():
            shown = cells(resource, now=time.time(), measuring=bool(self._note))
            table.add_row(*(Text(printable(cell), no_wrap=True) for cell in shown))
        table.move_cursor(row=min(row, max(0, table.row_count - 1)))
        self._show_head()

    def _show_head(self) -> None:
        head = Text(no_wrap=True, end="")
        for number, part in enumerate(_PARTS, 1):
            head.append(f" {number} {part} ", "bold reverse" if part == self._part else "dim")
        head.append(f"  {self._note}", "yellow")
        self.query_one("#head", Static).update(head)
        self.query_one("#sum", Static).update(total(self._found))


def cells(resource: Resource, *, now: float, measuring: bool) -> tuple[str, ...]:
    """A row of its table."""
    unknown = _MEASURING if measuring else "?"
    users = listed(resource.users) or "nothing"
    if isinstance(resource, Image):
        left = "" if resource.names else " (left over)" if resource.dangling else " (of an older build)"
        name = f"{title(resource)}{left}"
        age = f"{duration(now - resource.created)} ago"
        return name, memory(resource.size), _size(resource.unshared, unknown), age, users
    if isinstance(resource, Volume):
        return resource.name, _size(resource.size, unknown), resource.declared or "not named there", users
    return resource.name, resource.driver, resource.subnet, users


def total(found: Resources) -> str:
    """What they take together, and the engine's build cache, which is of all projects."""
    own = [image.unshared for image in found.images if image.own]
    parts = [f"its images {_together(own)}", f"volumes {_together([one.size for one in found.volumes])}"]
    if found.cache is not None:
        parts.append(f"build cache of all projects {memory(found.cache)}")
    return "   ".join(parts)


def _together(sizes: Sequence[int | None]) -> str:
    known = [size for size in sizes if size is not None]
    return memory(sum(known)) if known or not sizes else _MEASURING


def _size(size: int | None, unknown: str) -> str:
    return unknown if size is None else memory(size)
