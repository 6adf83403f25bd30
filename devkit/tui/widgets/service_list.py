"""The project's services: how each does and what it uses. The first row stands for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from devkit.engine.live_services import LiveService
from devkit.engine.live_stats import Usage
from devkit.tui.figures import memory, sparkline

ALL = "all services"
SPARK_SECONDS = 5
"""A sparkline is drawn anew so seldom: each second it cost more than all the figures (1.8 % of a core)."""

_GLYPHS = {
    "running": ("●", "green"),
    "exited": ("○", "dim"),
    "restarting": ("↻", "yellow"),
    "paused": ("‖", "yellow"),
    "created": ("○", "dim"),
    "missing": ("·", "dim"),
}


class ServiceList(Widget, can_focus=True):
    """One row a service, by its name whatever containers it has."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="services.up", tooltip="The service above"),
        Binding("down,j", "move(1)", "Down", show=False, id="services.down", tooltip="The service below"),
        Binding("g,home", "move(-1000)", "First", show=False, id="services.first", tooltip="All services"),
        Binding("G,end", "move(1000)", "Last", show=False, id="services.last", tooltip="The last service"),
    ]

    class Chosen(Message):
        """Another service is looked at; None for all of them."""

        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.services: tuple[LiveService, ...] = ()
        self._name: str | None = None
        self._usage: Mapping[str, Usage] = {}
        self._strips: list[Strip] = []
        self._sparks: dict[str, str] = {}

    @property
    def chosen(self) -> LiveService | None:
        """The service that is looked at; None for all."""
        return next((service for service in self.services if service.name == self._name), None)

    def show(self, services: Sequence[LiveService]) -> None:
        """These services; the one that is looked at stays."""
        self.services = tuple(services)
        if self._name is not None and self.chosen is None:
            self._choose(None)
        self._paint()

    def show_usage(self, usage: Mapping[str, Usage], *, sparks: bool) -> None:
        """Newer figures; with `sparks` the little curves too. Only rows that changed are drawn."""
        self._usage = usage
        if sparks or not self._sparks:
            self._sparks = {
                service.name: sparkline([sample.cpu_percent or 0.0 for sample in found.samples])
                for service in self.services
                if (found := self._usage_of(service)) is not None
            }
        self._paint()

    def action_move(self, rows: int) -> None:
        """Look at another one."""
        names = [None, *(service.name for service in self.services)]
        at = names.index(self._name) if self._name in names else 0
        self._choose(names[max(0, min(len(names) - 1, at + rows))])

    def on_click(self, event: events.Click) -> None:
        """The row that was clicked."""
        names = [None, *(service.name for service in self.services)]
        if event.y < len(names):
            self._choose(names[event.y])

    def render_line(self, y: int) -> Strip:
        """One row."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A row for each service and one for all."""
        return 1 + len(self.services)

    def on_resize(self) -> None:
        """Rows for this width."""
        self._paint()

    def on_focus(self) -> None:
        """The chosen row stands out."""
        self._paint()

    on_blur = on_focus

    def _choose(self, name: str | None) -> None:
        if name != self._name:
            self._name = name
            self._paint()
            self.post_message(self.Chosen(name))

    def _paint(self) -> None:
        rows = [self._row(None), *(self._row(service) for service in self.services)]
        width = self.size.width
        strips = []
        for row in rows:
            segments = [Segment(segment.text, segment.style) for segment in row.render(self.app.console)]
            strips.append(Strip(segments).crop_extend(0, width, self.rich_style).apply_style(self.rich_style))
        former, self._strips = self._strips, strips
        if len(former) != len(strips):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(former, strips, strict=True)):
            if old != new:
                self.refresh_line(y)

    def refresh_line(self, y: int) -> None:
        """Draw one row anew."""
        self.refresh(Region(0, y, self.size.width, 1))

    def _row(self, service: LiveService | None) -> Text:
        width = self.size.width
        if service is None:
            ready = sum(1 for one in self.services if one.containers and one.ready == len(one.containers))
            row = Text(f"≡ {ALL} ", end="").append(f"{ready}/{len(self.services)}", "dim")
        else:
            row = self._service_row(service)
        if self._name == (service.name if service else None):
            row.pad_right(max(0, width - row.cell_len))
            row.stylize("reverse" if self.has_focus else "bold")
        return row

    def _service_row(self, service: LiveService) -> Text:
        state = service.state
        glyph, colour = _GLYPHS[state.state]
        if state.health == "unhealthy" or (state.state == "exited" and state.exit_code):
            colour = "red"
        elif state.health == "starting":
            glyph, colour = "◐", "yellow"
        name = service.name if len(service.containers) < 2 else f"{service.name} x{len(service.containers)}"
        row = Text(f"{glyph} ", colour, end="").append(
            f"{name[:14]:<14}", "bold" if state.state == "running" else "dim"
        )
        usage = self._usage_of(service)
        sample = usage.newest if usage else None
        if state.state != "running":
            detail = f"exited {state.exit_code}" if state.state == "exited" else state.state
            return row.append(f" {detail}", "red" if colour == "red" else "dim")
        if sample is not None:
            row.append(f"{sample.cpu_percent or 0.0:5.1f}%")
            row.append(f" {memory(sample.memory_used):>5}", "dim")
            row.append(f" {self._sparks.get(service.name, '')}", "cyan")
        elif state.health:
            row.append(f" {state.health}", colour)
        return row

    def _usage_of(self, service: LiveService) -> Usage | None:
        return next(
            (
                self._usage[found.service.container]
                for found in service.containers
                if found.service.container in self._usage
            ),
            None,
        )
