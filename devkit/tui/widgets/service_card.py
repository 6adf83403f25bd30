"""The card below the list of services: what there is to know of the chosen one, and why it is not well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from devkit.engine.live_services import LiveService
from devkit.project.errors import DevkitError
from devkit.tui.pane import Host
from devkit.tui.widgets.service_row import Badge

if TYPE_CHECKING:
    from devkit.tui.ailments import Ailment, Ailments

_LOG_SECONDS = 0.5
_CHECK_SECONDS = 10.0


class ServiceCard(VerticalScroll, can_focus=False):
    """One service, or all of them. The list has the keys that scroll it."""

    def __init__(self, host: Host, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.host = host
        self.text = Text()
        self._service: LiveService | None = None
        self._all: Sequence[LiveService] = ()
        self._badges: Mapping[str, Sequence[Badge]] = {}
        self._ailments: Ailments | None = None
        self._ailment: Ailment | None = None

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static("", markup=False)

    def show(
        self,
        service: LiveService | None,
        services: Sequence[LiveService],
        badges: Mapping[str, Sequence[Badge]],
    ) -> None:
        """Show this one of `services`; None for all of them."""
        self._service, self._all, self._badges = service, services, badges
        self._ailment = self._ailment_of(service) if service is not None else None
        self._write()
        if self._ailment is not None:
            self._look_again(self._ailment)
        else:
            self.workers.cancel_group(self, "ailment")

    def tick(self) -> None:
        """Time has gone by: what is up is up for longer."""
        if self._service is not None:
            self._write()

    def _ailment_of(self, service: LiveService) -> Ailment | None:
        """Why it is not well; None where it is."""
        if service.ready == len(service.containers):
            return None
        if self._ailments is None:
            from devkit.tui.ailments import Ailments

            self._ailments = Ailments()
        return self._ailments.of(service, self.host.session.store.sources)

    @work(exclusive=True, group="ailment", exit_on_error=False)
    async def _look_again(self, ailment: Ailment) -> None:
        """Its last lines come a moment later; and no event tells of another run of a health check that fails again."""
        from devkit.engine.client import Client
        from devkit.engine.live_services import looked_at_again

        wait, container = _LOG_SECONDS, ailment.container.service.container
        while (service := self._service) is not None:
            await asyncio.sleep(wait)
            wait = _CHECK_SECONDS
            if ailment.lasts:
                with suppress(DevkitError):
                    async with Client(self.host.project.docker) as client:
                        service = await looked_at_again(client, service, container)
            self._ailment = self._ailment_of(service)
            self._write()
            if not ailment.lasts:
                return

    def _write(self) -> None:
        from devkit.tui.card_text import card, project_card

        if self._service is None:
            every = [badge for found in self._badges.values() for badge in found]
            text = project_card(self._all, self.host.project.url, every)
        else:
            badges = self._badges.get(self._service.name, ())
            text = card(self._service, now=time.time(), ailment=self._ailment, badges=badges)
        if text != self.text:
            self.text = text
            self.query_one(Static).update(text)
