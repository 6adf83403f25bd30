"""The services at the left: the list, the card of the chosen one, and what is done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from devkit.engine.live_services import LiveService, Snapshot
from devkit.project.errors import DevkitError
from devkit.project.services import APP
from devkit.project.this_devkit import devkit_command
from devkit.tui import compose_action
from devkit.tui.compose_action import Action
from devkit.tui.keys.services import SERVICES
from devkit.tui.pane import Host
from devkit.tui.widgets.service_card import ServiceCard
from devkit.tui.widgets.service_list import SPARK_SECONDS, ServiceList
from devkit.tui.widgets.service_row import Badge

if TYPE_CHECKING:
    from devkit.laravel.pages import Page
    from devkit.tui.badges import Badges
    from devkit.tui.choice import Choice
    from devkit.tui.screens.inspection import Part

_UNTIL_READ = """\
"$@"
status=$?
printf '\\n%s ended with status %s. Enter goes back. ' "$0" "$status"
read -r _
exit "$status"
"""
_FIGURES_SECONDS = 1.0
_FIRST_COUNT_SECONDS = 2.0


class Side(Vertical):
    """What the app has beside its tabs. Its keys mean something while the list has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [*SERVICES]

    def __init__(self, host: Host, *, id: str) -> None:
        super().__init__(id=id)
        self.host = host
        self._figures_wait = False
        self._sparks_drawn = 0.0
        self._badges: Badges | None = None

    def on_mount(self) -> None:
        """A person who comes back may have saved files meanwhile."""
        self.watch(self.app, "app_focus", self._focus_changed, init=False)

    def compose(self) -> ComposeResult:
        """List and card."""
        yield ServiceList(id="services")
        yield ServiceCard(self.host, id="card")

    @property
    def services(self) -> ServiceList:
        """The list."""
        return self.query_one("#services", ServiceList)

    @property
    def card(self) -> ServiceCard:
        """What there is to know of the chosen one."""
        return self.query_one("#card", ServiceCard)

    def snapshot_came(self, snapshot: Snapshot) -> None:
        """Services are otherwise than before."""
        self.services.show(snapshot.services)
        self.call_after_refresh(self._show_card)
        if self._badges is not None:
            self._badges.snapshot_came(snapshot)
        else:
            self.set_timer(_FIRST_COUNT_SECONDS, self._begin_to_count)

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
        self.card.tick()
        if self._badges is not None:
            self._badges.lines_may_have_come()

    @on(ServiceList.Chosen)
    def _show_card(self) -> None:
        services = self.services
        self.card.show(services.chosen, services.services, services.badges)

    def _begin_to_count(self) -> None:
        """Badges are for later than the first rows and lines."""
        if self._badges is None:
            from devkit.tui.badges import Badges

            self._badges = Badges(self.host, self, self._show_badges)
            self._badges.snapshot_came(self.host.session.snapshot)

    def _focus_changed(self, focused: bool) -> None:
        if focused:
            self.look_again()

    def look_again(self) -> None:
        """Something happened that may have changed what badges are about."""
        if self._badges is not None:
            self._badges.again()

    def _show_badges(self, badges: Mapping[str, Sequence[Badge]]) -> None:
        self.services.show_badges(badges)
        self._show_card()

    @on(ServiceList.MenuWanted)
    def _menu_wanted(self, event: ServiceList.MenuWanted) -> None:
        from devkit.tui import service_menu

        event.stop()
        if event.profiles:
            self._ask(f"profile {', '.join(event.profiles)}", service_menu.profiles(self.services.services))
        else:
            self.action_menu()

    def action_menu(self) -> None:
        """All that can be done with the chosen service, or with the project."""
        from devkit.tui import service_menu

        service = self.services.chosen
        if service is None:
            self._ask(self.host.project.settings.name, service_menu.of_all(self.services.services))
        else:
            page = self._page()
            self._ask(service.name, service_menu.of_service(service, page.url if page else ""))

    def action_bulk(self) -> None:
        """What can be done with the marked services, or with all, and with profiles."""
        from devkit.tui import service_menu

        marked = self.services.marked
        services = marked or [one for one in self.services.services if one.containers or not one.profiles]
        if not services:
            self.notify("there are no services")
            return
        title = compose_action.named(marked) if marked else f"all {len(services)} services (space marks some of them)"
        self._ask(title, [*service_menu.bulk(services), *service_menu.profiles(self.services.services)])

    def _ask(self, title: str, choices: Sequence[Choice]) -> None:
        from devkit.tui.screens.menu import Menu

        self.app.push_screen(Menu(title, choices), self._chosen)

    async def _chosen(self, choice: Choice | None) -> None:
        if choice is None:
            return
        if isinstance(choice.does, Action):
            self._act(choice.does)
        else:
            await self.run_action(choice.does)

    def _act(self, action: Action) -> None:
        self.services.unmark()
        self.host.act(action)

    def action_service(self, what: str) -> None:
        """Do something to the marked services as one command, or else to the chosen one."""
        if services := self.services.marked or self._one_service():
            self._act(getattr(compose_action, what)(*services))

    def action_card(self, direction: int) -> None:
        """More of the card, or its beginning."""
        (self.card.scroll_page_down if direction > 0 else self.card.scroll_page_up)(animate=False)

    def action_project(self, what: str) -> None:
        """Do something to all of them."""
        self._act(getattr(compose_action, what)(*self.services.services))

    def action_shell(self) -> None:
        """A real terminal in the chosen service."""
        for service in self._one_service():
            self.host.in_terminal(["shell", service.name], f"docker compose exec {service.name} sh")

    def action_inspect(self, part: Part) -> None:
        """Look at the chosen service's container closely."""
        for service in self._one_service():
            if not service.containers:
                self.notify(f"{service.name} has no container", markup=False)
                return
            from devkit.tui.screens.inspection import InspectionScreen

            self.app.push_screen(InspectionScreen(self.host.project, service.name, self.services.service, part))

    def action_team_commands(self) -> None:
        """The commands that the team has in devkit.toml."""
        from devkit.project.settings_file import read_settings
        from devkit.tui import service_menu

        try:
            commands = read_settings(self.host.project.paths.settings).commands
        except DevkitError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        if not commands:
            self.notify('devkit.toml has no [commands]: a line there, as lint = "vendor/bin/pint", is a command')
            return
        self._ask("the team's own commands", service_menu.team_commands(commands))

    def action_team_command(self, name: str) -> None:
        """Run one on the terminal, and let its output stand there until it was read."""
        command = devkit_command(self.host.project.paths.root, name)
        self.host.hand_over(("sh", "-c", _UNTIL_READ, name, *command), f"devkit {name}")

    def action_resources(self) -> None:
        """The project's images, volumes and networks."""
        from devkit.tui.screens.resources import ResourcesScreen

        self.app.push_screen(ResourcesScreen(self.host))

    @work(group="browser", exit_on_error=False)
    async def action_browser(self) -> None:
        """The chosen service's page, or the application's."""
        if (page := self._page()) is None:
            return
        from devkit.setup.browser import open_in_browser

        opened = await asyncio.to_thread(open_in_browser, page.url)
        self.host.say(f"opened {page.url}" if opened else f"no browser was found here: {page.url}", command=page.url)

    def _page(self) -> Page | None:
        """The page of the chosen service, or the application's; None, and why is said, where .env cannot be read."""
        from devkit.setup.pages import page, page_of

        service, project = self.services.chosen, self.host.project
        try:
            own = page_of(project, service.state) if service is not None else None
            return own or page(project, APP)
        except DevkitError as error:
            self.notify(error.message, severity="error", markup=False)
            return None

    def _one_service(self) -> tuple[LiveService, ...]:
        """The chosen service; none, and that one is needed is said, where it is all of them."""
        service = self.services.chosen
        if service is not None:
            return (service,)
        if len(self.services.services) == 1:
            return self.services.services
        self.notify("choose a service first")
        return ()
