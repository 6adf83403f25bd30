"""What the palette finds (`:`, ctrl+p): the actions of all keys, tabs, services with what is done to them, themes.

Imported when the palette is opened first. Another part of the app adds a provider of its own to `DevkitApp.COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.actions import parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.markup import escape
from textual.widget import Widget

from devkit.tui import service_menu
from devkit.tui.bindings import bindings_of, group_title
from devkit.tui.compose_action import Action
from devkit.tui.keys.presets import PRESETS
from devkit.tui.pane import TABS
from devkit.tui.side import Side

if TYPE_CHECKING:
    from devkit.tui.app import DevkitApp


@dataclass(frozen=True)
class Command:
    """One entry: its title is what is searched."""

    title: str
    help: str
    run: Callable[[], Awaitable[Any] | Any]


class Commands(Provider):
    """All commands of the app."""

    @property
    def _host(self) -> DevkitApp:
        return cast("DevkitApp", self.app)

    async def startup(self) -> None:
        """Look once at what there is: services and tabs do not change while the palette is open."""
        self._commands = [*self._services(), *self._team(), *self._tabs(), *self._keys(), *self._settings()]

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for command in self._commands:
            yield DiscoveryHit(command.title, command.run, help=escape(command.help))

    async def search(self, query: str) -> Hits:
        """Those whose title has the letters in this order."""
        matcher = self.matcher(query)
        for command in self._commands:
            if (score := matcher.match(command.title)) > 0:
                yield Hit(score, matcher.highlight(command.title), command.run, help=escape(command.help))

    def _services(self) -> Iterator[Command]:
        for service in self._host.services.services:
            for choice in service_menu.of_service(service, ""):
                if isinstance(action := choice.does, Action):
                    yield Command(f"{choice.title}: {service.name}", action.plain, partial(self._host.act, action))

    def _team(self) -> Iterator[Command]:
        side = self._host.query_one(Side)
        for name, line in self._host.project.settings.commands.items():
            yield Command(f"team: {name}", line, partial(side.action_team_command, name))

    def _tabs(self) -> Iterator[Command]:
        for tab in TABS:
            yield Command(f"tab: {tab.title}", "Show it", partial(self._host.open_pane, tab))

    def _keys(self) -> Iterator[Command]:
        seen: set[str] = set()
        nodes: list[DOMNode] = [self.app, self.screen, *self.screen.query("*")]
        for node in nodes:
            if isinstance(node, Widget) and not _is_seen(node):
                continue
            for binding in (binding for owner in type(node).__mro__ for binding in _own(owner)):
                if binding.id is None or binding.id in seen or not _is_active(node, binding):
                    continue
                seen.add(binding.id)
                keys = self._host.preferences.changed.get(binding.id, binding.key)
                shown = " ".join(self.app.get_key_display(one) for one in Binding.make_bindings([(keys, "")]))
                title = f"{group_title(binding.id)}: {binding.description}"
                run = partial(self.app.run_action, binding.action, default_namespace=node)
                yield Command(title, f"{shown}   {binding.tooltip}", run)

    def _settings(self) -> Iterator[Command]:
        preferences = self._host.preferences
        for name in sorted(self.app.available_themes):
            yield Command(f"theme: {name}", "From now on", partial(preferences.choose_theme, name))
        yield Command("keys like devkit", "Its own keys, without a preset", partial(preferences.choose_preset, ""))
        for name, preset in PRESETS.items():
            yield Command(f"keys like {name}", preset.title, partial(preferences.choose_preset, name))


def _own(owner: type) -> list[Binding]:
    is_ours = issubclass(owner, DOMNode) and owner.__module__.startswith("devkit.")
    return bindings_of(owner) if is_ours else []


def _is_seen(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def _is_active(node: DOMNode, binding: Binding) -> bool:
    _, name, arguments = parse(binding.action)
    return node.check_action(name, arguments) is True
