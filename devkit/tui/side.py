"""The services at the left: the list, the card of the chosen one, and what is done to them."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from devkit.engine.live_services import LiveService, Snapshot
from devkit.project.errors import DevkitError
from devkit.tui import compose_action
from devkit.tui.keys.services import SERVICES
from devkit.tui.pane import Host
from devkit.tui.widgets.service_card import ServiceCard
from devkit.tui.widgets.service_list import SPARK_SECONDS, ServiceList

_CARD_LINES = 5
_FIGURES_SECONDS = 1.0


class Side(Vertical):
    """What the app has beside its tabs. Its keys mean something while the list has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [*SERVICES]

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(id=id)
        self.host = host
        self._figures_wait = False
        self._sparks_drawn = 0.0

    def compose(self) -> ComposeResult:
        """List and card."""
        yield ServiceList(id="services")
        yield ServiceCard("", id="card", markup=False)

    @property
    def services(self) -> ServiceList:
        """The list."""
        return self.query_one("#services", ServiceList)

    def snapshot_came(self, snapshot: Snapshot) -> None:
        """Services are otherwise than before."""
        self.services.show(snapshot.services)
        self._show_card()

    def sample_came(self) -> None:
        """There are newer figures: shown within a second, with all others that come meanwhile."""
        if not self._figures_wait:
            self._figures_wait = True
            self.set_timer(_FIGURES_SECONDS, self._show_figures)

    def _show_figures(self) -> None:
        self._figures_wait = False
        now = asyncio.get_running_loop().time()
        sparks = now - self._sparks_drawn >= SPARK_SECONDS
        if sparks:
            self._sparks_drawn = now
        self.services.show_usage(self.host.session.usage, sparks=sparks)

    @on(ServiceList.Chosen)
    def _show_card(self) -> None:
        service = self.services.chosen
        lines: list[str] = []
        if service is not None and not service.state.ready:
            from devkit.tui.log_choice import LogChoice

            timeline = LogChoice(service.name).timeline(self.host.session.store.sources)
            page = timeline.before(timeline.end, _CARD_LINES, budget=64 * 1024)
            lines = [entry.line.text.decode("utf-8", errors="replace")[:200] for entry in page.entries]
        self.query_one("#card", ServiceCard).show(service, lines)

    def action_service(self, what: str) -> None:
        """Do something to the chosen service."""
        if (service := self._one_service()) is not None:
            self.host.act(getattr(compose_action, what)(service))

    def action_project(self, what: str) -> None:
        """Do something to all of them."""
        self.host.act(getattr(compose_action, what)())

    def action_shell(self) -> None:
        """A real terminal in the chosen service."""
        if (service := self._one_service()) is not None:
            self.host.in_terminal(["shell", service.name], f"docker compose exec {service.name} sh")

    def action_browser(self) -> None:
        """The chosen service's page, or the application's."""
        import webbrowser

        from devkit.setup.pages import pages

        service = self.services.chosen
        try:
            found = pages(self.host.project)
        except DevkitError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        page = next((page for page in found if service is not None and page.name == service.name), found[0])
        webbrowser.open(page.url)
        self.host.say(f"opened {page.url}", command=page.url)

    def _one_service(self) -> LiveService | None:
        service = self.services.chosen
        if service is None:
            if len(self.services.services) == 1:
                return self.services.services[0]
            self.notify("choose a service first")
        return service
