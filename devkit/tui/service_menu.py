"""What the menus of services offer: for one, for several at once, for those of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devkit.engine.live_services import LiveService
from devkit.tui import compose_action
from devkit.tui.choice import Choice
from devkit.tui.compose_action import Action

_NUMBERS = 10


def of_service(service: LiveService, page: str) -> list[Choice]:
    """All that can be done with one; `page` is the address that it is opened at."""
    name, runs = service.name, service.state.state == "running"
    choices = [
        _choice("s", "Stop" if compose_action.is_up(service) else "Start", compose_action.start_or_stop(service)),
        _choice("r", "Restart", compose_action.restart(service)),
        _choice("R", "Build and recreate", compose_action.rebuild(service)),
        _choice("c", "Recreate", compose_action.recreate(service)),
    ]
    if runs or service.state.state == "paused":
        choices.append(_choice("p", "Pause" if runs else "Go on", compose_action.pause(service)))
    if runs:
        choices.append(Choice("e", "Shell", f"docker compose exec {name} sh", "shell"))
    choices.append(Choice("o", "Open in the browser", page, "browser"))
    if service.containers:
        container = service.state.container[:12]
        choices += [
            Choice("i", "Inspect", f"docker inspect {container}", "inspect('facts')"),
            Choice("P", "Processes", f"docker compose top {name}", "inspect('processes')"),
            _choice("d", "Remove its containers", compose_action.remove(service)),
        ]
    return choices


def of_all(services: Sequence[LiveService]) -> list[Choice]:
    """What can be done with the project as a whole."""
    return [
        _choice("U", "Start everything", compose_action.up(*services)),
        _choice("D", "Stop and remove everything", compose_action.down(*services)),
        Choice("b", "Several services at once", "", "bulk"),
        Choice("c", "The team's own commands", "", "team_commands"),
        Choice("I", "Images, volumes and networks", "docker system df --verbose", "resources"),
        Choice("o", "Open the application", "", "browser"),
    ]


def team_commands(lines: Mapping[str, str]) -> list[Choice]:
    """The team's own commands, by number as far as these go."""
    return [
        Choice(str(number) if number < _NUMBERS else "·", name, line, f"team_command({name!r})")
        for number, (name, line) in enumerate(lines.items(), 1)
    ]


def bulk(services: Sequence[LiveService]) -> list[Choice]:
    """What can be done with several at once, each as one command."""
    return [
        _choice("u", "Start", compose_action.start(*services)),
        _choice("s", "Stop", compose_action.stop(*services)),
        _choice("r", "Restart", compose_action.restart(*services)),
        _choice("c", "Recreate", compose_action.recreate(*services)),
        _choice("R", "Build and recreate", compose_action.rebuild(*services)),
        _choice("d", "Remove their containers", compose_action.remove(*services)),
    ]


def profiles(services: Sequence[LiveService]) -> list[Choice]:
    """Each profile switched on, or off where all of its services run; by number."""
    found: dict[str, list[LiveService]] = {}
    for service in services:
        for profile in service.profiles:
            found.setdefault(profile, []).append(service)
    choices = []
    for number, (profile, members) in enumerate(found.items(), 1):
        off = all(compose_action.is_up(one) for one in members)
        action = compose_action.profile(profile, members, off=off)
        choices.append(_choice(str(number), f"Profile {profile} {'off' if off else 'on'}", action))
    return choices


def _choice(key: str, title: str, action: Action) -> Choice:
    return Choice(key, title, action.plain, action)
