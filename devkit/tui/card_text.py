"""What the card says: of a service how it does, why it is not well and what would help; of the project the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from devkit.engine.live_services import LiveService
from devkit.logs.escapes import printable
from devkit.tui.figures import duration
from devkit.tui.widgets.service_row import Badge, shown_container

if TYPE_CHECKING:
    from devkit.engine.containers import Inspection
    from devkit.tui.ailments import Ailment

_CHECKS = 2
_OUTPUT_LINES = 3
_LOG_LINES = 8
_LINE = 300


def card(service: LiveService, *, now: float, ailment: Ailment | None = None, badges: Sequence[Badge] = ()) -> Text:
    """The text of the card; `ailment` is of the container that is not well, `now` in seconds since the epoch."""
    state = service.state
    text = Text().append(service.name, "bold").append(f"  {state.state}")
    if state.health:
        text.append(f", {state.health}", _colour(state.health))
    if len(service.containers) > 1:
        text.append(f"  {service.ready} of {len(service.containers)} ready", "dim")
    shown = shown_container(service)
    if shown is not None and state.state == "running":
        text.append(f"\nup {duration(now - shown.started)}")
        if shown.restarts:
            text.append(f", restarted {shown.restarts} times", "yellow")
    for badge in badges:
        text.append(f"\n{badge.meaning}", badge.colour)
    if ailment is not None:
        text.append_text(_why(ailment, number=len(service.containers) > 1))
    if state.image:
        text.append(f"\n{state.image}", "dim")
    if len(service.containers) > 1:
        for found in service.containers:
            text.append_text(_container_line(found, now))
    else:
        for port in state.ports:
            text.append(f"\n{port.host}:{port.published} → {port.target}/{port.protocol}", "cyan")
    if not service.containers and service.profiles:
        text.append(f"\nstarts with its profile {', '.join(service.profiles)}, or by itself: s", "dim")
    return text


def _container_line(found: Inspection, now: float) -> Text:
    """One of several containers: its number, how it does and for how long, and its port."""
    state = found.service
    line = Text(f"\n{found.number or '?':>2} {state.state}", end="")
    if state.health:
        line.append(f", {state.health}", _colour(state.health))
    if state.state == "running":
        line.append(f", up {duration(now - found.started)}", "dim")
    elif state.exit_code is not None:
        line.append(f" {state.exit_code}", "red" if state.exit_code else "dim")
    for port in state.ports:
        line.append(f"  :{port.published}", "cyan")
    return line


def _why(ailment: Ailment, *, number: bool) -> Text:
    """What is wrong, the likely fix, what the health check said, and the log before it."""
    from devkit.engine.diagnosis import failed_checks

    found, diagnosis = ailment.container, ailment.diagnosis
    which = f"number {found.number} " if number else ""
    text = Text("\n", end="").append(f"\n{which}{diagnosis.why}", "red")
    if found.start_error:
        text.append(f"\n{printable(found.start_error)[:_LINE]}", "red")
    if diagnosis.cause:
        text.append(f"\nlikely: {diagnosis.cause}", "yellow")
    else:
        text.append("\nno known cause: i shows its check, e is a shell", "dim")
    checks = failed_checks(found)
    for check in checks[:_CHECKS]:
        times = f", {check.times} times" if check.times > 1 else ""
        text.append(f"\ncheck: status {check.exit_code}{times}", "bold")
        said = check.output.strip().splitlines()[-_OUTPUT_LINES:] or ["it said nothing"]
        for line in said:
            text.append(f"\n  {printable(line)[:_LINE]}", "default")
    if diagnosis.log_lines:
        text.append("\nlog before it:" if checks else "\nlog:", "bold")
        for line in diagnosis.log_lines[-_LOG_LINES:]:
            text.append(f"\n  {printable(line)[:_LINE]}", "dim")
    return text.append("\n")


def project_card(services: Sequence[LiveService], url: str, badges: Sequence[Badge]) -> Text:
    """The card of all services: where the application is, what is not well, and what waits to be done."""
    text = Text().append(url, "cyan")  # as a base style it would be an exact colour
    for found in (found for service in services for found in service.containers if not found.service.ready):
        from devkit.engine.diagnosis import what_is_wrong  # with its table of causes: seldom needed

        if why := what_is_wrong(found):
            text.append(f"\n{found.service.name} {why}", "red")
    for badge in badges:
        text.append(f"\n{badge.meaning}", badge.colour)
    return text


def _colour(health: str) -> str:
    return {"healthy": "green", "unhealthy": "red"}.get(health, "yellow")
