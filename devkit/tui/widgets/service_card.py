"""What there is to know of the chosen service, and above all why it is not well."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from devkit.engine.containers import Inspection
from devkit.engine.live_services import LiveService
from devkit.logs.escapes import printable
from devkit.tui.figures import duration


class ServiceCard(Static):
    """Shown below the list of services."""

    def show(self, service: LiveService | None, last_lines: Sequence[str] = ()) -> None:
        """This service; `last_lines` are its newest log lines, for one that is not well."""
        self.update(card(service, last_lines, now=time.time()) if service else "")


def card(service: LiveService, last_lines: Sequence[str], *, now: float) -> Text:
    """The text of the card."""
    state = service.state
    text = Text().append(service.name, "bold").append(f"  {state.state}")
    if state.health:
        text.append(f", {state.health}", {"healthy": "green", "unhealthy": "red"}.get(state.health, "yellow"))
    shown = _shown(service)
    if shown is not None and state.state == "running":
        text.append(f"\nup {duration(now - shown.started)}")
        if shown.restarts:
            text.append(f", restarted {shown.restarts} times", "yellow")
    if state.image:
        text.append(f"\n{state.image}", "dim")
    for port in state.ports:
        text.append(f"\n{port.host}:{port.published} → {port.target}/{port.protocol}", "cyan")
    if shown is not None:
        for line in why(shown):
            text.append(f"\n{line}", "red")
        if not state.ready:
            for line in last_lines:
                text.append(f"\n{printable(line)}", "dim")
    return text


def why(found: Inspection) -> list[str]:
    """Why a container is not well: its end, or its last failed health check."""
    state = found.service
    if found.start_error:
        return [printable(found.start_error)]
    if state.state == "exited" and (state.exit_code or found.out_of_memory):
        return ["ended: out of memory" if found.out_of_memory else f"ended with status {state.exit_code}"]
    failed = [probe for probe in found.probes if probe.exit_code]
    if state.health == "healthy" or not failed:
        return []
    output = [printable(line) for line in failed[-1].output.strip().splitlines()[-3:]] or ["it said nothing"]
    return [f"health check failed {found.failing_streak} times, status {failed[-1].exit_code}:", *output]


def _shown(service: LiveService) -> Inspection | None:
    wanted = service.state.container
    return next((found for found in service.containers if found.service.container == wanted), None)
