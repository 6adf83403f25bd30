"""One row of the list of services, as much of it as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from devkit.engine.containers import Inspection
from devkit.engine.live_services import LiveService
from devkit.engine.state import ServiceState
from devkit.tui.figures import duration, memory

if TYPE_CHECKING:
    from devkit.engine.stats import Sample

ALL = "all services"
_NAME = 14
_SHORT_NAME = 8
_CPU = "100.0%"
_WIDE = 48
"""Cells from which on a row has uptime and port too."""

_GLYPHS = {
    "running": ("●", "green"),
    "exited": ("○", "dim"),
    "restarting": ("↻", "yellow"),
    "paused": ("‖", "yellow"),
    "created": ("○", "dim"),
    "missing": ("·", "dim"),
}


@dataclass(frozen=True)
class Badge:
    """A short sign behind a service's figures, and what it means, for the card."""

    sign: str
    colour: str
    meaning: str


@dataclass(frozen=True)
class Facts:
    """What a row shows besides the service itself. `now` is in seconds since the epoch."""

    width: int
    now: float
    samples: Sequence[Sample] = ()
    """The newest one of each of its containers; what they use together is shown."""
    spark: str = ""
    badges: Sequence[Badge] = ()
    marked: bool = False


def all_row(services: Sequence[LiveService]) -> Text:
    """The row that stands for all of them; services of a profile that nobody started do not count."""
    counted = [one for one in services if one.containers or not one.profiles]
    ready = sum(1 for one in counted if one.containers and one.ready == len(one.containers))
    return Text(f"≡ {ALL} ", end="", no_wrap=True).append(f"{ready}/{len(counted)}", "dim")


def profile_row(profiles: Sequence[str]) -> Text:
    """The head of the services that only start when one of these profiles, or they themselves, are named."""
    return Text(f"  profile {', '.join(profiles)}", "dim italic", end="", no_wrap=True)


def service_row(service: LiveService, facts: Facts) -> Text:
    """State, name, and what it uses or how it ended."""
    state = service.state
    glyph, colour = _glyph(service)
    name = service.name if len(service.containers) < 2 else f"{service.name} x{len(service.containers)}"
    style = "bold" if state.state == "running" else "dim"
    row = Text(f"{glyph}{'✓' if facts.marked else ' '}", colour, end="", no_wrap=True)
    signs = Text.assemble(*((f" {badge.sign}", badge.colour) for badge in facts.badges))
    detail = "" if state.state == "running" else f" {_ended(state)}"
    room = min(_NAME, max(_SHORT_NAME, facts.width - row.cell_len - len(detail or _CPU) - signs.cell_len))
    row.append(f"{name[:room]:<{room}}", f"{style} magenta" if facts.marked else style)
    if detail:
        return row.append(detail, "red" if colour == "red" else "dim").append_text(signs)
    if facts.samples:
        row.append(f"{sum(sample.cpu_percent or 0.0 for sample in facts.samples):5.1f}%")
        used = f" {memory(sum(sample.memory_used for sample in facts.samples)):>5}"
        if facts.width - row.cell_len - signs.cell_len >= len(used):
            row.append(used, "dim")
    elif state.health:
        row.append(f" {state.health}", colour)
    row.append_text(signs)
    if facts.width >= _WIDE:
        return _with_uptime_and_port(row, service, facts)
    room = facts.width - row.cell_len - 1
    return row.append(f" {facts.spark[-room:]}", "cyan") if facts.spark and room > 0 else row


def _with_uptime_and_port(row: Text, service: LiveService, facts: Facts) -> Text:
    """These at the right end, what lies between them and the figures for the curve."""
    shown = shown_container(service)
    up = duration(facts.now - shown.started) if shown is not None else ""
    port = f":{service.state.ports[0].published}" if service.state.ports else ""
    end = f" {up:>6} {port:<6}"
    room = facts.width - row.cell_len - 1 - len(end)
    spark = facts.spark[-room:] if room > 0 else ""
    row.append(f" {spark:<{max(0, room)}}", "cyan")
    return row.append(end, "dim")


def shown_container(service: LiveService) -> Inspection | None:
    """The container whose state is shown as the service's."""
    wanted = service.state.container
    return next((found for found in service.containers if found.service.container == wanted), None)


def _ended(state: ServiceState) -> str:
    return f"exited {state.exit_code}" if state.state == "exited" else state.state


def _glyph(service: LiveService) -> tuple[str, str]:
    state = service.state
    glyph, colour = _GLYPHS[state.state]
    if state.health == "unhealthy" or (state.state == "exited" and state.exit_code):
        return glyph, "red"
    if state.health == "starting":
        return "◐", "yellow"
    if service.ready < len(service.containers) and state.state == "running":
        return glyph, "yellow"
    return glyph, colour
