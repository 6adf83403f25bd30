"""Services as the engine tells of them, made up: for what is shown of them and done to them."""

from __future__ import annotations

from typing import Any, cast

from textual.pilot import Pilot

from devkit.engine.containers import Inspection
from devkit.engine.live_services import LiveService, Snapshot
from devkit.engine.state import ServiceState
from devkit.tui.app import DevkitApp
from devkit.tui.side import Side


def inspection(state: ServiceState, **more: Any) -> Inspection:
    given = {
        "service": state,
        "name": f"shop-{state.name}-1",
        "restart_policy": "no",
        "restarts": 0,
        "started": 1000.0,
        "out_of_memory": False,
        "start_error": "",
        "probes": (),
        **more,
    }
    return Inspection(**given)


def service(name: str, state: str = "running", *, containers: int = 1, **more: Any) -> LiveService:
    """A service with so many containers in that state; `missing` has none."""
    profiles = more.pop("profiles", ())
    health, exit_code, ports = more.pop("health", None), more.pop("exit_code", None), more.pop("ports", ())
    found = [
        inspection(
            ServiceState(name, state, health, f"{name}:1", exit_code, ports, f"{name}{number}" + "0" * 60),  # type: ignore[arg-type]
            name=f"shop-{name}-{number}",
            number=number,
            **more,
        )
        for number in range(1, containers + 1)
    ]
    return LiveService(name, () if state == "missing" else tuple(found), profiles)


async def show(pilot: Pilot[None], *services: LiveService) -> DevkitApp:
    """Let the app's list have these; the engine of these tests does not answer, and says nothing else later."""
    app = cast(DevkitApp, pilot.app)
    while app.session.snapshot.connected:
        await pilot.pause(0.01)
    app.query_one(Side).snapshot_came(Snapshot(services))
    await pilot.pause()
    return app
