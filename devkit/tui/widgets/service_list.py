"""The project's services: how each does and what it uses. The first row stands for all of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from devkit.engine.live_services import LiveService
from devkit.tui.figures import sparkline
from devkit.tui.keys.services import LIST
from devkit.tui.strips import strip_of
from devkit.tui.widgets.service_row import Badge, Facts, all_row, profile_row, service_row

if TYPE_CHECKING:
    from devkit.engine.live_stats import Usage

SPARK_SECONDS = 5
"""A sparkline is drawn anew so seldom: each second it cost more than all the figures (1.8 % of a core)."""

Row = LiveService | tuple[str, ...] | None
"""A service; the profiles that head those that follow; None for all services."""

_RIGHT = 3


class ServiceList(Widget, can_focus=True):
    """One row a service, by its name whatever containers it has; services of profiles below the others."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIST]

    class Chosen(Message):
        """Another service is looked at; None for all of them."""

        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.name = name

    class MenuWanted(Message):
        """What can be done is to be shown: with the chosen service, or with all, or with these profiles."""

        def __init__(self, profiles: tuple[str, ...] = ()) -> None:
            super().__init__()
            self.profiles = profiles

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.services: tuple[LiveService, ...] = ()
        self.badges: Mapping[str, Sequence[Badge]] = {}
        self._name: str | None = None
        self._marked: frozenset[str] = frozenset()
        self._usage: Mapping[str, Usage] = {}
        self._strips: list[Strip] = []
        self._width = 0
        """What the strips were painted for."""
        self._top = 0
        """The first row that is shown, where there is no room for all."""
        self._sparks: dict[str, str] = {}

    @property
    def chosen(self) -> LiveService | None:
        """The service that is looked at; None for all."""
        return self.service(self._name)

    @property
    def marked(self) -> tuple[LiveService, ...]:
        """The services that a person marked."""
        return tuple(service for service in self.services if service.name in self._marked)

    def service(self, name: str | None) -> LiveService | None:
        """The service of this name, where there is one now."""
        return next((service for service in self.services if service.name == name), None)

    def show(self, services: Sequence[LiveService]) -> None:
        """These services; the one that is looked at stays."""
        self.services = tuple(sorted(services, key=lambda service: service.profiles))
        if self._name is not None and self.chosen is None:
            self._choose(None)
        self._paint()

    def show_usage(self, usage: Mapping[str, Usage], *, sparks: bool) -> None:
        """Newer figures; with `sparks` the little curves too. Only rows that changed are drawn."""
        self._usage = usage
        if sparks or not self._sparks:
            self._sparks = {
                service.name: sparkline(cpu_history(found))
                for service in self.services
                if (found := self._usages_of(service))
            }
        self._paint()

    def show_badges(self, badges: Mapping[str, Sequence[Badge]]) -> None:
        """Signs behind the services that these are about, by name."""
        if badges != self.badges:
            self.badges = badges
            self._paint()

    def unmark(self) -> None:
        """No service is marked any more."""
        self._marked = frozenset()
        self._paint()

    def action_move(self, rows: int) -> None:
        """Look at another one."""
        names = [None, *(service.name for service in self.services)]
        at = names.index(self._name) if self._name in names else 0
        self._choose(names[max(0, min(len(names) - 1, at + rows))])

    def action_mark(self) -> None:
        """Mark the service, or take its mark away; the next one is looked at. All of them on the row for all."""
        if self._name is None:
            names = frozenset(service.name for service in self.services)
            self._marked = frozenset() if self._marked == names else names
            self._paint()
            return
        self._marked ^= {self._name}
        self._paint()
        self.action_move(1)

    def action_unmark(self) -> None:
        """No service is marked any more."""
        self.unmark()

    def action_menu(self) -> None:
        """What can be done with it."""
        self.post_message(self.MenuWanted())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Escape takes marks away where there are some, and else means what it means everywhere."""
        return action != "unmark" or bool(self._marked)

    def on_click(self, event: events.Click) -> None:
        """The row that was clicked; with the right button or twice, what can be done with it."""
        at = event.y + self._top
        if not 0 <= at < len(rows := self._rows()):
            return
        row = rows[at]
        if isinstance(row, tuple):
            self.post_message(self.MenuWanted(row))
            return
        self._choose(row.name if row is not None else None)
        if event.button == _RIGHT or event.chain == 2:
            self.action_menu()

    def on_mouse_scroll_down(self) -> None:
        """The rows below."""
        self._show_from(self._top + 1)

    def on_mouse_scroll_up(self) -> None:
        """The rows above."""
        self._show_from(self._top - 1)

    def render_line(self, y: int) -> Strip:
        """One row; the first frame may come before the widget has heard of its size."""
        if self._width != self.size.width:
            self._make_strips()
        at = y + self._top
        return self._strips[at] if at < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A row for each service and one for all."""
        return len(self._rows())

    def on_resize(self) -> None:
        """Rows for this width; the chosen one stays in sight."""
        self._keep_in_sight()
        self._paint()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The chosen row stands out."""
        super().watch_has_focus(has_focus)
        self._paint()

    def notify_style_update(self) -> None:
        """Another theme: rows are painted in its colours."""
        super().notify_style_update()
        if self.is_mounted:
            self._paint()

    def _rows(self) -> list[Row]:
        rows: list[Row] = [None]
        for profiles, services in groupby(self.services, key=lambda service: service.profiles):
            rows += [*([profiles] if profiles else []), *services]
        return rows

    def _choose(self, name: str | None) -> None:
        if name != self._name:
            self._name = name
            self._keep_in_sight()
            self._paint()
            self.post_message(self.Chosen(name))

    def _keep_in_sight(self) -> None:
        """Scroll as little as is needed; where all rows have room, not at all."""
        rows = self._rows()
        at = next((y for y, row in enumerate(rows) if isinstance(row, LiveService) and row.name == self._name), 0)
        self._show_from(max(at - self.size.height + 1, min(self._top, at)))

    def _show_from(self, top: int) -> None:
        top = max(0, min(top, len(self._rows()) - self.size.height))
        if top != self._top:
            self._top = top
            self.refresh()

    def _paint(self) -> None:
        former = self._strips
        self._make_strips()
        if len(former) != len(self._strips):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(former, self._strips, strict=True)):
            if old != new:
                self.refresh_line(y)

    def _make_strips(self) -> None:
        width, now, style = self.size.width, time.time(), self.rich_style
        self._strips = [strip_of(self._text(row, now), self.app.console, width, style) for row in self._rows()]
        self._width = width

    def refresh_line(self, y: int) -> None:
        """Draw one row anew."""
        self.refresh(Region(0, y - self._top, self.size.width, 1))

    def _text(self, row: Row, now: float) -> Text:
        if isinstance(row, tuple):
            return profile_row(row)
        text = all_row(self.services) if row is None else service_row(row, self._facts(row, now))
        if self._name == (row.name if row else None):
            text.pad_right(max(0, self.size.width - text.cell_len))
            text.stylize("reverse" if self.has_focus else "bold")
        return text

    def _facts(self, service: LiveService, now: float) -> Facts:
        newest = [sample for usage in self._usages_of(service) if (sample := usage.newest) is not None]
        return Facts(
            self.size.width,
            now,
            newest,
            self._sparks.get(service.name, ""),
            self.badges.get(service.name, ()),
            service.name in self._marked,
        )

    def _usages_of(self, service: LiveService) -> list[Usage]:
        ids = [found.service.container for found in service.containers]
        return [self._usage[container] for container in ids if container in self._usage]


def cpu_history(usages: Sequence[Usage]) -> list[float]:
    """What a service's containers used together, the newest last; as long as the one that was watched longest."""
    histories = [[sample.cpu_percent or 0.0 for sample in usage.samples] for usage in usages]
    return [sum(together) for together in zip_longest(*map(reversed, histories), fillvalue=0.0)][::-1]
